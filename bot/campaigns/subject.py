"""A campaign as what texts are about: what holds them back, and what becomes of those that cannot go."""

from typing import Any

from sqlalchemy import ColumnElement, case, null, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from bot.messaging.guards import HOLD, Guard
from bot.partners.asked import CAMPAIGN
from bot.tables.campaigns import Campaign, CampaignState
from bot.tables.messaging import Kind, Subject

INVITATION = "invitation"
"""The question of an invitation; `CONSENT` is the one that follows a yes to it."""
STOPPED = "campaign-stopped"
TAKEN_BACK = "taken-back"
"""Why a text never goes whose batch was taken back: its person waits for a later one."""


def about(campaign_id: int | None) -> Subject:
    """A campaign as a subject."""
    return Subject(CAMPAIGN, campaign_id or 0)


def _may_go(campaign_id: Mapped[Any]) -> ColumnElement[str | None]:
    says = case(
        (col(Campaign.state) == CampaignState.HELD, HOLD),
        (col(Campaign.state) == CampaignState.STOPPED, STOPPED),
        else_=null(),
    )
    return select(says).where(col(Campaign.id) == campaign_id).scalar_subquery()


GUARD = Guard(CAMPAIGN, frozenset([Kind.OUTREACH]), _may_go)
