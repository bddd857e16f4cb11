"""A practice with two interpreters and a morning of free slots, and people who wait for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import SQLModel, col, select

from bot.appointments.packing.planning import plan_waiting
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.rows import insert_row
from bot.settings import Settings
from bot.tables.appointments import Clinic, Visit, VisitPlan, VisitPlanLine, WaitingRequest
from bot.tables.organisations import Agency
from bot.tables.patients import Patient
from tests.appointments.clinics import DAY, Ground, make_agency, make_ground, make_interpreter, make_session
from tests.factories import make_patient
from tests.messaging.helpers import london

EVENING = "2026-11-24 18:30"


@dataclass
class Hall:
    """A clinic on 1 December from 9:00, and the Urdu interpreter SANA, there all day."""

    db: Database
    settings: Settings
    clock: time_machine.Traveller
    ground: Ground
    agency: Agency
    people: list[Patient] = field(default_factory=list)

    def waits(self, clinic: Clinic | None = None, *, campaign_id: int | None = None, **changes: Any) -> WaitingRequest:
        """Somebody of the clinic's practice who needs an interpreter for Urdu joins after everybody before."""
        where = clinic or self.ground.clinic
        wishes = {name: changes.pop(name) for name in ("clinician_sex", "interpreter_sex") if name in changes}
        person = make_patient(
            self.db,
            self.ground.practice,
            **({"language": "ur", "interpreter": True, "practice_id": where.practice_id} | changes),
        )
        self.people.append(person)
        since = utc_now() - timedelta(days=30) + timedelta(minutes=len(self.people))
        whose = {"practice_id": where.practice_id, "patient_id": person.id, "clinic_id": where.id}
        with self.db.write() as session:
            return insert_row(
                session, WaitingRequest, **whose, **wishes, campaign_id=campaign_id, since=since, made_by="console"
            )

    def plan(self, **whose: Any) -> VisitPlan:
        """A plan for the day of the clinic."""
        return plan_waiting(self.db, self.settings, DAY, DAY, CONSOLE, **whose)

    def lines(self, plan: VisitPlan) -> list[VisitPlanLine]:
        """Its lines, who has waited longest first."""
        return [line for line in self.all(VisitPlanLine, "request_id") if line.plan_id == plan.id]

    def all(self, table: type[Any], by: str = "id") -> list[Any]:
        with self.db.read() as session:
            return list(session.exec(select(table).order_by(col(getattr(table, by)))))

    def now_is(self, row: Any) -> Any:
        with self.db.read() as session:
            return session.get_one(type(row), row.id)

    def visits(self) -> list[Visit]:
        return self.all(Visit)

    def count(self, table: type[SQLModel]) -> int:
        with self.db.read() as session:
            return len(session.exec(select(table)).all())


@pytest.fixture
def evening() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(london(EVENING), tick=False) as traveller:
        yield traveller


@pytest.fixture
def hall(db: Database, settings: Settings, evening: time_machine.Traveller) -> Hall:
    ground = make_ground(db)
    agency = make_agency(db, ground.practice)
    make_interpreter(db, agency, code="SANA")
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00", kind="held")
    return Hall(db, settings, evening, ground, agency)
