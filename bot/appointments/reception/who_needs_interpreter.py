"""People of a practice who need an interpreter and have no visit to come."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from bot.clock import utc_now
from bot.patients.eligibility import THEIRS_ALONE
from bot.tables.appointments import Visit, VisitState
from bot.tables.interpreters import AgencyPractice, Interpreter, InterpreterLanguage
from bot.tables.patients import Patient


def who_needs_interpreter(session: Session, practice_id: int, most: int) -> tuple[int, Sequence[Patient]]:
    """How many people of a practice need an interpreter and have no visit to come; and the first of them, by name.

    Those come first whose language most of its interpreters speak, and of these who can be texted.
    """
    these = (
        col(Patient.practice_id) == practice_id,
        col(Patient.interpreter).is_(True),
        col(Patient.registered).is_(True),
        col(Patient.deceased).is_(False),
        ~_has_visit(),
    )
    texted = case((col(Patient.phone_status).in_(THEIRS_ALONE), 0), else_=1)
    names = (col(Patient.surname), col(Patient.given_name), col(Patient.id))
    people = session.exec(
        select(Patient).where(*these).order_by(_speakers(practice_id).desc(), texted, *names).limit(most)
    ).all()
    return session.exec(select(func.count()).select_from(Patient).where(*these)).one(), people


def _has_visit() -> ColumnElement[bool]:
    coming = (col(Visit.state) == VisitState.BOOKED) & (col(Visit.starts) > utc_now())
    return select(Visit.id).where(col(Visit.patient_id) == col(Patient.id), coming).exists()


def _speakers(practice_id: int) -> ColumnElement[int]:
    """How many interpreters the practice has for the person's language."""
    return (
        select(func.count())
        .select_from(InterpreterLanguage)
        .join(Interpreter, col(Interpreter.id) == col(InterpreterLanguage.interpreter_id))
        .join(AgencyPractice, col(AgencyPractice.agency_id) == col(Interpreter.agency_id))
        .where(
            AgencyPractice.practice_id == practice_id,
            col(Interpreter.left_at).is_(None),
            col(InterpreterLanguage.language) == col(Patient.language),
        )
        .scalar_subquery()
    )
