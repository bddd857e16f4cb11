"""Who may do what with a campaign: the lead of its practice, or somebody at the machine's console."""

from collections.abc import Container

from sqlmodel import Session, select

from bot.audit import CONSOLE, Actor
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount
from bot.tables.campaigns import Campaign

PLANNERS = (Role.LEAD, Role.PRACTICE)
APPROVERS = (Role.LEAD,)


def require_role(session: Session, actor: Actor, practice_id: int | None, roles: Container[str]) -> None:
    """Let the console pass, and accounts of that practice with one of the roles.

    :raises Refused: anybody else.
    """
    if actor == CONSOLE:
        return
    account = session.get(UserAccount, actor.user_id) if actor.user_id else None
    if account and account.active and account.practice_id == practice_id and account.role in roles:
        return
    raise Refused("not-allowed", _who(roles))


def _who(roles: Container[str]) -> str:
    if Role.PRACTICE in roles:
        return "Only staff of this practice can do that. Sign in as one of them."
    return "Only a lead of this practice can do that. Sign in as the lead."


def locked_campaign(session: Session, campaign_id: int) -> Campaign:
    """The campaign as it is now, locked until the transaction ends. :raises Refused: there is none."""
    statement = select(Campaign).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    campaign = session.exec(statement, execution_options={"populate_existing": True}).first()
    if campaign is None:
        raise unknown_campaign(campaign_id)
    return campaign


def unknown_campaign(campaign_id: int) -> Refused:
    """The refusal for a campaign that is not there."""
    return Refused("unknown-campaign", f"There is no campaign {campaign_id}. Plan one first.")
