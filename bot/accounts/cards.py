"""What accounts say on the administrator's home page."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.accounts.memberships import Acting
from bot.tables.accounts import Role, UserAccount
from bot.web import Card, Place, counted

ACCOUNTS = Place("Accounts", "/accounts", frozenset([Role.ADMIN]))


def account_cards(session: Session, acting: Acting) -> list[Card]:
    """How many accounts there are."""
    if Role.ADMIN not in acting.roles:
        return []
    number = session.exec(select(func.count()).where(col(UserAccount.active))).one()
    return [Card("Accounts", f"{counted(number, 'account is', 'accounts are')} open.", ACCOUNTS.path)]
