"""Texts in a colleague's own words: what waits to be sent to whom, and who let which words go."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class FreeTextRequest(SQLModel, table=True):
    """The inbox item that words which a machine translates are an answer to.

    `seen` is the newest message of the conversation that their writer had read; `at_once` does not wait for the
    sending window.
    """

    __tablename__ = "free_text_request"
    translation_id: int = Field(foreign_key="translation.id", primary_key=True)
    item_id: int = Field(foreign_key="inbox_item.id", index=True)
    seen: int
    at_once: bool


class FreeTextRelease(SQLModel, table=True):
    """A person let these words go: a text that has no approved wording is sent with this row or not at all.

    `digest` is the SHA-256 of the exact body. `checks`: a JSON list of the names of those that held, empty where no
    machine translated. `back_seen`: the sender said that they had read what the text says. `model` translated it.
    """

    __tablename__ = "free_text_release"
    __table_args__ = (CheckConstraint("back_seen", name="back_seen"),)
    message_id: int = Field(foreign_key="message.id", primary_key=True)
    released_by: int = Field(foreign_key="user_account.id")
    digest: str = Field(max_length=64)
    checks: str
    back_seen: bool
    model: str | None = None
    at: datetime
