"""Whom to ask for an approval, by name."""

from sqlmodel import Session, col, or_, select

from bot.accounts.rights import holders, who_can
from bot.settings import Settings
from bot.tables.accounts import Membership, UserAccount
from bot.tables.organisations import Practice
from bot.wording.rights import APPROVE

_NAMED = 3


def text_in_words(key: str) -> str:
    """A text as people call it: Fuel poverty invitation."""
    return key.replace("-", " ").capitalize()


def who_approves(session: Session, settings: Settings, practice: Practice) -> str:
    """The people who may approve wordings for a practice: "Ada Lead or Sam Reader"; by their role where nobody is."""
    statement = (
        select(UserAccount)
        .join(Membership, col(Membership.user_id) == col(UserAccount.id))
        .where(col(Membership.role).in_(holders(APPROVE)), col(UserAccount.active))
        .where(or_(col(Membership.organisation) == practice.code, col(Membership.organisation).is_(None)))
        .where(or_(col(UserAccount.password_hash).is_not(None), col(UserAccount.totp_since).is_not(None)))
        .order_by(col(UserAccount.name), col(UserAccount.id))
    )
    people = [one for one in session.exec(statement).unique() if not (one.demo and settings.live)]
    names = list(dict.fromkeys(person.name or person.email for person in people))
    if not names:
        return who_can(APPROVE, practice)
    others = ["another reader"] if len(names) > _NAMED else []
    *first, last = names[:_NAMED] + others
    return f"{', '.join(first)} or {last}" if first else last
