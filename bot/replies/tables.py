"""Which question a person is answering: at most one open question per sender and phone."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from bot.database import one_of


class QuestionKind(StrEnum):
    """What was asked."""

    INVITATION = "invitation"
    CONSENT = "consent"
    LANGUAGE = "language"
    LANGUAGE_CONFIRM = "language-confirm"


class QuestionState(StrEnum):
    """`pending`: its text has not gone yet; `superseded`: a newer question to the phone took its place.

    `expired`: its time is up, or its text never reached the phone.
    """

    PENDING = "pending"
    OPEN = "open"
    ANSWERED = "answered"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class OpenQuestion(SQLModel, table=True):
    """A question to one phone. `detail` names what was offered (a language to confirm)."""

    __tablename__ = "open_question"
    __table_args__ = (
        CheckConstraint(one_of("kind", QuestionKind), name="kind"),
        CheckConstraint(one_of("state", QuestionState), name="state"),
        Index(
            "uq_open_question_phone",
            "sender_id",
            "phone",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_open_question_message", "message_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    sender_id: int = Field(foreign_key="sender.id")
    practice_id: int = Field(foreign_key="practice.id")
    phone: str
    patient_id: int = Field(foreign_key="patient.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    kind: str
    state: str = QuestionState.PENDING
    message_id: int = Field(foreign_key="message.id")
    detail: str | None = None
    opened_at: datetime | None = None
    expires_at: datetime | None = None
    answered_at: datetime | None = None


class ReplyReading(SQLModel, table=True):
    """How an inbound message was understood, for staff and for learning how often a person is needed."""

    __tablename__ = "reply_reading"
    message_id: int = Field(foreign_key="message.id", primary_key=True)
    intent: str
    urgent: str | None = None
    choice: int | None = None
    language: str | None = None
    romanised: bool = False
    rule: str
    to_person: bool
    question_id: int | None = Field(default=None, foreign_key="open_question.id")
