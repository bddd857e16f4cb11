"""Made-up clinics, interpreters and visits, one call each; every value can be changed by name."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.organisations.codes import take_code
from bot.patients.person_codes import unused_code
from bot.tables.appointments import Clinic, Clinician, ClinicSession, Offer, Site, Slot, Visit
from bot.tables.interpreters import AgencyPractice, Interpreter, InterpreterHours, InterpreterLanguage
from bot.tables.organisations import Agency, Practice
from bot.tables.patients import Patient
from tests.factories import make_patient, make_practice, test_phone

_count = itertools.count()
DAY = date(2026, 12, 1)
"""A Tuesday, a week after the day on which tests run."""


def at(clock: str, day: date = DAY) -> datetime:
    """That time of the wall clock in London, in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=LONDON).astimezone(UTC)


@dataclass(frozen=True)
class Ground:
    """A practice with a site, a clinician, a clinic of ten minutes and a person who needs an interpreter."""

    practice: Practice
    site: Site
    clinician: Clinician
    clinic: Clinic
    patient: Patient

    def visits(self, session: Session, n: int) -> list[Visit]:
        """So many visits, in a transaction that is under way."""
        made = [Visit(**visit_values(self, unused_code(session))) for _ in range(n)]
        session.add_all(made)
        session.flush()
        return made


def make_ground(db: Database, code: str = "STATION", **clinic: Any) -> Ground:
    practice = make_practice(db, code)
    site = make_site(db, practice)
    clinician = make_clinician(db, practice)
    patient = make_patient(db, practice, language="ur", interpreter=True, sex="F")
    return Ground(practice, site, clinician, make_clinic(db, practice, site, **clinic), patient)


def _added(db: Database, row: Any) -> Any:
    with db.write() as session:
        session.add(row)
    return row


def make_site(db: Database, practice: Practice, **changes: Any) -> Site:
    values = {
        "code": f"SITE{next(_count)}",
        "practice_id": practice.id,
        "name": "Station Road",
        "address": "12 Station Road",
    }
    made: Site = _added(db, Site(**({"code": f"SITE{next(_count)}"} | values | changes)))
    return made


def make_clinician(db: Database, practice: Practice, **changes: Any) -> Clinician:
    values = {"code": f"DR{next(_count)}", "practice_id": practice.id, "name": "A Nurse", "sex": "F"}
    made: Clinician = _added(db, Clinician(**(values | changes)))
    return made


def make_clinic(db: Database, practice: Practice, site: Site, **changes: Any) -> Clinic:
    values = {
        "code": f"CLINIC{next(_count)}",
        "practice_id": practice.id,
        "site_id": site.id,
        "slot_minutes": 10,
        "created_at": utc_now(),
    }
    made: Clinic = _added(db, Clinic(**(values | changes)))
    return made


def make_session(
    db: Database,
    clinic: Clinic,
    clinician: Clinician | None,
    opens: str = "09:00",
    closes: str = "10:00",
    day: date = DAY,
    **changes: Any,
) -> list[Slot]:
    """One day's hours of a clinic, and their slots; `changes` are those of each slot."""
    with db.write() as session:
        hours = ClinicSession(
            clinic_id=clinic.id,
            clinician_id=clinician.id if clinician else None,
            days=str(day.weekday()),
            opens=time.fromisoformat(opens),
            closes=time.fromisoformat(closes),
            starts_on=day,
            until=day,
        )
        session.add(hours)
        session.flush()
        made = list(_slots(clinic, clinician, hours, at(opens, day), at(closes, day), changes))
        session.add_all(made)
    return made


def _slots(
    clinic: Clinic, clinician: Clinician | None, hours: ClinicSession, opens: datetime, closes: datetime, changes: Any
) -> Sequence[Slot]:
    step = timedelta(minutes=clinic.slot_minutes)
    starts = [opens + n * step for n in range((closes - opens) // step)]
    return [
        Slot(
            **{
                "clinic_id": clinic.id,
                "session_id": hours.id,
                "clinician_id": clinician.id if clinician else None,
                "starts": start,
                "ends": start + step,
                "first_cell": int(start.timestamp()) // 300,
                "end_cell": int((start + step).timestamp()) // 300,
            }
            | changes
        )
        for start in starts
    ]


def make_agency(db: Database, *practices: Practice, code: str = "VOICES") -> Agency:
    with db.write() as session:
        take_code(session, code, "agency")
        agency = Agency(code=code, name="Voices", created_at=utc_now())
        session.add(agency)
        session.flush()
        session.add_all(AgencyPractice(agency_id=agency.id, practice_id=practice.id) for practice in practices)
    return agency


def make_interpreter(
    db: Database,
    agency: Agency,
    languages: Sequence[str] = ("ur",),
    hours: Sequence[tuple[int, str, str]] = tuple((day, "08:00", "18:00") for day in range(7)),
    **changes: Any,
) -> Interpreter:
    index = next(_count)
    values = {
        "code": f"INT{index:05d}",
        "agency_id": agency.id,
        "name": "Sana Malik",
        "sex": "F",
        "phone": test_phone(900 + index % 90),
        "in_person_notice": 0,
        "telephone_notice": 0,
        "created_at": utc_now(),
        "updated_at": utc_now(),
    }
    with db.write() as session:
        made = Interpreter(**(values | changes))
        session.add(made)
        session.flush()
        session.add_all(InterpreterLanguage(interpreter_id=made.id, language=tag) for tag in languages)
        session.add_all(
            InterpreterHours(
                interpreter_id=made.id, weekday=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
            )
            for day, opens, closes in hours
        )
    return made


def visit_values(ground: Ground, code: str) -> dict[str, Any]:
    return {
        "code": code,
        "practice_id": ground.practice.id,
        "patient_id": ground.patient.id,
        "clinic_id": ground.clinic.id,
        "clinician_id": ground.clinician.id,
        "site_id": ground.site.id,
        "starts": at("09:00"),
        "ends": at("09:20"),
        "made_by": "console",
        "made_at": utc_now(),
        "changed_at": utc_now(),
    }


def make_visit(db: Database, ground: Ground, **changes: Any) -> Visit:
    """A visit as a row alone: it claims no time."""
    with db.write() as session:
        visit = Visit(**(visit_values(ground, unused_code(session)) | changes))
        session.add(visit)
    return visit


def make_offer(db: Database, ground: Ground, **changes: Any) -> Offer:
    """An offer as a row alone: it holds no time."""
    values = {
        "practice_id": ground.practice.id,
        "patient_id": ground.patient.id,
        "clinic_id": ground.clinic.id,
        "clinician_id": ground.clinician.id,
        "number": 1,
        "starts": at("09:00"),
        "ends": at("09:20"),
        "held_until": utc_now() + timedelta(minutes=30),
        "until": utc_now() + timedelta(hours=24),
        "made_at": utc_now(),
    }
    made: Offer = _added(db, Offer(**(values | changes)))
    return made
