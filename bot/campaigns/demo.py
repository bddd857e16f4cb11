"""The demo's criteria are signed, so that a campaign can be planned at once."""

from collections.abc import Sequence

from bot.database import Database
from bot.patients.criteria import list_criteria, sign_criteria
from bot.tables.accounts import Role, UserAccount


def sign_all_criteria(db: Database, practice_code: str, accounts: Sequence[UserAccount]) -> None:
    """Lead and partner sign all there are; signing again changes nothing."""
    for account in accounts:
        if account.role in (Role.LEAD, Role.PARTNER):
            for criteria in list_criteria():
                sign_criteria(db, practice_code, criteria.name, account)
