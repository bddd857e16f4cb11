"""The demo's criteria are signed, so that a campaign can be planned at once."""

from collections.abc import Sequence

from bot.accounts.demo import DemoAccount
from bot.database import Database
from bot.partners.purposes import purposes
from bot.patients.criteria import list_criteria, sign_criteria
from bot.settings import Settings
from bot.tables.accounts import Role


def sign_all_criteria(db: Database, settings: Settings, practice_code: str, people: Sequence[DemoAccount]) -> None:
    """The lead signs all there are, the partner those of purposes with one; signing again changes nothing."""
    everything = [criteria.name for criteria in list_criteria()]
    shared = [purpose.criteria for purpose in purposes().values() if purpose.has_partner]
    for who in people:
        for name in {Role.LEAD: everything, Role.PARTNER: shared}.get(who.role, []):
            sign_criteria(db, practice_code, name, who.account)
