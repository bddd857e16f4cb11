"""Which wording a person has approved."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class WordingApproval(SQLModel, table=True):
    """Who approved which words: `digest` covers the English source and the wording. In force until withdrawn."""

    __tablename__ = "wording_approval"
    __table_args__ = (
        Index(
            "uq_wording_approval_in_force",
            "text_key",
            "language",
            "digest",
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
    approved_by: int = Field(foreign_key="user_account.id")
    approved_at: datetime
    withdrawn_at: datetime | None = None
