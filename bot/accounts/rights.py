"""Who may do what for a practice: its people by their role, or somebody at the machine's console."""

from collections.abc import Container

from sqlmodel import Session

from bot.audit import CONSOLE, Actor
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount

PLANNERS = (Role.LEAD, Role.PRACTICE)
APPROVERS = (Role.LEAD,)


def require_role(session: Session, actor: Actor, practice_id: int | None, roles: Container[str]) -> Actor:
    """Let the console pass, and accounts of that practice with one of the roles.

    :raises Refused: anybody else.
    """
    if actor == CONSOLE:
        return actor
    account = session.get(UserAccount, actor.user_id) if actor.user_id else None
    if account and account.active and account.practice_id == practice_id and account.role in roles:
        return actor
    raise Refused("not-allowed", _who(roles))


def _who(roles: Container[str]) -> str:
    if Role.PRACTICE in roles:
        return "Only staff of this practice can do that. Sign in as one of them."
    return "Only a lead of this practice can do that. Sign in as the lead."
