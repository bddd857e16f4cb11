"""What becomes ready for one person at one pharmacy within a few minutes is one visit, so it is one text.

The NHS wire sends a status for every item. Of each person one notice is held from the first on until `NOTICE_GATHER`
is over, and changes with what comes meanwhile. Within two hours of the pharmacy's last text to them it waits until
these end, and is then said as it stands. Rows alone hold it, so nothing is lost where a process ends in between.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, literal
from sqlalchemy import select as columns
from sqlmodel import Session, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.notices.calling import why_no_text
from bot.pharmacy.notices.ending import keep_from
from bot.pharmacy.notices.saying import say_notices
from bot.pharmacy.notices.withdrawing import OF_READY
from bot.rows import CHUNK, among
from bot.settings import Settings
from bot.tables.messaging import Message, State
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeState

WIRE = "wire"
_TO_COME = (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)
AFTER_THE_LAST = timedelta(hours=2)
"""Source: the NHS's own messages of the same wire, one a person and pharmacy within two hours."""


def gather(
    session: Session, settings: Settings, pharmacy: Pharmacy, notices: Sequence[Notice], now: datetime
) -> Mapping[int, Notice]:
    """Hold new notices, or let the one held already say what they say; for each, by `id()`, the one that counts.

    Their people are locked. A notice that is already held keeps its hour.
    """
    held = _held(session, pharmacy, [notice.patient_id or 0 for notice in notices])
    last = last_texts(session, pharmacy, [notice.patient_id or 0 for notice in notices], now)
    found: dict[int, Notice] = {}
    for notice in notices:
        key = (notice.patient_id or 0, notice.kind in OF_READY)
        waiting = held.setdefault(key, notice)
        if waiting is notice:
            after = last.get(key[0])
            gathered = now + settings.notice_gather
            notice.state, notice.why_none = NoticeState.HELD, None
            notice.goes_at = max(gathered, after + AFTER_THE_LAST) if after else gathered
        else:
            waiting.kind, waiting.changed_at = notice.kind, now
        found[id(notice)] = waiting
    return found


def stand_back(session: Session, pharmacy: Pharmacy, saying: Sequence[Notice]) -> None:
    """What is gathered and says the same as these, which are said at once, waits for somebody to say that it goes."""
    held = _held(session, pharmacy, [notice.patient_id or 0 for notice in saying])
    for notice in saying:
        gathered = held.get((notice.patient_id or 0, notice.kind in OF_READY))
        if gathered is not None and gathered.kind == notice.kind:
            gathered.goes_at, gathered.duplicate_of, gathered.changed_at = None, notice.id, notice.changed_at
            session.add(gathered)


def say_gathered(db: Database, settings: Settings) -> int:
    """The job: say what has been gathered and is due; gives how many notices were settled.

    Whether somebody may be texted is asked now, as things stand, not when the first status came.
    """
    now = utc_now()
    with db.read() as session:
        due = select(Notice.pharmacy_id).where(_due(now)).group_by(col(Notice.pharmacy_id))
        pharmacies = session.exec(due.order_by(col(Notice.pharmacy_id))).all()
    return sum(_say_of(db, settings, number, now) for number in pharmacies)


def _say_of(db: Database, settings: Settings, pharmacy_id: int, now: datetime) -> int:
    said = 0
    while True:
        with db.write() as session:
            some = _say_some(session, settings, session.get_one(Pharmacy, pharmacy_id), now)
        said += some
        if some < CHUNK:
            return said


def _say_some(session: Session, settings: Settings, pharmacy: Pharmacy, now: datetime) -> int:
    """People first, as whoever gives a notice does; one that somebody else has said meanwhile is due no more."""
    mine = select(Notice).where(Notice.pharmacy_id == pharmacy.id, _due(now)).order_by(col(Notice.id))
    seen = session.exec(mine.limit(CHUNK)).all()
    people = _locked(session, {notice.patient_id or 0 for notice in seen})
    still = mine.where(among(session, col(Notice.id), [notice.id for notice in seen])).with_for_update(key_share=True)
    notices = session.exec(still, execution_options={"populate_existing": True}).all()
    ids = list(people)
    last = last_texts(session, pharmacy, ids, now)
    decided = {notice.patient_id or 0 for notice in notices if notice.source != WIRE}
    why = why_no_text(session, pharmacy, list(people.values()), in_english_too=decided)
    keep_from(session, [(notice, why[each]) for notice in notices if (each := notice.patient_id or 0) in why], now)
    going: dict[int, Notice] = {}
    for notice in (notice for notice in notices if notice.patient_id not in why):
        if _settle(notice, last.get(notice.patient_id or 0), going, now):
            going[notice.patient_id or 0] = notice
        session.add(notice)
    session.flush()
    say_notices(session, settings, pharmacy, people, list(going.values()))
    return len(seen)


def _locked(session: Session, ids: Collection[int]) -> Mapping[int, Patient]:
    """These people, so that nothing is said to them meanwhile."""
    theirs = select(Patient).where(among(session, col(Patient.id), ids)).order_by(col(Patient.id))
    rows = session.exec(theirs.with_for_update(key_share=True), execution_options={"populate_existing": True})
    return {person.id or 0: person for person in rows}


def _settle(notice: Notice, last: datetime | None, going: Mapping[int, Notice], now: datetime) -> bool:
    """Whether a notice is said now; else it waits on."""
    last = now if notice.patient_id in going else last
    waits = last is not None and last + AFTER_THE_LAST > now
    notice.changed_at = now
    notice.goes_at = last + AFTER_THE_LAST if waits and last else None
    return not waits


def last_texts(session: Session, pharmacy: Pharmacy, people: Collection[int], now: datetime) -> Mapping[int, datetime]:
    """When the last text of a pharmacy went to each of these people (UTC), cancelled ones left out.

    One that waits for its hour is as if it went now: it is still to come.
    """
    if not people:
        return {}
    went = case(
        (col(Message.state).in_(_TO_COME), literal(now, UTCDateTime())),
        else_=func.coalesce(col(Message.sent_at), col(Message.created_at)),
    )
    statement = (
        columns(col(Notice.patient_id), func.max(went))
        .join(Message, col(Message.id) == col(Notice.message_id))
        .where(
            among(session, col(Notice.patient_id), set(people)),
            col(Notice.pharmacy_id) == pharmacy.id,
            col(Message.state) != State.CANCELLED,
        )
        .group_by(col(Notice.patient_id))
    )
    return {number or 0: at for number, at in session.execute(statement).all()}


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(col(Notice.state) == NoticeState.HELD, col(Notice.goes_at) <= now)


def _held(session: Session, pharmacy: Pharmacy, people: Iterable[int]) -> dict[tuple[int, bool], Notice]:
    """What is gathered now, by person and by whether it sends them to the pharmacy."""
    statement = select(Notice).where(
        among(session, col(Notice.patient_id), set(people)),
        Notice.pharmacy_id == pharmacy.id,
        Notice.state == NoticeState.HELD,
        col(Notice.goes_at).is_not(None),
    )
    locked = statement.order_by(col(Notice.id)).with_for_update(key_share=True)
    rows = session.exec(locked, execution_options={"populate_existing": True})
    return {(notice.patient_id or 0, notice.kind in OF_READY): notice for notice in rows}
