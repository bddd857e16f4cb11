"""Who we may reach: practices, patients, what they were coded with, and who asked us not to text."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, false
from sqlmodel import JSON, Field, SQLModel

from bot.database import one_of


class PhoneStatus(StrEnum):
    """What is known of a patient's mobile number; only `own` and `confirmed` are texted."""

    OWN = "own"
    CONFIRMED = "confirmed"
    SHARED = "shared"
    UNSAFE = "unsafe"
    NONE = "none"
    NOT_MOBILE = "not-mobile"
    NOT_UK = "not-uk"
    UNREADABLE = "unreadable"
    FAILED = "failed"


class OptOutScope(StrEnum):
    """`outreach`: no invitations, but reminders of what the person booked; `all`: nothing."""

    OUTREACH = "outreach"
    ALL = "all"


class Practice(SQLModel, table=True):
    """A GP practice: the sender of its texts and the controller of its patients' data."""

    __tablename__ = "practice"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32)
    name: str
    phone: str | None = None
    sender_id: int = Field(foreign_key="sender.id")
    demo: bool = False
    created_at: datetime


class Patient(SQLModel, table=True):
    """A person on a practice's list, known by practice and NHS number.

    `phone` is E.164 or null. `language` is a BCP 47 tag or null when none is recorded; `language_source` is
    `list` or `patient`: what the person told us survives every import. `disputed`: rows of the practice's list
    disagree on whether the person lives, is registered or may be texted, and nobody has settled it yet.
    """

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("practice_id", "nhs_number"),
        CheckConstraint(one_of("phone_status", PhoneStatus), name="phone_status"),
        CheckConstraint("sex IN ('F', 'M', 'X', 'U')", name="sex"),
        Index("ix_patient_practice_phone", "practice_id", "phone"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    nhs_number: str = Field(max_length=10)
    surname: str = ""
    given_name: str = ""
    born: date
    sex: str = "U"
    phone: str | None = Field(default=None, index=True)
    phone_status: str = PhoneStatus.NONE
    phone_source: str = "list"
    language: str | None = None
    language_source: str = "list"
    language_as_written: str | None = None
    interpreter: bool | None = None
    registered: bool = True
    deceased: bool = False
    died_on: date | None = None
    texting_refused: bool = False
    disputed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime
    updated_at: datetime


class PatientCode(SQLModel, table=True):
    """A SNOMED CT concept on a patient's record."""

    __tablename__ = "patient_code"
    __table_args__ = (Index("ix_patient_code_code", "code", "patient_id"),)
    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    code: str = Field(primary_key=True, max_length=18)


class PatientSelection(SQLModel, table=True):
    """The practice's own search chose this person, so the coded condition of those criteria is met."""

    __tablename__ = "patient_selection"
    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    criteria: str = Field(primary_key=True, max_length=64)
    selected_at: datetime


class OptOut(SQLModel, table=True):
    """A wish not to be texted, by phone and, where one person is known behind it, by person.

    Kept apart from the patient so that no import undoes it. In force while `lifted_at` is null. Once nobody on
    the list has the number any more, it is kept for ever as a keyed hash alone (`phone_hash`, under `hash_key`).
    """

    __tablename__ = "opt_out"
    __table_args__ = (
        CheckConstraint(one_of("scope", OptOutScope), name="scope"),
        Index("ix_opt_out_phone", "practice_id", "phone"),
        Index("ix_opt_out_patient", "patient_id"),
        Index("ix_opt_out_hash", "practice_id", "phone_hash"),
        CheckConstraint("(phone IS NULL) <> (phone_hash IS NULL)", name="phone"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    phone: str | None = None
    phone_hash: str | None = Field(default=None, max_length=64)
    hash_key: str | None = Field(default=None, max_length=16)
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    scope: str = OptOutScope.OUTREACH
    source: str
    message_id: int | None = Field(default=None, foreign_key="message.id")
    recorded_at: datetime
    lifted_at: datetime | None = None


class ListState(StrEnum):
    """Where a list stands between its upload and its end."""

    READING = "reading"
    COLUMNS = "columns"
    PREVIEWED = "previewed"
    STORING = "storing"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
    REFUSED = "refused"


class ListImport(SQLModel, table=True):
    """A practice's list between its upload and its end; the file is kept only that long.

    `columns`: a person must say which column is which. `busy_until`: whoever reads or stores it is at work
    until then, in UTC; later the work may be taken up again. `refusal`: why the file cannot be read.
    """

    __tablename__ = "list_import"
    __table_args__ = (CheckConstraint(one_of("state", ListState), name="state"),)
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    file_name: str
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    selected_for: str | None = None
    state: str = ListState.PREVIEWED
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    rows_done: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    busy_until: datetime | None = None
    refusal: str | None = None
    created_at: datetime
    confirmed_at: datetime | None = None


class ListHeading(SQLModel, table=True):
    """What a practice said a heading of its lists means; a null `field` says that it is not for us."""

    __tablename__ = "list_heading"
    practice_id: int = Field(foreign_key="practice.id", primary_key=True)
    heading: str = Field(primary_key=True, max_length=200)
    field: str | None = Field(default=None, max_length=40)


class ConflictState(StrEnum):
    """`superseded`: a later list says one thing only."""

    OPEN = "open"
    SETTLED = "settled"
    SUPERSEDED = "superseded"


class ListConflict(SQLModel, table=True):
    """Rows of one list that disagree about a person, until somebody of the practice settles it.

    `fields` names the columns they disagree on. `versions` is what each row says, erased once settled. `digest`
    knows the same disagreement again, and `chosen` the version that was right, so that it is asked once.
    """

    __tablename__ = "list_conflict"
    __table_args__ = (
        UniqueConstraint("practice_id", "nhs_number", "digest"),
        CheckConstraint(one_of("state", ConflictState), name="state"),
        Index("ix_list_conflict_practice_state", "practice_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    nhs_number: str = Field(max_length=10)
    digest: str = Field(max_length=64)
    fields: list[str] = Field(default_factory=list, sa_type=JSON)
    versions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    state: str = ConflictState.OPEN
    chosen: str | None = Field(default=None, max_length=64)
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    found_at: datetime
    settled_at: datetime | None = None
