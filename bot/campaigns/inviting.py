"""The text that invites to a campaign, the values of its slots, and what it offers beside yes and no."""

from collections.abc import Mapping

from sqlmodel import Session

from bot.messaging.from_practice import practice_values
from bot.partners.purposes import Invitation, find_purpose, partner_values
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Partner, Practice
from bot.texts.catalogue import Value, catalogue
from bot.understanding.questions import PHONE_ME

CALL = "call"
"""What the question of an invitation keeps where its text offers a phone call."""


def invitation_of(session: Session, campaign: Campaign) -> Invitation:
    """The invitation of a campaign, as its purpose has it, else the one of its purpose's texts."""
    purpose = find_purpose(campaign.purpose)
    if purpose.invites is not None:
        return purpose.invites(session, campaign)
    key, partner = purpose.texts.invitation, partner_of(session, campaign)
    return Invitation(key, partner_values(partner, key) if partner else {})


def partner_of(session: Session, campaign: Campaign) -> Partner | None:
    """The partner of a campaign, where it has one."""
    return None if campaign.partner_id is None else session.get_one(Partner, campaign.partner_id)


def all_values(practice: Practice, invitation: Invitation) -> Mapping[str, Value]:
    """All values of an invitation, to compose it without queueing it. :raises Refused: `no-practice-phone`."""
    return {**practice_values(practice, invitation.text_key), **invitation.values}


def what_it_offers(invitation: Invitation) -> str | None:
    """`CALL` where the text offers to be phoned, for its question to keep."""
    offers = f"\n{PHONE_ME} = " in catalogue()[invitation.text_key].source
    return CALL if offers else None
