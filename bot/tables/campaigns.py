"""A campaign: agreed criteria, a frozen cohort, and batches paced by what the partner can take."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from bot.database import one_of


class CampaignState(StrEnum):
    """`running` offers batches; `held` keeps queued texts back; `stopped` is the end."""

    RUNNING = "running"
    HELD = "held"
    STOPPED = "stopped"


class MemberAnswer(StrEnum):
    """What a person of the cohort answered, as far as it counts for the campaign."""

    YES = "yes"
    NO = "no"
    OPTED_OUT = "opted_out"
    URGENT = "urgent"
    OTHER = "other"


class Campaign(SQLModel, table=True):
    """One purpose, one practice, one cohort: of everybody at the practice, or of those on one list.

    The partner is null where the purpose needs none. It is the first; `CampaignPartner` are those after it.
    """

    __tablename__ = "campaign"
    __table_args__ = (CheckConstraint(one_of("state", CampaignState), name="state"),)
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id", index=True)
    partner_id: int | None = Field(default=None, foreign_key="partner.id", index=True)
    purpose: str
    criteria: str
    criteria_version: int
    state: str = CampaignState.RUNNING
    matched: int
    list_id: int | None = Field(default=None, foreign_key="list_import.id")
    created_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime
    stopped_at: datetime | None = None


class CampaignPartner(SQLModel, table=True):
    """A further partner of a campaign, offered when those before it are full; `place` counts from 2."""

    __tablename__ = "campaign_partner"
    __table_args__ = (UniqueConstraint("campaign_id", "place"),)
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    partner_id: int = Field(foreign_key="partner.id", primary_key=True, index=True)
    place: int


class CampaignExclusion(SQLModel, table=True):
    """How many people with the condition were left out, under the first reason that applies."""

    __tablename__ = "campaign_exclusion"
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    reason: str = Field(primary_key=True, max_length=32)
    people: int


class Batch(SQLModel, table=True):
    """At most 100 people, released by the lead.

    `taken_back` of its `size` people were taken back before their text went, and wait again.
    """

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    number: int
    size: int
    limited_by: str
    approved_by: int | None = Field(default=None, foreign_key="user_account.id")
    approved_at: datetime
    taken_back: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    taken_back_at: datetime | None = None


class CampaignMember(SQLModel, table=True):
    """A person of the frozen cohort. `language` is the wording they get.

    Waiting while `batch_id` is null, unless `left_out` when their turn came; `CampaignLeftOut` says why.
    """

    __tablename__ = "campaign_member"
    __table_args__ = (
        UniqueConstraint("campaign_id", "patient_id"),
        CheckConstraint(f"answer IS NULL OR {one_of('answer', MemberAnswer)}", name="answer"),
        Index("ix_campaign_member_waiting", "campaign_id", "batch_id", "id"),
        Index("ix_campaign_member_patient", "patient_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    patient_id: int = Field(foreign_key="patient.id")
    recorded_language: str | None = None
    language: str
    batch_id: int | None = Field(default=None, foreign_key="batch.id")
    left_out: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    answer: str | None = None
    answered_at: datetime | None = None


class LeftOutStage(StrEnum):
    """When somebody was left out: as the cohort was frozen, as their batch was released, as their text was claimed."""

    PLAN = "plan"
    RELEASE = "release"
    CLAIM = "claim"


class CampaignLeftOut(SQLModel, table=True):
    """A person a campaign did not reach, why, and when that was known: to be reached in another way.

    Kept for every reason but the first of the criteria; erased 180 days after the campaign ended.
    """

    __tablename__ = "campaign_left_out"
    __table_args__ = (CheckConstraint(one_of("stage", LeftOutStage), name="stage"),)
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", primary_key=True, index=True)
    reason: str = Field(max_length=32)
    stage: str
    at: datetime


class CareStatement(SQLModel, table=True):
    """A lead has stated that texts for a purpose are care and no marketing."""

    __tablename__ = "care_statement"
    practice_id: int = Field(foreign_key="practice.id", primary_key=True)
    purpose: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="user_account.id")
    stated_at: datetime
