"""What an administrator looks at to know that all is well."""

from sqlmodel import Session

from bot.tables.accounts import Role, UserAccount
from bot.web import Card, Place

OPERATIONS = Place("Operations", "/operations", frozenset([Role.ADMIN]))
AUDIT_TRAIL = Place("Audit trail", "/audit", frozenset([Role.ADMIN, Role.LEAD]))


def operations_cards(_session: Session, account: UserAccount) -> list[Card]:
    """Always the same two."""
    if account.role != Role.ADMIN:
        return []
    return [
        Card("Audit trail", "Who did what, and when.", AUDIT_TRAIL.path),
        Card("Operations", "Whether everything works, and what is stuck.", OPERATIONS.path),
    ]
