"""The list of a counter: who is to be phoned, who has not collected, and what else there was today.

It is no list of patients: each line is something the pharmacy said, and shows a person by what the pharmacy itself
entered, the code, the NHS number (where it also gave the birth date) or its prescription. A name is never shown; a
phone number only where somebody is to be phoned whom the pharmacy has texted before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.pharmacy.counter.searching import as_entered
from bot.pharmacy.counter.telling import CHOICES, FROM_FORM
from bot.pharmacy.notices.calling import (
    CALL_INSTEAD,
    NO_TEXT_POSSIBLE,
    NOT_APPROVED,
    NOT_DISPENSED,
    TOO_LATE,
    texted_before,
)
from bot.pharmacy.notices.giving import give_notice, lock_people
from bot.pharmacy.notices.releasing import send_anyway
from bot.pharmacy.notices.states import HELD_DUPLICATE, state_sql, why_none_sql
from bot.pharmacy.notices.withdrawing import OF_READY, withdraw_notice
from bot.pharmacy.notices.wording import PHONE_ME
from bot.pharmacy.organising.pharmacies import pharmacy_by_code
from bot.pharmacy.organising.rights import RUN_PHARMACY
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.messaging import Message
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient, PersonCode
from bot.tables.pharmacy import CounterSearch, Notice, NoticeKind, NoticeState

SHOWN_FOR = timedelta(days=14)
"""For so long somebody who is to be phoned, or has not collected, stays on the list."""
MOST_SHOWN = 300
_GONE = (NoticeState.SENT, NoticeState.DELIVERED, NoticeState.ANSWERED)
_UNSENT = (NoticeState.HELD, NoticeState.QUEUED)
_TO_PHONE = (NO_TEXT_POSSIBLE, CALL_INSTEAD, NOT_APPROVED, NOT_DISPENSED, TOO_LATE)
_SHORT = 8


@dataclass(frozen=True)
class Line:
    """One notice as the counter sees it; `phone` is E.164, or None where the pharmacy is not told it.

    `state` is its state now, `why_none` the code of why no text went or goes yet; times are UTC.
    """

    public: str
    who: str
    what: str
    state: str
    why_none: str | None
    answer: str | None
    at: datetime
    answered_at: datetime | None
    to_phone: bool
    not_collected: bool
    phone: str | None = None

    @property
    def can_withdraw(self) -> bool:
        """Whether its text has not gone yet."""
        return self.state in _UNSENT

    @property
    def waits_for_a_word(self) -> bool:
        """Whether it waits for somebody to say that it goes, because the same was said within a day."""
        return self.state == NoticeState.HELD and self.why_none == HELD_DUPLICATE


@dataclass(frozen=True)
class TodaysList:
    """Each notice once: under the first that is true of it. `more`: there are older ones that are not shown."""

    to_phone: Sequence[Line]
    not_collected: Sequence[Line]
    others: Sequence[Line]
    more: bool


def todays_list(session: Session, pharmacy: Pharmacy, now: datetime) -> TodaysList:
    """What a pharmacy sees of its notices, the newest first, in two statements however many they are."""
    rows = session.execute(_notices(pharmacy, now).limit(MOST_SHOWN + 1)).all()
    lines = _with_phones(session, pharmacy, [_line(row) for row in rows[:MOST_SHOWN]])
    return TodaysList(
        to_phone=[line for line in lines if line.to_phone],
        not_collected=[line for line in lines if line.not_collected and not line.to_phone],
        others=[line for line in lines if not line.not_collected and not line.to_phone],
        more=len(rows) > MOST_SHOWN,
    )


def _notices(pharmacy: Pharmacy, now: datetime) -> Any:
    midnight = datetime.combine(now.astimezone(LONDON).date(), time(), LONDON)
    return (
        columns(
            Notice,
            CounterSearch,
            col(PersonCode.code),
            col(Patient.nhs_number),
            col(Patient.phone),
            state_sql().label("state"),
            why_none_sql().label("why_none"),
            _to_phone().label("to_phone"),
            _not_collected().label("not_collected"),
        )
        .select_from(Notice)
        .outerjoin(Message, col(Message.id) == col(Notice.message_id))
        .outerjoin(CounterSearch, col(CounterSearch.notice_id) == col(Notice.id))
        .outerjoin(Patient, col(Patient.id) == col(Notice.patient_id))
        .outerjoin(
            PersonCode,
            and_(col(PersonCode.patient_id) == col(Notice.patient_id), col(PersonCode.replaced_at).is_(None)),
        )
        .where(col(Notice.pharmacy_id) == pharmacy.id, col(Notice.kind) != NoticeKind.COLLECTED)
        .where(col(Notice.created_at) > now - SHOWN_FOR)
        .where(
            or_(
                col(Notice.created_at) >= midnight,
                col(Notice.answered_at) >= midnight,
                _to_phone(),
                _not_collected(),
            )
        )
        .order_by(col(Notice.created_at).desc(), col(Notice.id).desc())
    )


def count_to_phone(session: Session, pharmacy_id: int, now: datetime) -> int:
    """How many notices a pharmacy has about which somebody is to be phoned."""
    statement = (
        columns(func.count())
        .select_from(Notice)
        .outerjoin(Message, col(Message.id) == col(Notice.message_id))
        .where(col(Notice.pharmacy_id) == pharmacy_id, col(Notice.kind) != NoticeKind.COLLECTED)
        .where(col(Notice.created_at) > now - SHOWN_FOR, _to_phone())
    )
    return int(session.scalar(statement) or 0)


def _to_phone() -> ColumnElement[bool]:
    """They asked for it, or nothing reached them; nobody has phoned yet, and they have not collected."""
    unreached = or_(
        state_sql() == NoticeState.FAILED,
        and_(state_sql() == NoticeState.NOT_TEXTED, why_none_sql().in_(_TO_PHONE)),
    )
    return and_(
        col(Notice.phoned_at).is_(None),
        col(Notice.collected_at).is_(None),
        or_(col(Notice.answer).is_not_distinct_from(PHONE_ME), unreached),
    )


def _not_collected() -> ColumnElement[bool]:
    return and_(col(Notice.kind).in_(OF_READY), col(Notice.collected_at).is_(None), state_sql().in_(_GONE))


def _line(row: Any) -> tuple[Line, int | None, str | None]:
    """A line without its phone, with the person and the phone that may be shown."""
    notice: Notice = row[0]
    line = Line(
        public=notice.public,
        who=_who(notice, row[1], row[2], row[3]),
        what=_what(notice),
        state=row.state,
        why_none=row.why_none,
        answer=notice.answer,
        at=notice.created_at,
        answered_at=notice.answered_at,
        to_phone=bool(row.to_phone),
        not_collected=bool(row.not_collected),
    )
    return line, notice.patient_id, row[4]


def _who(notice: Notice, search: CounterSearch | None, code: str | None, nhs_number: str | None) -> str:
    """What the pharmacy itself entered; of what a system sent without a prescription, what the system calls it."""
    entered = search and as_entered(by_number=search.by_number, nhs_number=nhs_number, code=code)
    if entered:
        return entered
    return f"Prescription {notice.prescription}" if notice.prescription else f"Notice {notice.public[:_SHORT]}"


def _what(notice: Notice) -> str:
    if notice.why_none == NOT_DISPENSED:
        return "Not dispensed"
    word = notice.reason if notice.kind == NoticeKind.PROBLEM else notice.kind
    return CHOICES[word or ""].words


def _with_phones(
    session: Session, pharmacy: Pharmacy, rows: Sequence[tuple[Line, int | None, str | None]]
) -> list[Line]:
    """Phone numbers for those who are to be phoned, where the pharmacy has texted that person before."""
    texted = texted_before(session, [number for line, number, _ in rows if line.to_phone and number])
    return [
        Line(**(vars(line) | {"phone": phone})) if line.to_phone and (pharmacy.id or 0, number) in texted else line
        for line, number, phone in rows
    ]


def mark_collected(db: Database, settings: Settings, pharmacy_code: str, public: str, actor: Actor) -> None:
    """The person has what was ready for them: no reminder goes any more. Again it changes nothing.

    :raises Refused: `unknown-pharmacy`, `not-allowed`, `unknown-notice`.
    """
    with db.write() as session:
        pharmacy, notice, acting = _own(session, pharmacy_code, public, actor)
        lock_people(session, [notice.patient_id or 0])
        session.refresh(notice)
        if notice.collected_at is not None or notice.patient_id is None:
            return
        person = session.get_one(Patient, notice.patient_id)
        kind = NoticeKind.COLLECTED
        give_notice(session, settings, pharmacy, person, kind, source=FROM_FORM, actor=acting, now=utc_now())


def mark_phoned(db: Database, pharmacy_code: str, public: str, actor: Actor) -> None:
    """Somebody has phoned the person. Again it changes nothing.

    :raises Refused: as `mark_collected`.
    """
    with db.write() as session:
        _, notice, acting = _own(session, pharmacy_code, public, actor)
        session.refresh(notice, with_for_update={"key_share": True})
        if notice.phoned_at is not None:
            return
        notice.phoned_at = notice.changed_at = utc_now()
        session.add(notice)
        record(session, acting, "notice-phoned", f"notice:{notice.id}", practice_id=notice.practice_id)


def take_back_notice(db: Database, pharmacy_code: str, public: str, actor: Actor) -> None:
    """A text that has not gone does not go.

    :raises Refused: as `mark_collected`; `notice-gone`.
    """
    with db.write() as session:
        _, notice, acting = _own(session, pharmacy_code, public, actor)
        withdraw_notice(session, notice, acting, utc_now())


def send_held_notice(db: Database, settings: Settings, pharmacy_code: str, public: str, actor: Actor) -> None:
    """What waits because the same was said within a day goes all the same.

    :raises Refused: as `mark_collected`; `not-held`.
    """
    with db.write() as session:
        _, notice, acting = _own(session, pharmacy_code, public, actor)
        send_anyway(session, settings, notice, acting, utc_now())


def _own(session: Session, pharmacy_code: str, public: str, actor: Actor) -> tuple[Pharmacy, Notice, Actor]:
    pharmacy = pharmacy_by_code(session, pharmacy_code)
    acting = require(session, actor, RUN_PHARMACY, pharmacy)
    own = select(Notice).where(Notice.public == public, Notice.pharmacy_id == pharmacy.id)
    notice = session.exec(own).first()
    if notice is None:
        raise Refused("unknown-notice", "There is no such notice here. Go back to the list.")
    return pharmacy, notice, acting
