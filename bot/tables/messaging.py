"""The outbox: a message is the business record, an attempt is one POST to Twilio, a question is what a text asks."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from bot.database import one_of


class Direction(StrEnum):
    """Whether we sent it or received it."""

    OUT = "out"
    IN = "in"


class State(StrEnum):
    """Where a message stands, in our words; inbound messages are `received`."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECEIVED = "received"


class Kind(StrEnum):
    """Why a text goes: decides when it may go, to whom, and before which others."""

    EMERGENCY = "emergency"
    RECEIPT = "receipt"
    ANSWER = "answer"
    QUESTION = "question"
    NOTICE = "notice"
    REMINDER = "reminder"
    ALERT = "alert"
    OUTREACH = "outreach"
    INBOUND = "inbound"


class Outcome(StrEnum):
    """How one POST to Twilio ended."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not-sent"
    UNKNOWN = "unknown"
    NOT_FOUND = "not-found"
    AMBIGUOUS = "ambiguous"


class Subject(NamedTuple):
    """What a text or a question is about: a campaign, a referral. Which kinds there are, capabilities say."""

    kind: str
    id: int


class Message(SQLModel, table=True):
    """One SMS, in or out. `phone` is the other party, E.164 (or as received). Times are UTC.

    `at_once_until`: until then the text need not wait for the sending window. `not_before`: earliest claim.
    `use_by`: after that it is dropped and said. `dedupe_key` makes queueing twice harmless.
    `wording_digest` and `line_digest`: the wordings that it and the line under it were made from.
    `subject_sequence`: which state of its subject it speaks of, where that changes (a visit that is moved).
    `hours`: the name of hours of its own in which alone it goes (`messaging.hours`), null for the sending window alone.
    `waits_for_window`: a claim put it off to the next opening of the sending window.
    `retried_by_id`: it did not arrive and goes once more as that message, which counts instead. `erased_at`: since then
    the words are gone, and only what happened is kept.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(one_of("state", State), name="state"),
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint(one_of("direction", Direction), name="direction"),
        Index(
            "ix_message_due",
            "sender_id",
            "priority",
            "not_before",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_message_in_flight",
            "state",
            sqlite_where=text("state IN ('sending', 'uncertain')"),
            postgresql_where=text("state IN ('sending', 'uncertain')"),
        ),
        Index(
            "ix_message_waits_for_window",
            "kind",
            "not_before",
            sqlite_where=text("state = 'queued' AND waits_for_window = 1"),
            postgresql_where=text("state = 'queued' AND waits_for_window"),
        ),
        Index("ix_message_phone", "phone", "sender_id", "id"),
        Index("ix_message_subject", "subject_kind", "subject_id", "state"),
        Index("ix_message_batch", "batch_id", "patient_id"),
        Index("ix_message_patient", "patient_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    direction: str
    kind: str
    state: str
    priority: int = 5
    practice_id: int | None = Field(default=None, foreign_key="practice.id")
    sender_id: int = Field(foreign_key="sender.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    subject_kind: str | None = Field(default=None, max_length=32)
    subject_id: int | None = None
    subject_sequence: int | None = None
    batch_id: int | None = Field(default=None, foreign_key="batch.id")
    phone: str
    body: str
    text_key: str | None = None
    language: str | None = None
    wording_digest: str | None = None
    line_digest: str | None = None
    parts: int
    dedupe_key: str | None = Field(default=None, unique=True)
    automatic: bool = True
    twilio_status: str | None = None
    sid: str | None = Field(default=None, unique=True)
    attempts: int = 0
    error_code: int | None = None
    reason: str | None = None
    not_before: datetime
    hours: str | None = Field(default=None, max_length=16)
    waits_for_window: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    at_once_until: datetime | None = None
    use_by: datetime | None = None
    answers_id: int | None = Field(default=None, foreign_key="message.id")
    retried_by_id: int | None = Field(default=None, foreign_key="message.id", unique=True)
    created_at: datetime
    sent_at: datetime | None = None
    updated_at: datetime
    erased_at: datetime | None = None

    @property
    def subject(self) -> Subject | None:
        """What it is about, if anything."""
        return Subject(self.subject_kind, self.subject_id or 0) if self.subject_kind else None


class Attempt(SQLModel, table=True):
    """One POST to Twilio: the reference its callbacks carry, its lease, and what came of it."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("message_id", "number"),
        CheckConstraint(one_of("outcome", Outcome), name="outcome"),
        Index(
            "ix_attempt_open",
            "lease_until",
            sqlite_where=text("outcome IN ('open', 'unknown')"),
            postgresql_where=text("outcome IN ('open', 'unknown')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id")
    number: int
    ref: str = Field(unique=True, max_length=64)
    sid: str | None = Field(default=None, unique=True)
    outcome: str = Outcome.OPEN
    started_at: datetime
    lease_until: datetime
    ended_at: datetime | None = None
    look_ups: int = 0
    look_up_at: datetime | None = None
    error_code: int | None = None


class StatusEvent(SQLModel, table=True):
    """A status callback, kept as it came; the same one again changes nothing."""

    __tablename__ = "status_event"
    __table_args__ = (UniqueConstraint("sid", "status"),)
    id: int | None = Field(default=None, primary_key=True)
    attempt_ref: str = Field(index=True)
    message_id: int | None = Field(default=None, foreign_key="message.id")
    sid: str
    status: str
    error_code: int | None = None
    received_at: datetime
    carrier_time: str | None = None
    repeats: int = 0


class Heartbeat(SQLModel, table=True):
    """When a part of the service last said that it is alive."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True)
    at: datetime


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
    """A question to one phone. `kind` names a question some capability brings, `detail` what was offered."""

    __tablename__ = "open_question"
    __table_args__ = (
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
    subject_kind: str | None = Field(default=None, max_length=32)
    subject_id: int | None = None
    kind: str = Field(max_length=32)
    state: str = QuestionState.PENDING
    message_id: int = Field(foreign_key="message.id")
    detail: str | None = None
    opened_at: datetime | None = None
    expires_at: datetime | None = None
    answered_at: datetime | None = None

    @property
    def subject(self) -> Subject | None:
        """What it is about, if anything."""
        return Subject(self.subject_kind, self.subject_id or 0) if self.subject_kind else None
