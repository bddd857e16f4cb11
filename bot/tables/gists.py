"""Gists that somebody says are wrong."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class GistReport(SQLModel, table=True):
    """Somebody says that the English a machine made of a text is wrong; it holds no words, and outlives them.

    `practice_id` is the practice whose people read of it, `language` that of the text, `model` what translated it.
    """

    __tablename__ = "gist_report"
    __table_args__ = (UniqueConstraint("translation_id", "reported_by"),)
    id: int | None = Field(default=None, primary_key=True)
    translation_id: int = Field(foreign_key="translation.id", index=True)
    practice_id: int = Field(foreign_key="practice.id")
    language: str = Field(max_length=16)
    model: str | None = None
    reported_by: int = Field(foreign_key="user_account.id")
    at: datetime
