"""What campaigns say on a practice's home page."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.partners.cards import referrals_by_state
from bot.tables.campaigns import Campaign, CampaignMember, CampaignState
from bot.tables.partners import ReferralState
from bot.web import Card, Place, counted

CAMPAIGNS = Place("Campaigns", "/campaigns", OF_A_PRACTICE)


def campaign_cards(session: Session, acting: Acting) -> list[Card]:
    """Campaigns that may go on, and people in line for a place."""
    if not acting.roles & OF_A_PRACTICE or acting.practice_id is None:
        return []
    return [
        _campaign_card(campaigns_with_people_waiting(session, acting.practice_id)),
        _waiting_card(referrals_by_state(session, practice_id=acting.practice_id)),
    ]


def _campaign_card(campaigns: dict[str, int]) -> Card:
    running, held = campaigns.get(CampaignState.RUNNING, 0), campaigns.get(CampaignState.HELD, 0)
    words = []
    if running:
        words.append(f"{counted(running, 'campaign has', 'campaigns have')} people waiting. May the next batch go?")
    if held:
        words.append(
            f"{counted(held, 'campaign with people waiting is', 'campaigns with people waiting are')} on hold."
        )
    return Card("Campaigns", " ".join(words) or "No campaign has people waiting to be invited.", "/campaigns")


def _waiting_card(referrals: dict[str, int]) -> Card:
    waiting = referrals.get(ReferralState.WAITING, 0)
    with_partner = referrals.get(ReferralState.SENT, 0) + referrals.get(ReferralState.ACCEPTED, 0)
    line = f"{counted(waiting, 'person waits', 'people wait')} for a place." if waiting else "Nobody waits for a place."
    words = f"{line} {counted(with_partner, 'person is', 'people are')} with a partner."
    return Card("Referrals", words, "/campaigns", "amber" if waiting else None)


def campaigns_with_people_waiting(session: Session, practice_id: int) -> dict[str, int]:
    """How many campaigns of a practice in which people wait for a batch are in each state."""
    waiting = select(CampaignMember.id).where(
        CampaignMember.campaign_id == Campaign.id,
        col(CampaignMember.batch_id).is_(None),
        ~col(CampaignMember.left_out),
    )
    statement = select(Campaign.state, func.count(col(Campaign.id))).where(
        Campaign.practice_id == practice_id, waiting.exists()
    )
    return dict(session.exec(statement.group_by(Campaign.state)).all())
