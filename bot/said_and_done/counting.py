"""What came of a campaign, in people: everybody of the cohort is looked at once, in one statement."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlmodel import Session, col

from bot.campaigns.capacity import NOT_REACHED, invitation_of_member
from bot.campaigns.progress import WENT_OUT
from bot.partners.purposes import ToldBack
from bot.said_and_done.hiding import People
from bot.tables.campaigns import Campaign, CampaignMember
from bot.tables.messaging import Message
from bot.tables.partners import Referral, ReferralState


def count_people(session: Session, campaign: Campaign, told: ToldBack) -> People:
    """Who was asked, who answered, who was helped with what, and whom no text reached.

    Whose text went out was asked. Who was helped counts as asked and answered, however they said what they need.
    """
    campaign_id = campaign.id or 0
    choose = told.got_help(campaign_id) if told.got_help else helped_by_referral(campaign_id, told.kinds)
    rows = session.execute(_by_kind(campaign_id, choose.subquery())).all()
    by_kind = {kind: asked for asked, _, _, kind in rows if kind is not None}
    return People(
        asked=sum(row[0] for row in rows),
        answered=sum(row[1] for row in rows),
        not_reached=sum(row[2] for row in rows),
        helped_with={kind: by_kind.get(kind, 0) for kind in told.kinds},
    )


def helped_by_referral(campaign_id: int, kinds: Collection[str]) -> Select[int, str | None]:
    """Whoever has a closed referral of a campaign that ended in help, with how the newest of theirs ended."""
    ended_in_help = and_(
        col(Referral.campaign_id) == campaign_id,
        col(Referral.state) == ReferralState.CLOSED,
        col(Referral.outcome).in_(list(kinds)),
    )
    newest = select(func.max(col(Referral.id))).where(ended_in_help).group_by(col(Referral.patient_id))
    return select(col(Referral.patient_id), col(Referral.outcome)).where(col(Referral.id).in_(newest))


def _by_kind(campaign_id: int, helped: Any) -> Select[Any]:
    """By kind of help, with a row for those who had none: people asked, who answered, and whom no text reached."""
    person, kind = helped.c
    answered = or_(col(CampaignMember.answer).is_not(None), person.is_not(None))
    state = col(Message.state)
    counts = (or_(state.in_(WENT_OUT), answered), answered, and_(state.in_(NOT_REACHED), ~answered))
    return (
        select(*(func.sum(case((one, 1), else_=0)) for one in counts), kind)
        .select_from(CampaignMember)
        .outerjoin(Message, invitation_of_member())
        .outerjoin(helped, person == col(CampaignMember.patient_id))
        .where(col(CampaignMember.campaign_id) == campaign_id)
        .group_by(kind)
    )
