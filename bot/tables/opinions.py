"""What a learned reader thinks of replies that the rules did not find red."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from bot.database import one_of


class OpinionState(StrEnum):
    """Where an opinion stands; `working`: a reader has it, until its lease runs out. `failed`: it could not be read."""

    QUEUED = "queued"
    WORKING = "working"
    READ = "read"
    FAILED = "failed"


class SecondOpinion(SQLModel, table=True):
    """One reply that is to be read a second time, and what came of it. Times are UTC.

    `arrived_at` is when the reply was written, `danger` and `by_another` how likely it tells of danger, and of harm
    that another person does (0 to 1), `head` what weighed it (`bot.opinions.head`). `raised`: how pressing the reply
    was made by it, null where it made no difference. `claim_ref`: whose claim it is; nobody else's outcome is recorded.
    """

    __tablename__ = "second_opinion"
    __table_args__ = (
        CheckConstraint(one_of("state", OpinionState), name="state"),
        CheckConstraint("raised IS NULL OR raised IN ('red', 'paged')", name="raised"),
        Index(
            "ix_second_opinion_due",
            "arrived_at",
            sqlite_where=text("state IN ('queued', 'working')"),
            postgresql_where=text("state IN ('queued', 'working')"),
        ),
    )
    message_id: int = Field(foreign_key="message.id", primary_key=True)
    state: str = OpinionState.QUEUED
    arrived_at: datetime
    attempts: int = 0
    claim_ref: str | None = Field(default=None, max_length=64)
    lease_until: datetime | None = None
    danger: float | None = None
    by_another: float | None = None
    head: str | None = Field(default=None, max_length=16)
    raised: str | None = Field(default=None, max_length=8)
    read_at: datetime | None = None
