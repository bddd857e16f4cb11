"""What the wire says becomes notices: the items of a person at a pharmacy are weighed together, as they stand now.

Each under a lock on its people: at once where a text has not gone yet, by the job a few seconds later where none waits,
and when its time has come where something was said ahead.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy import update as changing
from sqlmodel import Session, col, select

from bot.audit import SERVICE
from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.notices.first_a_person import note_not_dispensed
from bot.pharmacy.notices.gathering import WIRE
from bot.pharmacy.notices.giving import Wanted, give_notices, lock_people
from bot.pharmacy.notices.withdrawing import end_ready, withdraw_notice
from bot.pharmacy.wire.checking import SAID_AHEAD
from bot.pharmacy.wire.standing import BROUGHT, TO_COLLECT, Lane, Standing
from bot.refusals import Refused
from bot.rows import among
from bot.settings import Settings
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeKind, NoticeState, PrescriptionUpdate

LOOKS_BACK = SAID_AHEAD + timedelta(days=30)
"""How far back what was said of a person still says how things stand: what was said ahead may be as old."""
AT_A_TIME = 200
LANES = (TO_COLLECT, BROUGHT)
_UNSENT = (NoticeState.HELD, NoticeState.QUEUED)


@dataclass
class _Weighed:
    """What comes of one pharmacy's news: what is said, by lane and of what was collected, what is taken back,
    and who waits for a person of the pharmacy.
    """

    wanted: dict[Lane | None, list[Wanted]] = field(default_factory=lambda: defaultdict(list))
    nothing_ready: set[int] = field(default_factory=set)
    withdrawn: list[Notice] = field(default_factory=list)
    not_dispensed: set[int] = field(default_factory=set)


def weigh(session: Session, settings: Settings, pharmacy: Pharmacy, people: Collection[int], now: datetime) -> None:
    """Say, change and take back what follows from the news of these people, who are locked (`lock_people`)."""
    updates, unsent = _updates_of(session, pharmacy, people, now), _unsent(session, pharmacy, people)
    result = _Weighed()
    for person in session.exec(select(Patient).where(among(session, col(Patient.id), people))):
        theirs = person.id or 0
        standing = Standing(updates[theirs], now)
        for lane in LANES:
            _weigh_lane(result, person, standing, lane, [each for each in unsent[theirs] if each.kind in lane.kinds])
        _weigh_collecting(result, person, standing)
    _carry_out(session, settings, pharmacy, result, now)
    _note_weighed(session, (each for theirs in updates.values() for each in theirs), now)


def _weigh_lane(result: _Weighed, person: Patient, standing: Standing, lane: Lane, unsent: Sequence[Notice]) -> None:
    becoming = standing.becoming(lane)
    since = min((notice.created_at for notice in unsent), default=standing.now)
    concerned = becoming | standing.said_since(lane, since)
    kind = standing.kind(lane, concerned)
    if (becoming and kind) or (kind and _says_otherwise(unsent, kind)):
        alone = next(iter(concerned)) if len(concerned) == 1 else None
        result.wanted[lane].append(Wanted(person, kind, prescription=alone))
    elif kind is None and not (lane is TO_COLLECT and standing.nothing_ready):
        result.withdrawn += unsent


def _says_otherwise(unsent: Sequence[Notice], kind: NoticeKind) -> bool:
    """Whether what is still gathered has to be said in another way; what is queued is on its way already."""
    return any(notice.state == NoticeState.HELD and notice.kind != kind for notice in unsent)


def _weigh_collecting(result: _Weighed, person: Patient, standing: Standing) -> None:
    if standing.not_dispensed:
        result.not_dispensed.add(person.id or 0)
    if standing.nothing_ready and standing.collected:
        result.wanted[None].append(Wanted(person, NoticeKind.COLLECTED))
    elif standing.taken_back:
        result.nothing_ready.add(person.id or 0)


def _carry_out(session: Session, settings: Settings, pharmacy: Pharmacy, result: _Weighed, now: datetime) -> None:
    for notice in result.withdrawn:
        _withdraw(session, notice, now)
    end_ready(session, pharmacy, result.nothing_ready, now)
    for wanted in result.wanted.values():
        give_notices(session, settings, pharmacy, wanted, source=WIRE, actor=SERVICE, now=now)
    note_not_dispensed(session, pharmacy, result.not_dispensed, source=WIRE, actor=SERVICE, now=now)


def _withdraw(session: Session, notice: Notice, now: datetime) -> None:
    try:
        withdraw_notice(session, notice, SERVICE, now)
    except Refused:
        return  # it has gone at this moment


def _updates_of(
    session: Session, pharmacy: Pharmacy, people: Collection[int], now: datetime
) -> Mapping[int, list[PrescriptionUpdate]]:
    statement = select(PrescriptionUpdate).where(
        among(session, col(PrescriptionUpdate.patient_id), people),
        PrescriptionUpdate.pharmacy_id == pharmacy.id,
        col(PrescriptionUpdate.received_at) > now - LOOKS_BACK,
    )
    found: dict[int, list[PrescriptionUpdate]] = defaultdict(list)
    for update in session.exec(statement):
        found[update.patient_id or 0].append(update)
    return found


def _unsent(session: Session, pharmacy: Pharmacy, people: Collection[int]) -> Mapping[int, list[Notice]]:
    """What the wire has said of these people that has not gone yet."""
    statement = select(Notice).where(
        among(session, col(Notice.patient_id), people),
        Notice.pharmacy_id == pharmacy.id,
        *is_unsent(),
    )
    found: dict[int, list[Notice]] = defaultdict(list)
    for notice in session.exec(statement.order_by(col(Notice.id))):
        found[notice.patient_id or 0].append(notice)
    return found


def is_unsent() -> tuple[ColumnElement[bool], ...]:
    """Whether a Notice of a query is one of the wire whose text has not gone yet."""
    return (col(Notice.source) == WIRE, col(Notice.state).in_(_UNSENT))


def _note_weighed(session: Session, updates: Iterable[PrescriptionUpdate], now: datetime) -> None:
    """Of those that were looked at and no others: more may have come meanwhile."""
    done = [update.id for update in updates if update.weighed_at is None and update.counts_from <= now]
    weighed = changing(PrescriptionUpdate).where(among(session, col(PrescriptionUpdate.id), done))
    session.execute(weighed.values(weighed_at=now), execution_options={"synchronize_session": False})


def weigh_due(db: Database, settings: Settings) -> int:
    """The job: weigh what is new and counts by now; gives for how many people of pharmacies."""
    done = 0
    while True:
        with db.write() as session:
            some = _weigh_some(session, settings, utc_now())
        done += some
        if some < AT_A_TIME:
            return done


def _weigh_some(session: Session, settings: Settings, now: datetime) -> int:
    """Another clock may have weighed them by the time their lock is free: then nothing of theirs is new."""
    due = (
        select(PrescriptionUpdate.pharmacy_id, PrescriptionUpdate.patient_id)
        .where(col(PrescriptionUpdate.weighed_at).is_(None), col(PrescriptionUpdate.counts_from) <= now)
        .distinct()
        .limit(AT_A_TIME)
    )
    pairs = [(pharmacy or 0, person or 0) for pharmacy, person in session.exec(due)]
    weigh_pairs(session, settings, pairs, now)
    return len(pairs)


def weigh_pairs(session: Session, settings: Settings, pairs: Iterable[tuple[int, int]], now: datetime) -> None:
    """Weigh people of pharmacies, each pair by their ids."""
    people: dict[int, set[int]] = defaultdict(set)
    for place, person in pairs:
        people[place].add(person)
    lock_people(session, {person for some in people.values() for person in some})
    for pharmacy in session.exec(select(Pharmacy).where(col(Pharmacy.id).in_(people)).order_by(col(Pharmacy.id))):
        weigh(session, settings, pharmacy, people[pharmacy.id or 0], now)
