"""Who may do what with a campaign of a practice."""

from sqlmodel import Session, select

from bot.accounts.rights import declare_right
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign

PLAN = declare_right("plan-campaigns", Role.PRACTICE, Role.LEAD)
RELEASE = declare_right("release-batches", Role.LEAD)
WITHDRAW = declare_right("withdraw-referrals", Role.PRACTICE, Role.LEAD)


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
