"""A campaign with a second partner, and short ways to a person's referrals at each."""

from sqlmodel import col, select

from bot.tables.campaigns import CampaignPartner
from bot.tables.organisations import Partner
from bot.tables.partners import Proposal, Referral
from tests.conversations.conftest import Conversation
from tests.factories import make_partner

WARM = "Warm Homes Hastings"


def second_partner(
    talk: Conversation, places: int = 5, code: str = "WARM", name: str = WARM, place: int = 2
) -> Partner:
    """Another partner of the conversation's campaign, offered after the first."""
    partner = make_partner(talk.db, talk.practice, code=code, name=name, places=places)
    with talk.db.write() as session:
        session.add(CampaignPartner(campaign_id=talk.campaign.id or 0, partner_id=partner.id or 0, place=place))
    return partner


def set_room(talk: Conversation, partner: Partner, places: int) -> None:
    """So many places, without promoting anybody."""
    with talk.db.write() as session:
        session.get_one(Partner, partner.id).places = places


def agree_to_all(talk: Conversation, words: str = "1") -> None:
    """Both yeses of a campaign."""
    talk.invited().says("1")
    talk.clock.shift(60)
    talk.says(words)


def answers(talk: Conversation, words: str) -> None:
    """An answer to what was just asked, once it could be read."""
    talk.clock.shift(60)
    talk.says(words)


def standing(talk: Conversation) -> list[tuple[int, str]]:
    """The person's referrals, the first one first: partner and state."""
    with talk.db.read() as session:
        theirs = select(Referral).where(Referral.patient_id == talk.patient.id).order_by(col(Referral.id))
        return [(referral.partner_id, referral.state) for referral in session.exec(theirs)]


def proposals(talk: Conversation) -> list[Proposal]:
    """All that were made, the first one first."""
    with talk.db.read() as session:
        return list(session.exec(select(Proposal).order_by(col(Proposal.id))))
