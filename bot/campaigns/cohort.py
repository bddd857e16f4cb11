"""The one SELECT that tells who belongs to a cohort and why anybody is left out."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, false, or_, select
from sqlmodel import col

from bot.clock import born_by
from bot.patients.criteria import Criteria
from bot.patients.optouts import opted_out_scope_sql
from bot.patients.phone_safety import on_another_record_sql
from bot.tables.campaigns import Batch, Campaign, CampaignMember, CampaignState
from bot.tables.patients import Patient, PatientCode, PatientSelection, PhoneStatus

REASONS = (
    "no-condition",
    "under-age",
    "deceased",
    "not-registered",
    "no-mobile",
    "shared-phone",
    "unsafe-phone",
    "texting-refused",
    "opted-out",
)
"""Why a person is not invited; each is counted once, under the first that applies."""

NO_CONDITION = REASONS[0]

AGAIN = "already-invited"
"""The reason after all others, where whoever plans wants nobody to be invited twice for the same purpose."""
NOT_AGAIN_WITHIN = timedelta(days=180)
"""How long after an invitation a second one for the same purpose comes as a surprise: a winter."""


def has_condition(criteria: Criteria) -> ColumnElement[bool]:
    """Whether the Patient of a query has a coded condition, or the practice's own search chose the person."""
    coded = select(col(PatientCode.patient_id)).where(
        col(PatientCode.patient_id) == col(Patient.id), col(PatientCode.code).in_(criteria.codes)
    )
    chosen = select(col(PatientSelection.patient_id)).where(
        col(PatientSelection.patient_id) == col(Patient.id), col(PatientSelection.criteria) == criteria.name
    )
    return or_(coded.correlate(Patient).exists(), chosen.correlate(Patient).exists())


def already_invited(purpose: str, now: datetime) -> ColumnElement[bool]:
    """Whether the Patient of a query was invited for a purpose lately, or waits to be in a campaign that goes on."""
    invited = (
        select(col(CampaignMember.id))
        .join(Campaign, col(Campaign.id) == col(CampaignMember.campaign_id))
        .outerjoin(Batch, col(Batch.id) == col(CampaignMember.batch_id))
        .where(
            col(CampaignMember.patient_id) == col(Patient.id),
            col(CampaignMember.left_out).is_(None),
            col(Campaign.purpose) == purpose,
            or_(
                col(Batch.approved_at) > now - NOT_AGAIN_WITHIN,
                and_(col(Batch.id).is_(None), col(Campaign.state) != CampaignState.STOPPED),
            ),
        )
    )
    return invited.correlate(Patient).exists()


def reason_left_out(
    criteria: Criteria, today: date, again: ColumnElement[bool] | None = None
) -> ColumnElement[str | None]:
    """The first reason not to invite the Patient of a query, null for none.

    :param today: the date in London, by which ages are counted.
    :param again: who is left out as `already-invited`; nobody, unless given.
    """
    status = col(Patient.phone_status)
    usable = (
        PhoneStatus.OWN,
        PhoneStatus.CONFIRMED,
        PhoneStatus.SHARED,
        PhoneStatus.UNSAFE,
        PhoneStatus.FAILED,
    )
    applies: dict[str, ColumnElement[bool]] = {
        NO_CONDITION: ~has_condition(criteria),
        "under-age": col(Patient.born) > born_by(criteria.minimum_age, today),
        "deceased": or_(col(Patient.deceased), col(Patient.died_on).is_not(None)),
        "not-registered": ~col(Patient.registered),
        "no-mobile": or_(col(Patient.phone).is_(None), status.not_in(usable)),
        "shared-phone": or_(status == PhoneStatus.SHARED, and_(status == PhoneStatus.CONFIRMED, on_another_record())),
        "unsafe-phone": or_(status.in_((PhoneStatus.UNSAFE, PhoneStatus.FAILED)), col(Patient.disputed)),
        "texting-refused": col(Patient.texting_refused).is_(True),
        "opted-out": opted_out_scope_sql().is_not(None),
    }
    last = [] if again is None else [(again, AGAIN)]
    return case(*[(applies[reason], reason) for reason in REASONS], *last, else_=None)


def on_another_record() -> ColumnElement[bool]:
    """Whether somebody else of the practice has the number of the Patient of a query."""
    theirs = (col(Patient.practice_id), col(Patient.phone), col(Patient.id))
    return on_another_record_sql(*theirs, col(Patient.phone_status), col(Patient.phone_source)).correlate(Patient)


def classify(
    criteria: Criteria,
    practice_id: int,
    today: date,
    again: ColumnElement[bool] | None = None,
    *,
    leave_out: bool = False,
) -> Select[int | None, str | None, str | None, bool]:
    """One SELECT over all people of a practice: `id`, `language`, `reason` (null: to be invited), `again`.

    :param again: whether a person was invited before; with `leave_out` that is a reason.
    """
    return select(
        col(Patient.id),
        col(Patient.language),
        reason_left_out(criteria, today, again if leave_out else None).label("reason"),
        (false() if again is None else again).label("again"),
    ).where(col(Patient.practice_id) == practice_id)
