"""Wordings of the texts: what people wrote, who approved which words, and what was turned down."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from bot.database import one_of


class Origin(StrEnum):
    """Where a draft came from: written on the page of its text, or read from a PO file."""

    EDIT = "edit"
    IMPORT = "import"


class WordingDraft(SQLModel, table=True):
    """A wording as somebody wrote it; rows are only added. `source_hash` is that of the English it was made for.

    `made_by` is None for a file imported at the console without a name.
    """

    __tablename__ = "wording_draft"
    __table_args__ = (
        CheckConstraint(one_of("origin", Origin), name="origin"),
        Index("ix_wording_draft_text", "text_key", "language", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    text_key: str = Field(max_length=64)
    language: str = Field(max_length=16)
    body: str
    source_hash: str = Field(max_length=64)
    origin: str
    made_by: int | None = Field(default=None, foreign_key="user_account.id")
    made_at: datetime


class WordingApproval(SQLModel, table=True):
    """Who approved which words: `digest` covers the English source and the wording. In force until withdrawn.

    `needed` is how many people have to: the wording may be sent once as many have approved the same digest.
    `source` is the English it was read beside; it and `withdrawn_by` are None of what is older than these columns.
    """

    __tablename__ = "wording_approval"
    __table_args__ = (
        CheckConstraint("needed BETWEEN 1 AND 2", name="needed"),
        Index(
            "uq_wording_approval_in_force",
            "text_key",
            "language",
            "digest",
            "approved_by",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    text_key: str = Field(max_length=64)
    language: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    body: str
    source: str | None = None
    needed: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    approved_by: int = Field(foreign_key="user_account.id")
    approved_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: int | None = Field(default=None, foreign_key="user_account.id")


class WordingRejection(SQLModel, table=True):
    """A wording that somebody turned down, and why. `draft_id` is None for the wording that came with the service."""

    __tablename__ = "wording_rejection"
    __table_args__ = (Index("ix_wording_rejection_text", "text_key", "language"),)
    id: int | None = Field(default=None, primary_key=True)
    text_key: str = Field(max_length=64)
    language: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    draft_id: int | None = Field(default=None, foreign_key="wording_draft.id")
    why: str = Field(max_length=200)
    rejected_by: int = Field(foreign_key="user_account.id")
    rejected_at: datetime
