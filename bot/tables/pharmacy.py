"""Pharmacies' keys and links, what they say of prescriptions, and the notices people get of it."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import JSON, Field, SQLModel

from bot.database import one_of


class PharmacyPractice(SQLModel, table=True):
    """A pharmacy tells people of a practice about their prescriptions, once both have said yes to it (UTC)."""

    __tablename__ = "pharmacy_practice"
    pharmacy_id: int = Field(foreign_key="pharmacy.id", primary_key=True)
    practice_id: int = Field(foreign_key="practice.id", primary_key=True)
    pharmacy_said_at: datetime | None = None
    pharmacy_said_by: int | None = Field(default=None, foreign_key="user_account.id")
    practice_said_at: datetime | None = None
    practice_said_by: int | None = Field(default=None, foreign_key="user_account.id")


class PharmacyHours(SQLModel, table=True):
    """Hours a pharmacy is open each week, on the wall clock in London. `weekday`: 0 is Monday."""

    __tablename__ = "pharmacy_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="order"),
        UniqueConstraint("pharmacy_id", "weekday", "opens"),
    )
    id: int | None = Field(default=None, primary_key=True)
    pharmacy_id: int = Field(foreign_key="pharmacy.id")
    weekday: int
    opens: time
    closes: time


class PharmacyKey(SQLModel, table=True):
    """What a pharmacy's system shows to be let in: `etr_<public>_<secret>`, of which a hash alone is kept.

    `ods` are the organisation codes it speaks for, parted by commas. `tokens` is what is left of its requests at
    `tokens_at`. `revoked_at`: since then it opens nothing.
    """

    __tablename__ = "pharmacy_key"
    id: int | None = Field(default=None, primary_key=True)
    pharmacy_id: int = Field(foreign_key="pharmacy.id", index=True)
    public: str = Field(unique=True, max_length=32)
    secret_hash: str = Field(max_length=64)
    ods: str = Field(max_length=400)
    tokens: float = 0
    tokens_at: datetime
    made_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class PrescriptionUpdate(SQLModel, table=True):
    """A status of one item of a prescription, as the NHS wire brings it (a Task); times are UTC.

    `patient_id` is null for people no linked practice lists: their NHS number is not kept. `moment` orders the updates
    of an item: `meta.lastUpdated` where given, else `lastModified`. `counts_from`: from when one said ahead counts.
    """

    __tablename__ = "prescription_update"
    __table_args__ = (
        UniqueConstraint("prescription", "task"),
        Index("ix_prescription_update_item", "prescription", "item", "moment"),
        Index("ix_prescription_update_person", "patient_id", "pharmacy_id", "received_at"),
        Index(
            "ix_prescription_update_ahead",
            "counts_from",
            sqlite_where=text("weighed_at IS NULL"),
            postgresql_where=text("weighed_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    pharmacy_id: int | None = Field(default=None, foreign_key="pharmacy.id")
    ods: str = Field(max_length=16)
    prescription: str = Field(max_length=40)
    task: str = Field(max_length=100)
    item: str = Field(max_length=100)
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    status: str = Field(max_length=64)
    ended: bool = False
    moment: datetime
    counts_from: datetime
    last_modified: str = Field(max_length=64)
    received_at: datetime
    weighed_at: datetime | None = None


class NoticeKind(StrEnum):
    """What a pharmacy tells a person."""

    READY = "ready"
    PART_READY = "part-ready"
    PART_ON_ITS_WAY = "part-on-its-way"
    ON_ITS_WAY = "on-its-way"
    PROBLEM = "problem"
    COLLECTED = "collected"


class ProblemReason(StrEnum):
    """Why it is not ready; a person decides what to say beyond that."""

    OUT_OF_STOCK = "out-of-stock"
    NEEDS_DOCTOR = "needs-doctor"
    CANNOT_READ = "cannot-read"
    PLEASE_PHONE = "please-phone"


class NoticeState(StrEnum):
    """Where a notice stands. `held`: it waits to be gathered with others, or for somebody to say that it goes."""

    HELD = "held"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    ANSWERED = "answered"
    NOT_TEXTED = "not-texted"


class Notice(SQLModel, table=True):
    """What a pharmacy says to one person of their prescription: no drug, no free text. Times are UTC.

    `public` is what programs call it. `source`: `wire`, `api`, `form`, `console`. `goes_at`: when it is said, if it
    waits to be gathered. `why_none` is the code of why no text goes. `reminded` counts reminders of it;
    `collected_at` ends them. `duplicate_of`: it waits because the same was said of the person lately. `phoned_at`:
    somebody of the pharmacy has phoned the person about it.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint(one_of("kind", NoticeKind), name="kind"),
        CheckConstraint(one_of("state", NoticeState), name="state"),
        CheckConstraint(f"reason IS NULL OR {one_of('reason', ProblemReason)}", name="reason"),
        CheckConstraint("source IN ('wire', 'api', 'form', 'console')", name="source"),
        Index("ix_notice_pharmacy", "pharmacy_id", "created_at"),
        Index("ix_notice_person", "patient_id", "pharmacy_id", "created_at"),
        Index("ix_notice_message", "message_id"),
        Index(
            "ix_notice_texted",
            "message_id",
            sqlite_where=text("state IN ('queued', 'sent')"),
            postgresql_where=text("state IN ('queued', 'sent')"),
        ),
        Index(
            "ix_notice_held",
            "goes_at",
            sqlite_where=text("state = 'held'"),
            postgresql_where=text("state = 'held'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    public: str = Field(unique=True, max_length=36)
    pharmacy_id: int = Field(foreign_key="pharmacy.id")
    practice_id: int | None = Field(default=None, foreign_key="practice.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    kind: str = Field(max_length=16)
    reason: str | None = Field(default=None, max_length=16)
    prescription: str | None = Field(default=None, max_length=40)
    state: str = Field(max_length=16)
    source: str = Field(max_length=8)
    why_none: str | None = Field(default=None, max_length=32)
    duplicate_of: int | None = Field(default=None, foreign_key="notice.id")
    message_id: int | None = Field(default=None, foreign_key="message.id")
    goes_at: datetime | None = None
    answer: str | None = Field(default=None, max_length=16)
    answered_at: datetime | None = None
    reminded: int = 0
    collected_at: datetime | None = None
    phoned_at: datetime | None = None
    made_by: str = Field(max_length=64)
    created_at: datetime
    changed_at: datetime


class KeptAnswer(SQLModel, table=True):
    """What a request with an idempotency key was answered: the same again gets it again, for 24 hours.

    `status` and `body` are null while the first is still being worked on. `digest` is that of the request.
    """

    __tablename__ = "kept_answer"
    pharmacy_id: int = Field(foreign_key="pharmacy.id", primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    digest: str = Field(max_length=64)
    status: int | None = None
    body: str | None = None
    made_at: datetime = Field(index=True)


class Webhook(SQLModel, table=True):
    """Where a pharmacy's system wants to hear of its notices. Times are UTC.

    `secrets` are sealed, the newest first; the one before it counts for a day after `rotated_at`. `ended_at`: since
    then it hears nothing, because somebody said so, or its own server did.
    """

    __tablename__ = "webhook"
    pharmacy_id: int = Field(foreign_key="pharmacy.id", primary_key=True)
    url: str = Field(max_length=500)
    secrets: list[str] = Field(default_factory=list, sa_type=JSON)
    made_at: datetime
    rotated_at: datetime | None = None
    ended_at: datetime | None = None


class DeliveryState(StrEnum):
    """Where an event on its way to a pharmacy's system stands; `given-up` is on its page."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


class WebhookDelivery(SQLModel, table=True):
    """An event for a pharmacy's system, with its tries: claimed by a lease, in order for each notice. Times are UTC.

    `event` is the `webhook-id`, the same at every try. `body` is as it was when it happened. `last_error` is a code of
    ours, and nothing of what the other side said.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint(one_of("state", DeliveryState), name="state"),
        Index(
            "ix_webhook_delivery_due",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_webhook_delivery_notice", "notice_id", "id"),
        Index("ix_webhook_delivery_pharmacy", "pharmacy_id", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    event: str = Field(unique=True, max_length=40)
    pharmacy_id: int = Field(foreign_key="pharmacy.id")
    notice_id: int | None = Field(default=None, foreign_key="notice.id")
    type: str = Field(max_length=32)
    body: str
    state: str = DeliveryState.WAITING
    tries: int = 0
    due_at: datetime
    lease_until: datetime | None = None
    last_status: int | None = None
    last_error: str | None = Field(default=None, max_length=100)
    made_at: datetime
    ended_at: datetime | None = None


class TellPharmacy(SQLModel, table=True):
    """Whether a person's pharmacy may know which language they need: what they said, or what their record says.

    `pharmacy_id` is the pharmacy that a text named; null is every one, as the record means it.
    """

    __tablename__ = "tell_pharmacy"
    __table_args__ = (Index("ix_tell_pharmacy_person", "patient_id", "pharmacy_id", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id")
    pharmacy_id: int | None = Field(default=None, foreign_key="pharmacy.id")
    yes: bool
    source: str = Field(max_length=8)
    message_id: int | None = Field(default=None, foreign_key="message.id")
    said_at: datetime


class LanguageReport(SQLModel, table=True):
    """A pharmacy reports the language of a person; the practice confirms it before anything changes. Times are UTC."""

    __tablename__ = "language_report"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'confirmed', 'declined')", name="state"),
        Index("ix_language_report_practice", "practice_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    pharmacy_id: int = Field(foreign_key="pharmacy.id")
    practice_id: int = Field(foreign_key="practice.id")
    patient_id: int = Field(foreign_key="patient.id", index=True)
    language: str = Field(max_length=16)
    interpreter: bool | None = None
    state: str = "waiting"
    said_at: datetime
    settled_at: datetime | None = None
    settled_by: int | None = Field(default=None, foreign_key="user_account.id")


class PharmacyClosure(SQLModel, table=True):
    """A day on which a pharmacy is not open at its hours: a bank holiday, or one it names itself."""

    __tablename__ = "pharmacy_closure"
    pharmacy_id: int = Field(foreign_key="pharmacy.id", primary_key=True)
    day: date = Field(primary_key=True)


class CounterSearch(SQLModel, table=True):
    """Somebody at the counter of a pharmacy has looked for a person; what they entered is not kept. Times are UTC.

    `public` is what its pages are called. `patient_id` is null where nobody was found who can be told anything.
    `by_number`: by NHS number and birth date, else by code. `notice_id`: what was said of it, one thing a search.
    """

    __tablename__ = "counter_search"
    __table_args__ = (Index("ix_counter_search_user", "user_id", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    public: str = Field(unique=True, max_length=32)
    pharmacy_id: int = Field(foreign_key="pharmacy.id")
    user_id: int = Field(foreign_key="user_account.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    by_number: bool
    notice_id: int | None = Field(default=None, foreign_key="notice.id", index=True)
    at: datetime = Field(index=True)
    until: datetime
