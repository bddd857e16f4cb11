"""A pharmacy says something to people: a notice each, with its text in the same transaction, or why there is none.

Who is texted without being asked: people whose recorded language is not English, or whose language nobody knows. What
comes from the NHS wire is gathered first (`gathering`); all else is said at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.pharmacy.notices.calling import CALL_INSTEAD, NO_TEXT_POSSIBLE, NOTHING_TO_SAY, why_no_text
from bot.pharmacy.notices.gathering import WIRE, gather, stand_back
from bot.pharmacy.notices.happening import Happened, happened_to_many
from bot.pharmacy.notices.saying import say_notices
from bot.pharmacy.notices.withdrawing import end_ready, withdraw_held_duplicates
from bot.refusals import Refused
from bot.rows import among, insert_many
from bot.settings import Settings
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeKind, NoticeState, ProblemReason

BY_PEOPLE = ("form", "console")
SAME_AGAIN = timedelta(hours=24)
"""For so long the same kind of notice to the same person waits until somebody says that it goes all the same."""
SAID = (NoticeState.QUEUED, NoticeState.SENT, NoticeState.DELIVERED, NoticeState.ANSWERED)
"""States of a notice whose text went, or goes."""


@dataclass(frozen=True)
class Wanted:
    """What a pharmacy wants to say to whom: `person` is None where it may not speak of them (`finding`).

    `send_anyway`: although the same was said within a day, or they read English.
    """

    person: Patient | None
    kind: str
    reason: str | None = None
    prescription: str | None = None
    send_anyway: bool = False


def give_notice(
    session: Session,
    settings: Settings,
    pharmacy: Pharmacy,
    person: Patient | None,
    kind: str,
    *,
    reason: str | None = None,
    prescription: str | None = None,
    source: str,
    send_anyway: bool = False,
    actor: Actor,
    now: datetime,
) -> Notice:
    """Say one thing to one person, in the caller's transaction.

    The notice is `queued` with its text, `not-texted` with `why_none`, or `held`: as `duplicate_of` another one, or,
    from the wire, until `goes_at`. Of the wire, `kind` is how everything of theirs at the pharmacy stands now, and
    again within the gathering it changes the notice that is held; `collected` where nothing waits for them any more.

    :param person: as `finding` gives them; None makes a notice that says no text is possible, and why not.
    :param source: `wire`, `api`, `form`, `console`.
    :raises Refused: `bad-reason`, `bad-kind`.
    """
    wanted = Wanted(person, kind, reason, prescription, send_anyway)
    return give_notices(session, settings, pharmacy, [wanted], source=source, actor=actor, now=now)[0]


def give_notices(
    session: Session,
    settings: Settings,
    pharmacy: Pharmacy,
    wanted: Sequence[Wanted],
    *,
    source: str,
    actor: Actor,
    now: datetime,
) -> list[Notice]:
    """`give_notice` for many, in their order, with as many statements as for one. From the wire a person comes once.

    :raises Refused: `bad-reason`, `bad-kind`; nothing of all is kept.
    """
    for one in wanted:
        refuse_bad_kind(one.kind, one.reason)
    notices = [new_notice(pharmacy, one, source, actor, now) for one in wanted]
    known = [(one, notice) for one, notice in zip(wanted, notices, strict=True) if one.person is not None]
    people = {one.person.id or 0: one.person for one, _ in known if one.person}
    lock_people(session, people)
    _end_collected(session, pharmacy, [notice for _, notice in known], now)
    speaking = [(one, notice) for one, notice in known if notice.kind != NoticeKind.COLLECTED]
    if source == WIRE:
        gathered = gather(session, settings, pharmacy, [notice for _, notice in speaking], now)
        return _stored(session, [gathered.get(id(notice), notice) for notice in notices])
    going = {notice.public for notice in _decide(session, pharmacy, speaking, now)}
    notices = _stored(session, notices)
    _name_the_first(notices)
    _note(session, notices, source, actor, now)
    saying = [notice for notice in notices if notice.public in going]
    stand_back(session, pharmacy, saying)
    say_notices(session, settings, pharmacy, people, saying)
    return notices


def refuse_bad_kind(kind: str, reason: str | None) -> None:
    """:raises Refused: `bad-kind`; `bad-reason`, a problem without a reason, or anything else with one."""
    if kind not in list(NoticeKind):
        raise Refused("bad-kind", f"A notice is one of: {', '.join(NoticeKind)}.")
    if kind == NoticeKind.PROBLEM and reason not in list(ProblemReason):
        raise Refused("bad-reason", f"A problem has one of these reasons: {', '.join(ProblemReason)}.")
    if kind != NoticeKind.PROBLEM and reason is not None:
        raise Refused("bad-reason", "Only a problem has a reason. Leave it out.")


def lock_people(session: Session, ids: Collection[int]) -> None:
    """Two notices to one person at once come one after the other, so that the second sees the first.

    Always in the order of their ids: two requests for many people cannot wait for each other.
    """
    if ids:
        locked = select(Patient.id).where(among(session, col(Patient.id), ids)).order_by(col(Patient.id))
        session.exec(locked.with_for_update(key_share=True)).all()


def new_notice(pharmacy: Pharmacy, wanted: Wanted, source: str, actor: Actor, now: datetime) -> Notice:
    """A notice as it stands before anybody looked whether it can be said."""
    collected = wanted.kind == NoticeKind.COLLECTED
    return Notice(
        public=str(uuid4()),
        pharmacy_id=pharmacy.id or 0,
        practice_id=wanted.person.practice_id if wanted.person else None,
        patient_id=wanted.person.id if wanted.person else None,
        kind=str(wanted.kind),
        reason=str(wanted.reason) if wanted.reason else None,
        prescription=wanted.prescription,
        state=NoticeState.NOT_TEXTED,
        source=source,
        why_none=NOTHING_TO_SAY if wanted.person and collected else NO_TEXT_POSSIBLE,
        made_by=actor.label[:64],
        created_at=now,
        changed_at=now,
    )


def _decide(
    session: Session, pharmacy: Pharmacy, speaking: Sequence[tuple[Wanted, Notice]], now: datetime
) -> list[Notice]:
    """Which of these are said; each of the others says why not, or waits for somebody to say that it goes."""
    people = [one.person for one, _ in speaking if one.person]
    anyway = {one.person.id or 0 for one, _ in speaking if one.person and one.send_anyway}
    why = why_no_text(session, pharmacy, people, in_english_too=anyway)
    before = said_lately(session, pharmacy, people, now)
    going: list[Notice] = []
    for one, notice in speaking:
        same = (notice.patient_id, notice.kind)
        notice.why_none = why.get(notice.patient_id or 0)
        if notice.why_none is not None:
            continue
        notice.state = NoticeState.HELD
        if same in before and not one.send_anyway:
            notice.duplicate_of = before[same]
        else:
            going.append(notice)
            before[same] = None
    released = {(notice.patient_id, notice.kind) for one, notice in speaking if one.send_anyway and notice in going}
    withdraw_held_duplicates(session, pharmacy, released, now)
    return going


def said_lately(
    session: Session, pharmacy: Pharmacy, people: Sequence[Patient], now: datetime
) -> dict[tuple[int | None, str], int | None]:
    """The last notice of each person and kind that was said within a day."""
    if not people:
        return {}
    statement = select(Notice.patient_id, Notice.kind, Notice.id).where(
        among(session, col(Notice.patient_id), {person.id for person in people}),
        Notice.pharmacy_id == pharmacy.id,
        col(Notice.created_at) > now - SAME_AGAIN,
        col(Notice.state).in_(SAID),
    )
    return {(number, kind): last for number, kind, last in session.exec(statement.order_by(col(Notice.id))).all()}


def _stored(session: Session, notices: Sequence[Notice]) -> list[Notice]:
    """These notices as rows: new ones are inserted all at once, for a flush would insert them one by one."""
    new = {notice.public: notice for notice in notices if notice.id is None}
    insert_many(session, Notice, [notice.model_dump(exclude={"id"}) for notice in new.values()])
    statement = select(Notice).where(among(session, col(Notice.public), new))
    rows = {row.public: row for row in session.exec(statement)} if new else {}
    return [rows.get(notice.public, notice) for notice in notices]


def _name_the_first(notices: Sequence[Notice]) -> None:
    """A second one of the same request names the first, which has its number by now."""
    first: dict[tuple[Any, str], int | None] = {}
    for notice in notices:
        same = (notice.patient_id, notice.kind)
        if notice.state != NoticeState.HELD:
            continue
        if same in first and notice.duplicate_of is None:
            notice.duplicate_of = first[same]
        first.setdefault(same, notice.id)


def _note(session: Session, notices: Sequence[Notice], source: str, actor: Actor, now: datetime) -> None:
    """What a person's deed was; a system's stands on the notice itself."""
    for notice in notices:
        if source in BY_PEOPLE:
            record(session, actor, "notice-given", f"notice:{notice.id}", practice_id=notice.practice_id)
    called = [(notice, Happened.CALL_INSTEAD) for notice in notices if notice.why_none == CALL_INSTEAD]
    happened_to_many(session, called, now)


def _end_collected(session: Session, pharmacy: Pharmacy, notices: Sequence[Notice], now: datetime) -> None:
    """Who has collected is reminded no more, and a text that has not gone yet does not send them."""
    people = [notice.patient_id or 0 for notice in notices if notice.kind == NoticeKind.COLLECTED]
    end_ready(session, pharmacy, people, now)
