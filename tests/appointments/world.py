"""A practice with clinics, one call each; every value can be changed by name. Slots are made for twelve weeks."""

import itertools
from datetime import UTC, date, datetime, time
from typing import Any

from sqlmodel import col, select

from bot.appointments.timetable.clinics import ClinicRules, add_clinic, add_clinician, add_site
from bot.appointments.timetable.sessions import Hours, add_session
from bot.appointments.timetable.slots import list_slots
from bot.appointments.written_times import read_weekdays
from bot.audit import CONSOLE
from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.tables.appointments import ClaimedTime, Clinic, Clinician, ClinicSession, Site, Slot, Visit, Whose
from bot.tables.organisations import Practice
from bot.tables.patients import Patient

_count = itertools.count(1)
TOMORROW = date(2026, 11, 25)
"""The day after the Tuesday on which tests run."""


def london(written: str) -> datetime:
    """A time on the clock in London, such as `2026-11-25 09:00`, in UTC."""
    return datetime.fromisoformat(written).replace(tzinfo=LONDON).astimezone(UTC)


def make_site(db: Database, practice: Practice, code: str | None = None, **changes: Any) -> Site:
    values: dict[str, Any] = {"name": "Station Health Centre", "address": "12 Station Road"} | changes
    return add_site(db, code or f"SITE-{next(_count)}", practice.code, actor=CONSOLE, **values)


def make_clinician(
    db: Database, practice: Practice, code: str | None = None, *, name: str = "Dr Amina Khan", sex: str = "F"
) -> Clinician:
    return add_clinician(db, code or f"CLINICIAN-{next(_count)}", practice.code, name, sex, CONSOLE)


def make_clinic(
    db: Database, practice: Practice, code: str | None = None, *, site: Site | None = None, **rules: Any
) -> Clinic:
    """A general clinic of ten minutes a slot, nothing held, at a site of its own; rules as `ClinicRules` has them."""
    site = site or make_site(db, practice)
    values: dict[str, Any] = {"slot_minutes": 10} | rules
    return add_clinic(db, code or f"CLINIC-{next(_count)}", practice.code, site.code, ClinicRules(**values), CONSOLE)


def make_session(
    db: Database,
    clinic: Clinic,
    clinician: Clinician | None = None,
    days: str = "mon-fri",
    opens: str = "09:00",
    closes: str = "12:00",
    **hours: Any,
) -> ClinicSession:
    """A session from tomorrow on, with its slots made; of a clinician of its own, or of nobody at an event."""
    if clinician is None and clinic.places is None:
        with db.read() as session:
            practice = session.get_one(Practice, clinic.practice_id)
        clinician = make_clinician(db, practice)
    values: dict[str, Any] = {"starts_on": TOMORROW} | hours
    times = Hours(read_weekdays(days), time.fromisoformat(opens), time.fromisoformat(closes), **values)
    said = add_session(db, clinic.code, clinician.code if clinician else None, times, CONSOLE)
    with db.read() as session:
        return session.get_one(ClinicSession, said.session)


def slots_of(db: Database, clinic: Clinic) -> list[Slot]:
    """The live slots of a clinic by their start."""
    with db.read() as session:
        live = select(Slot).where(Slot.clinic_id == clinic.id, col(Slot.withdrawn_at).is_(None))
        return list(session.exec(live.order_by(col(Slot.starts), col(Slot.id))))


def listed(db: Database, clinic: Clinic, day: date | None = None) -> list[dict[str, Any]]:
    """What `slots list` says of a clinic, of all days or of one."""
    with db.read() as session:
        lines = list(list_slots(session, clinic.code, datetime(2020, 1, 1, tzinfo=UTC)))
    return [line for line in lines if day is None or datetime.fromisoformat(line["starts"]).date() == day]


def put_visit(db: Database, slot: Slot, patient: Patient, **changes: Any) -> Visit:
    """A visit in a slot, stored as it is with the clinician's time claimed: no verb, no text."""
    values: dict[str, Any] = {
        "code": f"T{next(_count):07d}",
        "practice_id": patient.practice_id,
        "patient_id": patient.id,
        "clinic_id": slot.clinic_id,
        "clinician_id": slot.clinician_id,
        "starts": slot.starts,
        "ends": slot.ends,
        "language": patient.language,
        "made_by": "console",
        "made_at": utc_now(),
        "changed_at": utc_now(),
    }
    with db.write() as session:
        visit = Visit(**(values | changes))
        session.add(visit)
        session.flush()
        first, end = (int(moment.timestamp()) // 300 for moment in (visit.starts, visit.ends))
        session.add_all(
            ClaimedTime(kind=Whose.CLINICIAN, whose=visit.clinician_id or 0, cell=cell, visit_id=visit.id)
            for cell in range(first, end)
            if visit.clinician_id is not None
        )
    return visit
