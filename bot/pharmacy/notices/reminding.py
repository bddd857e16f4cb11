"""Who has not collected after three and after seven days is reminded, by pharmacies that say what was collected."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.clock import next_opening, utc_now
from bot.database import Database
from bot.messaging.many_texts import OneOfMany, queue_each
from bot.patients.eligibility import ON_RECORD, reason_sql
from bot.pharmacy.notices.calling import NOT_DISPENSED
from bot.pharmacy.notices.finding import theirs_sql
from bot.pharmacy.notices.saying import OF_USE, PHARMACY
from bot.pharmacy.notices.subject import about
from bot.pharmacy.notices.withdrawing import OF_READY
from bot.pharmacy.notices.wording import SOMEBODY_ELSE, WILL_COLLECT, reminder_of, values_of
from bot.pharmacy.organising.hours import open_next
from bot.rows import CHUNK
from bot.settings import Settings
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Pharmacy, Practice
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeKind, NoticeState, PrescriptionUpdate

AFTER = (timedelta(days=3), timedelta(days=7))
"""After their text went; there are no more reminders than these."""
AT_MOST = timedelta(days=14)
SAYS_COLLECTED_WITHIN = timedelta(days=30)
"""A pharmacy that has said of nobody in that time that they collected cannot be known to say so."""
_WENT = (NoticeState.QUEUED, NoticeState.SENT, NoticeState.DELIVERED, NoticeState.ANSWERED)
_STILL_COMING = (WILL_COLLECT, SOMEBODY_ELSE)


def remind_to_collect(db: Database, settings: Settings) -> int:
    """The job: queue every reminder that is due, in the sending window; gives how many."""
    now = utc_now()
    with db.read() as session:
        pharmacies = session.exec(select(Pharmacy.id).where(_says_collected(now)).order_by(col(Pharmacy.id))).all()
    return sum(_remind_of(db, settings, number or 0, now) for number in pharmacies)


def _remind_of(db: Database, settings: Settings, pharmacy_id: int, now: datetime) -> int:
    reminded = 0
    while True:
        with db.write() as session:
            pharmacy = session.get_one(Pharmacy, pharmacy_id)
            some = _due(session, pharmacy, now)
            _queue(session, settings, pharmacy, some, now)
        reminded += len(some)
        if len(some) < CHUNK:
            return reminded


def _says_collected(now: datetime) -> ColumnElement[bool]:
    since = now - SAYS_COLLECTED_WITHIN
    by_wire = exists().where(
        col(PrescriptionUpdate.pharmacy_id) == col(Pharmacy.id),
        func.lower(col(PrescriptionUpdate.status)) == NoticeKind.COLLECTED,
        col(PrescriptionUpdate.received_at) > since,
    )
    by_notice = exists().where(
        col(Notice.pharmacy_id) == col(Pharmacy.id),
        col(Notice.kind) == NoticeKind.COLLECTED,
        col(Notice.created_at) > since,
    )
    return or_(by_wire.correlate(Pharmacy), by_notice.correlate(Pharmacy))


Due = tuple[Notice, Patient, Practice, datetime | None]


def _due(session: Session, pharmacy: Pharmacy, now: datetime) -> Sequence[Due]:
    """Of each person the last notice that sent them there, if nothing has been said since and they may be texted."""
    sent = col(Message.sent_at)
    due = or_(
        and_(col(Notice.reminded) == 0, sent <= now - AFTER[0]),
        and_(col(Notice.reminded) == 1, sent <= now - AFTER[1]),
    )
    statement = (
        select(Notice, Patient, Practice, sent)
        .join(Message, col(Message.id) == col(Notice.message_id))
        .join(Patient, col(Patient.id) == col(Notice.patient_id))
        .join(Practice, col(Practice.id) == col(Patient.practice_id))
        .where(
            Notice.pharmacy_id == pharmacy.id,
            col(Notice.created_at) > now - AT_MOST - OF_USE,
            col(Notice.kind).in_(OF_READY),
            col(Notice.state).in_(_WENT),
            col(Notice.collected_at).is_(None),
            or_(col(Notice.answer).is_(None), col(Notice.answer).in_(_STILL_COMING)),
            sent > now - AT_MOST,
            due,
            ~_said_since(),
            theirs_sql(pharmacy),
            reason_sql(ON_RECORD, Kind.REMINDER).is_(None),
        )
        .order_by(col(Notice.id))
        .limit(CHUNK)
    )
    return session.exec(statement.with_for_update(skip_locked=True, key_share=True, of=Notice)).all()


def _said_since() -> ColumnElement[bool]:
    later = aliased(Notice)
    return exists().where(
        col(later.patient_id) == col(Notice.patient_id),
        col(later.pharmacy_id) == col(Notice.pharmacy_id),
        col(later.id) > col(Notice.id),
        col(later.kind).in_((*OF_READY, NoticeKind.PROBLEM)),
        col(later.state) != NoticeState.WITHDRAWN,
        col(later.why_none).is_distinct_from(NOT_DISPENSED),
    )


def _queue(session: Session, settings: Settings, pharmacy: Pharmacy, due: Sequence[Due], now: datetime) -> None:
    goes = next_opening(now, settings, outreach=False)
    key = reminder_of(pharmacy)
    values = values_of(pharmacy, key, open_next(session, pharmacy, goes))
    texts = []
    for notice, person, practice, sent_at in due:
        notice.reminded = sum(now - (sent_at or now) >= after for after in AFTER)
        session.add(notice)
        texts.append(
            OneOfMany(
                text_key=key,
                language=person.language,
                values=values,
                phone=person.phone or "",
                practice=practice,
                patient_id=person.id,
                kind=Kind.REMINDER,
                subject=about(notice),
                dedupe_key=f"notice-reminder:{notice.id}:{notice.reminded}",
                question=PHARMACY,
                use_by=goes + OF_USE,
                detail=key,
                offers_languages=True,
            )
        )
    queue_each(session, settings, texts)
