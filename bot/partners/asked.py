"""Who is being asked whether a partner may have their details: each of them counts as one of its places."""

from sqlalchemy import Select, String, and_, cast, func, select
from sqlmodel import Session, col

from bot.partners.capacity import count_holding
from bot.tables.campaigns import Campaign
from bot.tables.messaging import OpenQuestion, QuestionState, Subject
from bot.tables.organisations import Partner
from bot.tables.partners import Proposal

CAMPAIGN = "campaign"
"""The subject of a consent question that follows the yes to an invitation."""
REFERRAL, PROPOSAL = "referral", "proposal"
"""Subjects; a consent question is about the latter where staff, or a partner without a place, gave rise to it."""
CONSENT = "consent"
"""The question. Its detail is the id of the partner that it names; without one it is the first of its campaign."""


def about_proposal(proposal: Proposal) -> Subject:
    """A proposal as what a text is about."""
    return Subject(PROPOSAL, proposal.id or 0)


def people_asked_for_consent(partner: Partner) -> Select[int]:
    """The ids of patients who have the partner's consent question before them."""
    of_campaign = and_(col(OpenQuestion.subject_kind) == CAMPAIGN, col(Campaign.id) == col(OpenQuestion.subject_id))
    named = func.coalesce(col(OpenQuestion.detail), cast(col(Campaign.partner_id), String))
    return (
        select(col(OpenQuestion.patient_id))
        .outerjoin(Campaign, of_campaign)
        .where(
            named == str(partner.id),
            col(OpenQuestion.kind) == CONSENT,
            col(OpenQuestion.state).in_((QuestionState.PENDING, QuestionState.OPEN)),
        )
        .distinct()
    )


def count_asked(session: Session, partner: Partner) -> int:
    """How many people have the partner's consent question before them."""
    asked: int = session.execute(
        select(func.count()).select_from(people_asked_for_consent(partner).subquery())
    ).scalar_one()
    return asked


def room_at(session: Session, partner: Partner) -> int:
    """Places of a partner for one more person to be asked about; at most nothing where it has taken on too many.

    Yeses that texts not answered yet may bring are not counted: whoever says yes first is asked first.
    """
    return max(0, partner.places - count_holding(session, partner)) - count_asked(session, partner)
