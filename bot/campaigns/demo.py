"""The demo's criteria are signed, so that a campaign can be planned at once."""

from collections.abc import Sequence

from bot.accounts.demo import DemoAccount
from bot.database import Database
from bot.patients.criteria import list_criteria, sign_criteria
from bot.settings import Settings
from bot.tables.accounts import Role


def sign_all_criteria(db: Database, settings: Settings, practice_code: str, people: Sequence[DemoAccount]) -> None:
    """Lead and partner sign all there are; signing again changes nothing."""
    for who in people:
        if who.role in (Role.LEAD, Role.PARTNER):
            for criteria in list_criteria():
                sign_criteria(db, practice_code, criteria.name, who.account)
