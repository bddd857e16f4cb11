"""The one SELECT that tells who belongs to a cohort and why anybody is left out."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlmodel import col

from bot.lists.listed import listed_people
from bot.patients.criteria import Criteria
from bot.tables.campaigns import Batch, Campaign, CampaignMember, CampaignState
from bot.tables.patients import Patient

AGAIN = "already-invited"
"""The reason after all others, where whoever plans wants nobody to be invited twice for the same purpose."""
NOT_AGAIN_WITHIN = timedelta(days=180)
"""How long after an invitation a second one for the same purpose comes as a surprise: a winter."""


def already_invited(purpose: str, now: datetime) -> ColumnElement[bool]:
    """Whether the Patient of a query was invited for a purpose lately, or waits to be in a campaign that goes on."""
    invited = (
        select(col(CampaignMember.id))
        .join(Campaign, col(Campaign.id) == col(CampaignMember.campaign_id))
        .outerjoin(Batch, col(Batch.id) == col(CampaignMember.batch_id))
        .where(
            col(CampaignMember.patient_id) == col(Patient.id),
            ~col(CampaignMember.left_out),
            col(Campaign.purpose) == purpose,
            or_(
                col(Batch.approved_at) > now - NOT_AGAIN_WITHIN,
                and_(col(Batch.id).is_(None), col(Campaign.state) != CampaignState.STOPPED),
            ),
        )
    )
    return invited.correlate(Patient).exists()


def classify(
    criteria: Criteria,
    practice_id: int,
    today: date,
    again: ColumnElement[bool] | None = None,
    *,
    leave_out: bool = False,
    list_id: int | None = None,
) -> Select[int | None, str | None, str | None, bool]:
    """One SELECT over people: `id`, `language`, `reason` (null: to be invited), `again`.

    They are all people of a practice, or those who were on one of its lists.

    :param again: whether a person was invited before; with `leave_out` that is a reason.
    """
    last = {} if again is None or not leave_out else {AGAIN: again}
    return select(
        col(Patient.id),
        col(Patient.language),
        criteria.reason_sql(today, last).label("reason"),
        (false() if again is None else again).label("again"),
    ).where(*people_of(practice_id, list_id))


def people_of(practice_id: int, list_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Whether the Patient of a query is of a practice, and on that list if one is named."""
    on_the_list = () if list_id is None else (col(Patient.id).in_(listed_people(list_id)),)
    return (col(Patient.practice_id) == practice_id, *on_the_list)
