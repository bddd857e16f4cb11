"""The account an interpreter signs in with: the one of their email, as long as it acts for their agency."""

from typing import NamedTuple

from sqlmodel import Session

from bot.interpreters.finding import interpreter_of_account
from bot.tables.accounts import UserAccount


class Interpreting(NamedTuple):
    """An account that acts as an interpreter of an agency."""

    user_id: int
    interpreter_id: int
    agency_id: int


def interpreting(session: Session, account: UserAccount, agency_id: int | None) -> Interpreting | None:
    """Which interpreter an account is while it acts for an agency; None for none, or one who has left."""
    found = interpreter_of_account(session, account)
    if found is None or found.agency_id != agency_id:
        return None
    return Interpreting(account.id or 0, found.id or 0, found.agency_id)
