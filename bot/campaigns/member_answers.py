"""What a person of the cohort answered, as far as it counts for the campaign."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import Update, bindparam, or_, update
from sqlmodel import Session, col

from bot.tables.campaigns import CampaignMember, MemberAnswer

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
    values = {"of_campaign": campaign_id, "of_patient": patient_id, "at": at}
    session.connection().execute(_noting(answer), values)


@cache
def _noting(answer: MemberAnswer) -> Update:
    replaceable = (col(CampaignMember.answer) == known for known in _WEIGHT if _WEIGHT[known] <= _WEIGHT[answer])
    return (
        update(CampaignMember)
        .where(
            col(CampaignMember.campaign_id) == bindparam("of_campaign"),
            col(CampaignMember.patient_id) == bindparam("of_patient"),
            or_(col(CampaignMember.answer).is_(None), *replaceable),
        )
        .values(answer=answer, answered_at=bindparam("at"))
    )
