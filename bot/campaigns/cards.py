"""What campaigns say on a practice's home page."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.campaigns.next_batch import next_batch
from bot.campaigns.rights import RELEASE
from bot.clock import utc_now
from bot.partners.cards import referrals_by_state
from bot.partners.purposes import find_purpose
from bot.tables.campaigns import Campaign, CampaignMember, CampaignState
from bot.tables.partners import ReferralState
from bot.web import Card, Place, counted

CAMPAIGNS = Place("Campaigns", "/campaigns", OF_A_PRACTICE)


def campaign_cards(session: Session, acting: Acting) -> list[Card]:
    """Campaigns that may go on, and people in line for a place."""
    if not acting.roles & OF_A_PRACTICE or acting.practice_id is None:
        return []
    waiting = campaigns_with_people_waiting(session, acting.practice_id)
    return [
        _campaign_card(session, waiting, decides=bool(acting.roles & RELEASE.roles)),
        _waiting_card(referrals_by_state(session, practice_id=acting.practice_id)),
    ]


def _campaign_card(session: Session, campaigns: Sequence[Campaign], *, decides: bool) -> Card:
    """Who may release a batch is asked whether it may go, if it may: somebody waits, and there are places."""
    running = [campaign for campaign in campaigns if campaign.state == CampaignState.RUNNING]
    held = sum(1 for campaign in campaigns if campaign.state == CampaignState.HELD)
    ready = [one for one in running if decides and next_batch(session, one, utc_now()).size > 0]
    words = []
    if ready:
        words.append(f"{counted(len(ready), 'campaign has', 'campaigns have')} people waiting. May the next batch go?")
    if others := [campaign for campaign in running if campaign not in ready]:
        waiting = counted(len(others), "campaign has", "campaigns have")
        words.append(f"{waiting} people waiting to be invited{_when(decides, others)}")
    if held:
        words.append(
            f"{counted(held, 'campaign with people waiting is', 'campaigns with people waiting are')} on hold."
        )
    path = f"{CAMPAIGNS.path}/{ready[0].id}" if len(ready) == 1 else CAMPAIGNS.path
    return Card("Campaigns", " ".join(words) or "No campaign has people waiting to be invited.", path)


def _when(decides: bool, campaigns: Sequence[Campaign]) -> str:
    if not decides:
        return ". A lead of the practice approves each batch."
    for_times = [find_purpose(campaign.purpose).count_groups is not None for campaign in campaigns]
    if all(for_times):
        return ", when times are free for them."
    return ", when places or times are free." if any(for_times) else ", when places come back."


def _waiting_card(referrals: dict[str, int]) -> Card:
    waiting = referrals.get(ReferralState.WAITING, 0)
    with_partner = referrals.get(ReferralState.SENT, 0) + referrals.get(ReferralState.ACCEPTED, 0)
    line = f"{counted(waiting, 'person waits', 'people wait')} for a place." if waiting else "Nobody waits for a place."
    words = f"{line} {counted(with_partner, 'person is', 'people are')} with a partner."
    return Card("Referrals", words, "/people-referred", "amber" if waiting else None)


def campaigns_with_people_waiting(session: Session, practice_id: int) -> Sequence[Campaign]:
    """The campaigns of a practice that are not stopped, and in which people wait for a batch."""
    waiting = select(CampaignMember.id).where(
        CampaignMember.campaign_id == Campaign.id,
        col(CampaignMember.batch_id).is_(None),
        ~col(CampaignMember.left_out),
    )
    statement = select(Campaign).where(
        Campaign.practice_id == practice_id, Campaign.state != CampaignState.STOPPED, waiting.exists()
    )
    return session.exec(statement.order_by(col(Campaign.id))).all()
