"""What interpreters say on a practice's home page."""

from sqlmodel import Session, col, func, select

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.tables.interpreters import AgencyPractice, Interpreter
from bot.web import Card, counted


def interpreter_cards(session: Session, acting: Acting) -> list[Card]:
    """How many interpreters can be booked; nothing while no agency serves the practice."""
    if acting.practice_id is None or not acting.roles & OF_A_PRACTICE:
        return []
    statement = (
        select(func.count())
        .select_from(Interpreter)
        .join(AgencyPractice, col(AgencyPractice.agency_id) == col(Interpreter.agency_id))
        .where(AgencyPractice.practice_id == acting.practice_id, col(Interpreter.left_at).is_(None))
    )
    number = session.exec(statement).one()
    words = f"{counted(number, 'interpreter works', 'interpreters work')} for agencies that serve you."
    return [Card("Interpreters", words, "/interpreters")] if number else []
