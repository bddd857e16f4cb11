"""The account an interpreter signs in with: the one of their email, as long as it acts for their agency."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from bot.tables.interpreters import Interpreter


class Interpreting(NamedTuple):
    """An account that acts as an interpreter of an agency."""

    user_id: int
    interpreter_id: int
    agency_id: int


def interpreter_of(session: Session, user_id: int, email: str, agency_id: int | None) -> Interpreting | None:
    """Which interpreter an account is in an agency; None for none, or one who has left.

    :param email: that of the account, in lower case.
    """
    statement = select(Interpreter.id).where(
        Interpreter.email == email, Interpreter.agency_id == agency_id, col(Interpreter.left_at).is_(None)
    )
    found = session.exec(statement).first() if agency_id is not None else None
    return Interpreting(user_id, found, agency_id) if found is not None and agency_id is not None else None
