"""People of the demo practice with whom a visit can be tried: nobody else's page names them."""

from sqlmodel import Session, col, select

from bot.patients.eligibility import ON_RECORD, reason_sql
from bot.tables.interpreters import AgencyPractice, Interpreter, InterpreterLanguage
from bot.tables.messaging import Kind
from bot.tables.organisations import Practice
from bot.tables.patients import Patient

_OF_A_LANGUAGE = 2


def people_to_try(session: Session, practice_id: int) -> list[Patient]:
    """Two of each language that an interpreter speaks, who need one and may be texted; none where people are real."""
    if not session.get_one(Practice, practice_id).demo:
        return []
    spoken = (
        select(InterpreterLanguage.language)
        .join(Interpreter, col(Interpreter.id) == col(InterpreterLanguage.interpreter_id))
        .join(AgencyPractice, col(AgencyPractice.agency_id) == col(Interpreter.agency_id))
        .where(AgencyPractice.practice_id == practice_id)
        .distinct()
        .order_by(col(InterpreterLanguage.language))
    )
    they = select(Patient).where(
        Patient.practice_id == practice_id,
        col(Patient.interpreter).is_(True),
        reason_sql(ON_RECORD, Kind.OUTREACH).is_(None),
    )
    return [
        patient
        for language in session.exec(spoken).all()
        for patient in session.exec(
            they.where(Patient.language == language).order_by(col(Patient.id).desc()).limit(_OF_A_LANGUAGE)
        )
    ]
