"""What organisations say on the administrator's home page."""

from sqlmodel import Session

from bot.accounts.memberships import Acting
from bot.tables.accounts import Role
from bot.web import Card, Place

ORGANISATIONS = Place("Organisations", "/organisations", frozenset([Role.ADMIN]))


def organisation_cards(_session: Session, acting: Acting) -> list[Card]:
    """Where practices and partners are added and linked."""
    if Role.ADMIN not in acting.roles:
        return []
    return [Card("Organisations", "Practices and partners, and who works with whom.", ORGANISATIONS.path)]
