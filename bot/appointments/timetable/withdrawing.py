"""A clinician is away on a day: their slots go, and whoever had a visit is moved, offered times, or left to staff."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.by_text.offering import offer_times
from bot.appointments.by_text.telling import tell_off, why_no_text
from bot.appointments.finding_by_code import clinician_by_code
from bot.appointments.joint.booking import in_one_step
from bot.appointments.joint.choosing import FreeTime
from bot.appointments.joint.claims import TakenError
from bot.appointments.joint.finding import Wish, find_times
from bot.appointments.joint.moving import move_in, wish_of_visit
from bot.appointments.subject import VISIT
from bot.appointments.timetable.clinics import MANAGE_CLINICS
from bot.appointments.timetable.fitting import mark_to_move, withdraw
from bot.appointments.timetable.rotas import lock_clinics
from bot.appointments.visits import lock_visit
from bot.appointments.written_times import day_begins
from bot.audit import Actor, record
from bot.clock import LONDON, london_today, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import STILL_OFFERED, Clinician, ClinicianAway, Offer, Slot, Visit, VisitKind, VisitState
from bot.tables.messaging import Message
from bot.tables.organisations import Practice

AT_MOST_OFF = timedelta(hours=2)
"""A visit is moved without asking by no more than this, on its own day."""
LONGEST_REASON = 200
MOVED, OFFERED, TO_STAFF, TOLD = "moved", "offered", "to_staff", "told"
_LOOKED_AT = 200


@dataclass(frozen=True)
class Withdrawn:
    """What became of the visits: moved + offered + to_staff are all of them, and `told` were sent a text."""

    moved: int = 0
    offered: int = 0
    to_staff: int = 0
    told: int = 0

    def as_json(self) -> dict[str, Any]:
        """What `sessions withdraw` answers."""
        return dict(vars(self))


class _Settled(NamedTuple):
    """What became of one visit, and whether its person was sent a text."""

    became: str
    told: bool


def withdraw_session(
    db: Database, settings: Settings, clinician_code: str, day: date, reason: str, actor: Actor
) -> Withdrawn:
    """Withdraw a clinician's slots of a day (London), and see to each visit in a transaction of its own.

    Said again it goes on with the visits that nobody has seen to yet.

    :raises Refused: `unknown-clinician`, `bad-date` (past), `bad-reason`, or not allowed.
    """
    reason = _checked(day, reason)
    visits = in_one_step(db, lambda session: _take_out(session, clinician_code, day, reason, actor))
    counts: Counter[str] = Counter()
    for visit_id in visits:
        settled = _see_to(db, settings, visit_id, actor)
        if settled is not None:
            counts.update([settled.became, *[TOLD] * settled.told])
    return Withdrawn(**counts)


def _checked(day: date, reason: str) -> str:
    if day < london_today():
        raise Refused("bad-date", f"{day} is past. Say on which day from today on the clinician is away.")
    reason = reason.strip()
    if not (0 < len(reason) <= LONGEST_REASON and reason.isprintable()):
        message = f"Say why in at most {LONGEST_REASON} letters, on one line. Only staff read it."
        raise Refused("bad-reason", message)
    return reason


def _take_out(session: Session, clinician_code: str, day: date, reason: str, actor: Actor) -> list[int]:
    """Withdraw the slots and mark the visits; gives the ids of all that wait to be seen to, by their start."""
    clinician, now = clinician_by_code(session, clinician_code), utc_now()
    used = require(session, actor, MANAGE_CLINICS, session.get_one(Practice, clinician.practice_id))
    key = clinician.id or 0, day
    if session.get(ClinicianAway, key) is None:
        session.add(ClinicianAway(clinician_id=key[0], day=day, why=reason, said_at=now))
        session.flush()
    slots = _slots(session, clinician, day, now)
    lock_clinics(session, {slot.clinic_id for slot in slots})
    slots = _slots(session, clinician, day, now)
    withdraw(session, slots, {slot.id or 0: reason for slot in slots}, now)
    visits = _visits(session, clinician, day, now)
    mark_to_move(session, visits, now)
    waiting = [visit.id or 0 for visit in visits]
    about, counts = f"clinician:{clinician.code}", {"withdrawn": len(slots), "visits": len(waiting)}
    record(session, used, "clinician-away", about, practice_id=clinician.practice_id, **counts)
    return waiting


def _slots(session: Session, clinician: Clinician, day: date, now: datetime) -> list[Slot]:
    begins, ends = _bounds(day, now)
    statement = select(Slot).where(Slot.clinician_id == clinician.id, Slot.starts > begins, Slot.starts < ends)
    return list(session.exec(statement.where(col(Slot.withdrawn_at).is_(None)).order_by(col(Slot.id))))


def _visits(session: Session, clinician: Clinician, day: date, now: datetime) -> list[Visit]:
    """Those in the practice's own system among them: there the clinician is away too."""
    begins, ends = _bounds(day, now)
    statement = (
        select(Visit)
        .where(Visit.clinician_id == clinician.id, Visit.state == VisitState.BOOKED)
        .where(col(Visit.starts) > begins, col(Visit.starts) < ends)
    )
    return list(session.exec(statement.order_by(col(Visit.starts), col(Visit.id))))


