"""What interpreters were booked for and did not do: agencies are paid by who gave it up, and how late."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.tables.appointments import InterpreterGivenUp, Visit
from bot.tables.interpreters import Interpreter
from bot.tables.organisations import Agency

LATE = timedelta(hours=24)
"""Before the visit; what is given up later than that is charged by most agencies."""


@dataclass(frozen=True)
class GivenUpLine:
    """A visit that an interpreter had and lost. `by`: `interpreter`, `away`, `person` or `practice`."""

    visit: str
    interpreter: str
    hours_before: float
    late: bool
    by: str

    def as_json(self) -> dict[str, Any]:
        """What `interpreters cancellations` says."""
        return dict(vars(self))


def list_given_up(session: Session, agency: Agency) -> list[GivenUpLine]:
    """Of all interpreters of an agency, in the order in which it happened. Nothing says whose visit it was."""
    statement = (
        select(InterpreterGivenUp, Visit.code, Interpreter.code)
        .join(Visit, col(Visit.id) == col(InterpreterGivenUp.visit_id))
        .join(Interpreter, col(Interpreter.id) == col(InterpreterGivenUp.interpreter_id))
        .where(Interpreter.agency_id == agency.id)
        .order_by(col(InterpreterGivenUp.at), col(InterpreterGivenUp.id))
    )
    return [_line(given_up, visit, interpreter) for given_up, visit, interpreter in session.exec(statement)]


def _line(given_up: InterpreterGivenUp, visit: str, interpreter: str) -> GivenUpLine:
    before = given_up.starts - given_up.at
    hours = max(0.0, round(before / timedelta(hours=1), 2))
    return GivenUpLine(visit, interpreter, hours, late=before < LATE, by=given_up.by)
