"""What a campaign has promised of a partner's places, and what its texts have shown."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlmodel import Session, col

from bot.campaigns.pacing import SETTLED_AFTER, Learned, age_weight
from bot.campaigns.subject import CAMPAIGN, CONSENT
from bot.partners.capacity import Capacity, partner_capacity
from bot.tables.campaigns import Campaign, CampaignMember, MemberAnswer
from bot.tables.messaging import Kind, Message, OpenQuestion, QuestionState, State
from bot.tables.organisations import Partner
from bot.tables.partners import Consent

NOT_REACHED = (State.UNDELIVERED, State.FAILED, State.CANCELLED)
"""States of an invitation that nobody will answer."""


def invitation_of_member() -> ColumnElement[bool]:
    """The join of a campaign's member to the one invitation of that person that counts, the latest."""
    return and_(
        col(Message.batch_id) == col(CampaignMember.batch_id),
        col(Message.patient_id) == col(CampaignMember.patient_id),
        col(Message.kind) == Kind.OUTREACH,
        col(Message.retried_by_id).is_(None),
    )


def people_asked_for_consent(partner: Partner) -> Select[int]:
    """The ids of patients who said a first yes and have the partner's consent question before them."""
    return (
        select(col(OpenQuestion.patient_id))
        .join(Campaign, col(Campaign.id) == col(OpenQuestion.subject_id))
        .where(
            col(Campaign.partner_id) == partner.id,
            col(OpenQuestion.subject_kind) == CAMPAIGN,
            col(OpenQuestion.kind) == CONSENT,
            col(OpenQuestion.state).in_((QuestionState.PENDING, QuestionState.OPEN)),
        )
        .distinct()
    )


def learned_by_campaign(session: Session, campaign_ids: Iterable[int], now: datetime) -> dict[int, Learned]:
    """What the texts of each campaign have shown up to `now` (UTC)."""
    answered = col(CampaignMember.answer).is_not(None)
    old_enough = and_(col(Message.state).not_in(NOT_REACHED), col(Message.sent_at) <= now - SETTLED_AFTER)
    statement = (
        select(
            col(CampaignMember.campaign_id),
            func.sum(case((or_(answered, old_enough), 1), else_=0)),
            func.sum(case((_said_yes(), 1), else_=0)),
        )
        .join(Message, invitation_of_member())
        .where(col(CampaignMember.campaign_id).in_(list(campaign_ids)))
        .group_by(col(CampaignMember.campaign_id))
    )
    return {campaign: Learned(settled, yes) for campaign, settled, yes in session.execute(statement)}


def _said_yes() -> ColumnElement[bool]:
    """A yes stays a yes for the yes-rate when the person opts out or is unwell afterwards."""
    consented = (
        select(col(Consent.id))
        .where(
            col(Consent.campaign_id) == col(CampaignMember.campaign_id),
            col(Consent.patient_id) == col(CampaignMember.patient_id),
        )
        .correlate(CampaignMember)
        .exists()
    )
    return or_(
        col(CampaignMember.answer) == MemberAnswer.YES,
        and_(col(CampaignMember.answer).is_not(None), consented),
    )


def places_of_the_partner(session: Session, campaign: Campaign, now: datetime) -> Capacity:
    """How many people a campaign with a partner may promise a place at `now` (UTC)."""
    return partner_capacity(session, session.get_one(Partner, campaign.partner_id), now)


def promised_places(session: Session, partner: Partner, now: datetime) -> float:
    """Places that campaigns have promised: yeses to come, and people in the middle of consenting."""
    return _being_asked(session, partner) + _from_unanswered_texts(session, partner, now)


def _being_asked(session: Session, partner: Partner) -> int:
    """People with an open consent question: each counts as one whole place, for most of them will say yes."""
    statement = select(func.count()).select_from(people_asked_for_consent(partner).subquery())
    asked: int = session.execute(statement).scalar_one()
    return asked


def _from_unanswered_texts(session: Session, partner: Partner, now: datetime) -> float:
    """Yeses to expect from texts younger than 72 hours; one not sent yet counts as new."""
    statement = (
        select(col(CampaignMember.campaign_id), col(Message.sent_at))
        .join(Message, invitation_of_member())
        .join(Campaign, col(Campaign.id) == col(CampaignMember.campaign_id))
        .where(
            col(Campaign.partner_id) == partner.id,
            col(CampaignMember.answer).is_(None),
            col(Message.state).not_in(NOT_REACHED),
            or_(col(Message.sent_at).is_(None), col(Message.sent_at) > now - SETTLED_AFTER),
            col(CampaignMember.patient_id).not_in(people_asked_for_consent(partner)),
        )
    )
    weights: dict[int, float] = {}
    for campaign, sent_at in session.execute(statement):
        weight = 1.0 if sent_at is None else age_weight(now - sent_at)
        weights[campaign] = weights.get(campaign, 0.0) + weight
    learned = learned_by_campaign(session, weights, now)
    return sum(learned.get(campaign, Learned()).yes_rate * weight for campaign, weight in weights.items())
