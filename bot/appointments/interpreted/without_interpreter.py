"""Visits to come that need an interpreter and have none: what staff see, and what has been tried."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, func, select

from bot.appointments.interpreted.seeking_until import sought_until
from bot.rows import among
from bot.tables.appointments import InterpreterState, Visit, VisitState
from bot.tables.interpreters import AskState, InterpreterAsk
from bot.tables.patients import Patient


@dataclass(frozen=True)
class WithoutInterpreter:
    """A visit without an interpreter. `asked`: how many were asked so far, `answers`: whether one can still say.

    `until`: when seeking stops and the person is asked (UTC); None where that is over. `rings`: the person keeps the
    time, and staff ring an interpreter when it begins.
    """

    visit: Visit
    patient: Patient | None
    asked: int
    answers: bool
    until: datetime | None
    rings: bool


def list_without_interpreter(session: Session, practice_id: int, now: datetime) -> list[WithoutInterpreter]:
    """Those of a practice, the next first; three statements at most."""
    statement = (
        select(Visit, Patient)
        .outerjoin(Patient, col(Patient.id) == col(Visit.patient_id))
        .where(*_coming(practice_id, now), or_(_lacks(), _rings()))
        .order_by(col(Visit.starts), col(Visit.id))
    )
    rows = session.exec(statement).all()
    asked = _asked(session, [visit.id or 0 for visit, _ in rows])
    return [_line(visit, patient, asked) for visit, patient in rows]


def count_without_interpreter(session: Session, practice_id: int, now: datetime) -> tuple[int, int]:
    """How many visits lack one: those for which somebody is sought, and those for which nobody was found."""
    statement = (
        select(Visit.interpreter_state, func.count())
        .where(*_coming(practice_id, now), _lacks())
        .group_by(Visit.interpreter_state)
    )
    counted = dict(session.exec(statement).all())
    return counted.get(InterpreterState.SEEKING, 0), counted.get(InterpreterState.FAILED, 0)


def _coming(practice_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Visit.practice_id) == practice_id,
        col(Visit.state).in_((VisitState.BOOKED, VisitState.ARRIVED)),
        col(Visit.ends) > now,
    )


def _lacks() -> ColumnElement[bool]:
    return col(Visit.interpreter_state).in_((InterpreterState.SEEKING, InterpreterState.FAILED))


def _rings() -> ColumnElement[bool]:
    return and_(col(Visit.interpreter_state) == InterpreterState.BOOKED, col(Visit.interpreter_id).is_(None))


def _asked(session: Session, visit_ids: Sequence[int]) -> Counter[tuple[int, str]]:
    statement = (
        select(InterpreterAsk.visit_id, InterpreterAsk.state, func.count())
        .where(among(session, col(InterpreterAsk.visit_id), visit_ids))
        .group_by(col(InterpreterAsk.visit_id), col(InterpreterAsk.state))
    )
    return Counter({(visit_id, state): number for visit_id, state, number in session.exec(statement)})


def _line(visit: Visit, patient: Patient | None, asked: Counter[tuple[int, str]]) -> WithoutInterpreter:
    number = sum(asked[visit.id or 0, state] for state in AskState)
    seeking = visit.interpreter_state == InterpreterState.SEEKING
    return WithoutInterpreter(
        visit=visit,
        patient=patient,
        asked=number,
        answers=asked[visit.id or 0, AskState.ASKED] > 0,
        until=sought_until(visit.starts, visit.changed_at) if seeking else None,
        rings=visit.interpreter_state == InterpreterState.BOOKED,
    )
