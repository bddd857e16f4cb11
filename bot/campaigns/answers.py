"""What a person of the cohort answered, as far as it counts for the campaign."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col

from bot.campaigns.tables import CampaignMember, MemberAnswer

_WEIGHT: Mapping[MemberAnswer, int] = {
    MemberAnswer.OTHER: 0,
    MemberAnswer.NO: 1,
    MemberAnswer.YES: 1,
    MemberAnswer.URGENT: 2,
    MemberAnswer.OPTED_OUT: 3,
}


def note_answer(session: Session, campaign_id: int, patient_id: int, answer: MemberAnswer, at: datetime) -> None:
    """Note an answer received at `at` (UTC), unless a weightier one is there already.

    An opt-out outweighs an urgent answer, that outweighs yes and no, and these anything else. Of yes and no
    the latest counts.
    """
    replaceable = [known for known, weight in _WEIGHT.items() if weight <= _WEIGHT[answer]]
    session.execute(
        update(CampaignMember)
        .where(
            col(CampaignMember.campaign_id) == campaign_id,
            col(CampaignMember.patient_id) == patient_id,
            or_(col(CampaignMember.answer).is_(None), col(CampaignMember.answer).in_(replaceable)),
        )
        .values(answer=answer, answered_at=at)
    )