def _bounds(day: date, now: datetime) -> tuple[datetime, datetime]:
    """What is still to come of a day, the first moment not in it."""
    begins = day_begins(day) - timedelta(microseconds=1)
    return max(begins, now), day_begins(day + timedelta(days=1))


def _see_to(db: Database, settings: Settings, visit_id: int, actor: Actor) -> _Settled | None:
    """See to one visit. Whoever was quicker to take the times that were found leaves it to staff."""
    try:
        return in_one_step(db, lambda session: _settle(session, settings, visit_id, actor))
    except (Refused, TakenError):
        return _Settled(TO_STAFF, told=False)


def _settle(session: Session, settings: Settings, visit_id: int, actor: Actor) -> _Settled | None:
    visit = session.get_one(Visit, visit_id)
    wish = _wish(session, settings, visit)
    if wish is None:
        return _Settled(TO_STAFF, told=False)
    lock_clinics(session, [wish.clinic.id or 0])
    lock_visit(session, visit.id)
    if visit.state != VisitState.BOOKED or visit.to_move_since is None:
        return None
    if _has_offers(session, visit):
        return _Settled(OFFERED, told=False)
    if (time := _near(session, wish, visit)) is not None:
        try:
            move_in(session, settings, visit, time.starts, actor)
        except (Refused, TakenError):
            pass
        else:
            return _Settled(MOVED, _was_told(session, visit))
    return _Settled(OFFERED, True) if _offered(session, settings, wish, visit) else _Settled(TO_STAFF, False)


def _offered(session: Session, settings: Settings, wish: Wish, visit: Visit) -> bool:
    """Offer times, and say first why: a list alone does not tell anybody that the time they have is gone."""
    with session.begin_nested() as both:
        tell_off(session, settings, visit)
        if offer_times(session, settings, wish):
            return True
        both.rollback()
    return False


def _wish(session: Session, settings: Settings, visit: Visit) -> Wish | None:
    """What is sought for a visit; None where only staff can: nobody to text, or another system's visit."""
    if visit.kind != VisitKind.OURS or visit.patient_id is None or why_no_text(session, visit) is not None:
        return None
    return wish_of_visit(session, visit)


def _near(session: Session, wish: Wish, visit: Visit) -> FreeTime | None:
    """The time that is nearest, on the same day and in the same way, that meets the same needs."""
    from_, until = visit.starts - AT_MOST_OFF, visit.starts + AT_MOST_OFF + timedelta(minutes=1)
    found = find_times(session, wish, utc_now(), limit=_LOOKED_AT, from_=from_, until=until)
    day = visit.starts.astimezone(LONDON).date()
    fit = [each for each in found.times if each.starts.astimezone(LONDON).date() == day and each.mode == visit.mode]
    return min(fit, key=lambda each: (abs(each.starts - visit.starts), each.starts), default=None)


def _has_offers(session: Session, visit: Visit) -> bool:
    """Whether times were offered in its place already, and can still be answered."""
    statement = select(Offer.id).where(
        Offer.moves_visit_id == visit.id,
        col(Offer.state).in_(STILL_OFFERED),
        Offer.until > utc_now(),
    )
    return session.exec(statement.limit(1)).first() is not None


def _was_told(session: Session, visit: Visit) -> bool:
    statement = select(Message.id).where(
        Message.subject_kind == VISIT, Message.subject_id == visit.id, Message.subject_sequence == visit.sequence
    )
    return session.exec(statement.limit(1)).first() is not None
