"""What an administrator looks at to know that all is well."""

from sqlmodel import Session

from bot.accounts.memberships import Acting
from bot.tables.accounts import Role
from bot.web import Card, Place

OPERATIONS = Place("Operations", "/operations", frozenset([Role.ADMIN]))
AUDIT_TRAIL = Place("Audit trail", "/audit", frozenset([Role.ADMIN, Role.LEAD]))


def operations_cards(_session: Session, acting: Acting) -> list[Card]:
    """Always the same two."""
    if Role.ADMIN not in acting.roles:
        return []
    return [
        Card("Audit trail", "Who did what, and when.", AUDIT_TRAIL.path),
        Card("Operations", "Whether everything works, and what is stuck.", OPERATIONS.path),
    ]
