"""Slots: made from sessions for weeks ahead, released to everybody, and listed with what has become of each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, case, exists, update
from sqlmodel import Session, col, func, literal, select

from bot.accounts.rights import declare_right, require
from bot.appointments.finding_by_code import clinic_by_code
from bot.appointments.timetable.making import Made, NewSlot, make
from bot.appointments.timetable.rotas import lock_clinics, rotas_of, taken_by
from bot.appointments.timetable.working_days import last_released_day
from bot.appointments.written_times import day_begins
from bot.audit import SERVICE, Actor, record
from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.rows import chunks, insert_many
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import ClaimedTime, Clinic, Clinician, ClinicSession, Site, Slot, SlotKind, Whose
from bot.tables.organisations import Practice

AHEAD = timedelta(weeks=12)
FURTHEST = timedelta(days=366)
_CLINICS_AT_A_TIME = 20
MAKE_SLOTS = declare_right("make-slots", Role.ADMIN)


@dataclass(frozen=True)
class SlotsMade:
    """How many slots were made, and how many times of sessions became none, by reason."""

    made: int
    left_out: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """What `slots make` answers."""
        return {"made": self.made, "left_out": self.left_out}


def make_slots(db: Database, settings: Settings, until: date | None = None, actor: Actor = SERVICE) -> SlotsMade:
    """Make the slots of every session that are not there yet, some clinics a transaction; again it makes none.

    :param until: the last day (London); twelve weeks ahead by default.
    :raises Refused: `bad-date`, that day is past or over a year ahead; not an administrator.
    """
    last = _last_day(until)
    with db.read() as session:
        if actor != SERVICE:
            actor = require(session, actor, MAKE_SLOTS, None)
        statement = select(ClinicSession.clinic_id).where(col(ClinicSession.ended_at).is_(None)).distinct()
        clinics = session.exec(statement.order_by(col(ClinicSession.clinic_id))).all()
    total = Made()
    made = 0
    for some in chunks(clinics, _CLINICS_AT_A_TIME):
        # Twice: somebody may make or import slots of the same clinician at this moment.
        one = db.write_with_retry(partial(_make_and_record, clinic_ids=some, last=last, actor=actor))
        made += len(one.slots)
        total.left_out.update(one.left_out)
    return SlotsMade(made, dict(total.left_out))


def _last_day(until: date | None) -> date:
    today = utc_now().astimezone(LONDON).date()
    last = today + AHEAD if until is None else until
    if not today <= last <= today + FURTHEST:
        raise Refused("bad-date", f"Slots are made from today to {today + FURTHEST}. Choose a day between the two.")
    return last


def _make_and_record(session: Session, clinic_ids: Collection[int], last: date, actor: Actor) -> Made:
    made = make_in(session, clinic_ids, last, utc_now())
    if made.slots:
        record(session, actor, "slots-made", "slots", slots=len(made.slots))
    return made


def make_in(session: Session, clinic_ids: Collection[int], last: date, now: datetime) -> Made:
    """Make the slots of these clinics that are not there yet, from `now` to the end of the last day.

    :raises IntegrityError: somebody stored a slot of the same clinician and time at this moment.
    """
    lock_clinics(session, clinic_ids)
    rotas = rotas_of(session, clinic_ids)
    made = make(rotas, now.astimezone(LONDON).date(), last, now, taken_by(session, rotas, now))
    insert_many(session, Slot, [slot_row(new) for new in made.slots])
    return made


def slot_row(new: NewSlot) -> dict[str, Any]:
    """A slot as its table has it."""
    rota, (times, kind, language) = new
    return {
        "clinic_id": rota.clinic_id,
        "session_id": rota.session_id,
        "clinician_id": rota.clinician_id,
        "starts": times.starts,
        "ends": times.ends,
        "first_cell": times.first_cell,
        "end_cell": times.end_cell,
        "kind": kind,
        "language": language,
    }


def make_slots_ahead(db: Database, settings: Settings) -> None:
    """The job: slots for twelve weeks."""
    make_slots(db, settings)


def release_held_slots(db: Database, settings: Settings) -> int:
    """Open to everybody the held slots whose time has come: at 8:00 on the working day that the clinic says.

    :return: how many were released now.
    """
    now = utc_now()
    with db.write() as session:
        days = session.exec(select(Clinic.release_days).distinct().order_by(col(Clinic.release_days))).all()
        released = sum(_release(session, count, now) for count in days)
        if released:
            record(session, SERVICE, "slots-released", "slots", slots=released)
    return released


def _release(session: Session, release_days: int, now: datetime) -> int:
    """Those of the clinics that release so many working days before."""
    ends = day_begins(last_released_day(now, release_days) + timedelta(days=1))
    statement = (
        update(Slot)
        .where(col(Slot.kind) == SlotKind.HELD, col(Slot.released_at).is_(None), col(Slot.withdrawn_at).is_(None))
        .where(col(Slot.starts) > now, col(Slot.starts) < ends)
        .where(col(Slot.clinic_id).in_(select(Clinic.id).where(Clinic.release_days == release_days)))
        .values(released_at=now)
    )
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]


def list_slots(
    session: Session, clinic_code: str, begin: datetime | None = None, end: datetime | None = None
) -> Iterable[dict[str, Any]]:
    """The slots of a clinic that start between two moments, as `slots list` shows them; all from today by default.

    :raises Refused: no such clinic.
    """
    clinic, now = clinic_by_code(session, clinic_code), utc_now()
    begin = begin or day_begins(now.astimezone(LONDON).date())
    statement = _listing(now).where(col(Slot.clinic_id) == clinic.id, col(Slot.starts) >= begin)
    if end is not None:
        statement = statement.where(col(Slot.starts) < end)
    for slot, site, clinician, state in session.execute(statement):
        yield _line(slot, clinic.code, site, clinician, state)


def free_slots(session: Session, clinic_id: int | None, begin: datetime, end: datetime) -> Sequence[Slot]:
    """The slots of a clinic that start between two moments and are free, by their start."""
    within = (col(Slot.clinic_id) == clinic_id, col(Slot.starts) >= begin, col(Slot.starts) < end)
    of_clinic = select(Slot).join(Clinic, col(Clinic.id) == col(Slot.clinic_id))
    free = of_clinic.where(*within, state_of_slot(utc_now()) == "free")
    return session.exec(free.order_by(col(Slot.starts), col(Slot.id))).all()


def is_held(slot: Slot) -> bool:
    """Whether it is kept for interpreted visits or a language; one that was released is open, and for all."""
    return slot.kind == SlotKind.HELD and slot.released_at is None


def _listing(now: datetime) -> Any:
    return (
        select(Slot, Site.code, Clinician.code, state_of_slot(now))
        .join(Clinic, col(Clinic.id) == col(Slot.clinic_id))
        .join(Site, col(Site.id) == col(Clinic.site_id))
        .join(Clinician, col(Clinician.id) == col(Slot.clinician_id), isouter=True)
        .order_by(col(Slot.starts), Clinician.code, col(Slot.id))
    )


def state_of_slot(now: datetime) -> ColumnElement[str]:
    """What has become of the Slot of a query that joins its Clinic: free, held-for-offer, booked, withdrawn or past."""
    of_clinician = (
        (col(ClaimedTime.kind) == Whose.CLINICIAN)
        & (col(ClaimedTime.whose) == col(Slot.clinician_id))
        & (col(ClaimedTime.cell) >= col(Slot.first_cell))
        & (col(ClaimedTime.cell) < col(Slot.end_cell))
    )
    of_place = (col(ClaimedTime.kind) == Whose.PLACE) & (col(ClaimedTime.whose) == col(Slot.id))
    by_visit, by_offer = col(ClaimedTime.visit_id).is_not(None), col(ClaimedTime.held_until) > now
    seats = select(func.count()).select_from(ClaimedTime).where(of_place)
    full = (
        func.coalesce(Clinic.places, 1) <= seats.where(by_visit).scalar_subquery(),
        func.coalesce(Clinic.places, 1) <= seats.where(by_visit | by_offer).scalar_subquery(),
    )
    nobody = col(Slot.clinician_id).is_(None)
    return case(
        (col(Slot.withdrawn_at).is_not(None), literal("withdrawn")),
        (col(Slot.starts) <= now, literal("past")),
        (exists().where(of_clinician, by_visit) | (nobody & full[0]), literal("booked")),
        (exists().where(of_clinician, by_offer) | (nobody & full[1]), literal("held-for-offer")),
        else_=literal("free"),
    )


def _line(slot: Slot, clinic: str, site: str, clinician: str | None, state: str) -> dict[str, Any]:
    held = is_held(slot)
    return {
        "slot": slot.id,
        "clinic": clinic,
        "site": site,
        "clinician": clinician,
        "starts": slot.starts.isoformat(),
        "ends": slot.ends.isoformat(),
        "kind": SlotKind.HELD.value if held else SlotKind.OPEN.value,
        "language": slot.language if held else None,
        "state": state,
    }


def practice_of_clinic(session: Session, clinic: Clinic) -> Practice:
    """The practice a clinic belongs to."""
    return session.get_one(Practice, clinic.practice_id)
