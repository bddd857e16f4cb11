"""What a person must look at."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, false, text
from sqlmodel import Field, SQLModel


class InboxItem(SQLModel, table=True):
    """Something a person must look at. `reason` is a code; `urgency` red, amber or null.

    `seen_at` is when a person of the practice first opened it; `escalated_at` when it was found unopened for too long.
    `subject_kind` and `subject_id` are what it is about beside its message, such as a visit.
    `handed_to` is the colleague it was handed to, by `handed_by`; null when it is for everybody.
    `paged`: amber, and the person on duty is told at once as of a red one. `concepts`: the danger concepts that were
    found in its message, in English.
    """

    __tablename__ = "inbox_item"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done')", name="state"),
        CheckConstraint("urgency IS NULL OR urgency IN ('red', 'amber')", name="urgency"),
        Index("ix_inbox_item_practice", "practice_id", "state", "urgency"),
        Index("ix_inbox_item_phone", "practice_id", "phone"),
        Index("ix_inbox_item_patient", "patient_id"),
        Index("ix_inbox_item_message", "message_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int | None = Field(default=None, foreign_key="practice.id")
    message_id: int | None = Field(default=None, foreign_key="message.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    phone: str
    reason: str
    urgency: str | None = None
    paged: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    concepts: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": text("'[]'")})
    subject_kind: str | None = Field(default=None, max_length=32)
    subject_id: int | None = None
    state: str = "open"
    opened_at: datetime
    seen_by: int | None = Field(default=None, foreign_key="user_account.id")
    seen_at: datetime | None = None
    escalated_at: datetime | None = None
    handed_to: int | None = Field(default=None, foreign_key="user_account.id")
    handed_by: int | None = Field(default=None, foreign_key="user_account.id")
    handed_at: datetime | None = None
    done_by: int | None = Field(default=None, foreign_key="user_account.id")
    done_at: datetime | None = None


class DutyClock(SQLModel, table=True):
    """Of an item that nobody has taken yet: when the person on duty is told of it next.

    `told` counts the texts so far, `message_id` is the last of them. `rings_at` is null once no more go.
    """

    __tablename__ = "duty_clock"
    item_id: int = Field(foreign_key="inbox_item.id", primary_key=True)
    rings_at: datetime | None = Field(default=None, index=True)
    told: int = 0
    message_id: int | None = Field(default=None, foreign_key="message.id")


class InboxNote(SQLModel, table=True):
    """What somebody noted about an item, for colleagues. `erased_at`: since then the words are gone."""

    __tablename__ = "inbox_note"
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="inbox_item.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    words: str
    at: datetime
    erased_at: datetime | None = None
