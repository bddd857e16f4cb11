"""The public page of a campaign: "You said, we did"."""

from datetime import datetime
from typing import Any

from sqlmodel import JSON, Field, SQLModel


class CampaignCount(SQLModel, table=True):
    """What the public page of a campaign showed, as it was counted then; what was hidden is not in it.

    Those before the newest are kept: a new one is held against each of them before it is shown.
    """

    __tablename__ = "campaign_count"
    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    figures: dict[str, Any] = Field(sa_type=JSON)
    counted_at: datetime


class CampaignPage(SQLModel, table=True):
    """A page that a lead has published; off while `published_at` is null.

    `code` is its address for good. `changed` are the keys of the sentences that say what changed, in their order.
    """

    __tablename__ = "campaign_page"
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    code: str = Field(unique=True, max_length=16)
    count_id: int = Field(foreign_key="campaign_count.id")
    changed: list[str] = Field(default_factory=list, sa_type=JSON)
    published_at: datetime | None = None
    published_by: int | None = Field(default=None, foreign_key="user_account.id")
