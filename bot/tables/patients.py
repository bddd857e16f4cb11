"""Who we may reach: patients, what they were coded with, who asked us not to text, and who signed the criteria."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from bot.database import one_of

FROM_PATIENT = "patient"
"""`language_source` and `phone_source` of what a person told us."""
FROM_STAFF = "staff"
"""The sources of what staff of the practice recorded here, from a text, a call or a letter."""
TOLD = (FROM_PATIENT, FROM_STAFF)
"""Sources that outweigh a list."""


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


class ScreeningStatus(StrEnum):
    """What a practice's list says of a person's cervical screening; it is never worked out from anything else."""

    DUE = "due"
    OVERDUE = "overdue"
    NOT_DUE = "not-due"
    CEASED = "ceased"
    DEFERRED = "deferred"


class Patient(SQLModel, table=True):
    """A person on a practice's list, known by practice and NHS number.

    `phone` is E.164 or null. `language` is a BCP 47 tag or null when none is recorded; `language_source` is
    `list`, `patient` or `staff`: what the person or staff told us survives every import. `phone_source` `staff`: they
    said whose that number is. `death_source` `staff`: a list without a date of death brings nobody back to life.
    `phone_since`: the day in London on which we first heard of that number for them; null where that was before it
    was kept, and then the record's first day stands for it.
    `disputed`: rows of the practice's list disagree on whether the person lives, is registered or may be texted, and
    nobody has settled it yet.
    `imd_decile` is 1 (most deprived) to 10; `ethnic_category` is as written, and only where the practice asked for it.
    """

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("practice_id", "nhs_number"),
        CheckConstraint(one_of("phone_status", PhoneStatus), name="phone_status"),
        CheckConstraint("sex IN ('F', 'M', 'X', 'U')", name="sex"),
        CheckConstraint("imd_decile BETWEEN 1 AND 10", name="imd_decile"),
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
    phone_since: date | None = None
    language: str | None = None
    language_source: str = "list"
    language_as_written: str | None = None
    interpreter: bool | None = None
    registered: bool = True
    deceased: bool = False
    died_on: date | None = None
    death_source: str = Field(default="list", sa_column_kwargs={"server_default": "list"})
    texting_refused: bool = False
    imd_decile: int | None = None
    ethnic_category: str | None = Field(default=None, max_length=100)
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


class CervicalScreening(SQLModel, table=True):
    """What the practice's list says of a person's cervical screening, as it last said it.

    `status` is null where a list has said something else about it, but not whether a test is due. `deferred_until` and
    `declined_on` are days as the list has them. `listed_at`: when the list that said so was stored (UTC).
    """

    __tablename__ = "cervical_screening"
    __table_args__ = (CheckConstraint(f"status IS NULL OR {one_of('status', ScreeningStatus)}", name="status"),)
    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    status: str | None = None
    deferred_until: date | None = None
    declined_on: date | None = None
    listed_at: datetime


class OptOut(SQLModel, table=True):
    """A wish not to be texted, by phone and, where one person is known behind it, by person.

    Kept apart from the patient so that no import undoes it. In force while `lifted_at` is null. Once nobody on
    the list has the number any more, it is kept for ever as a keyed hash alone (`phone_hash`, under `hash_key`).
    Told to staff by one of several who share a phone, or by somebody without one, it is of the person alone.
    """

    __tablename__ = "opt_out"
    __table_args__ = (
        CheckConstraint(one_of("scope", OptOutScope), name="scope"),
        Index("ix_opt_out_phone", "practice_id", "phone"),
        Index("ix_opt_out_patient", "patient_id"),
        Index("ix_opt_out_hash", "practice_id", "phone_hash"),
        CheckConstraint("phone IS NULL OR phone_hash IS NULL", name="phone"),
        CheckConstraint("COALESCE(phone, phone_hash) IS NOT NULL OR patient_id IS NOT NULL", name="whose"),
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


class CriteriaSignature(SQLModel, table=True):
    """A clinician (lead) or a partner has agreed to a version of the criteria for a practice."""

    __tablename__ = "criteria_signature"
    __table_args__ = (
        UniqueConstraint("practice_id", "criteria", "version", "signed_as", "partner_id"),
        CheckConstraint("signed_as IN ('lead', 'partner')", name="signed_as"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    partner_id: int | None = Field(default=None, foreign_key="partner.id")
    criteria: str = Field(max_length=64)
    version: int
    signed_as: str
    user_id: int = Field(foreign_key="user_account.id")
    signed_at: datetime


class PersonCode(SQLModel, table=True):
    """What stands for a person who needs an interpreter where nobody may know who it is; never used a second time.

    Eight signs with a check sign (`patients.person_codes`). `replaced_at`: since then it stands for nobody.
    """

    __tablename__ = "person_code"
    __table_args__ = (
        Index(
            "uq_person_code_patient",
            "patient_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )
    code: str = Field(primary_key=True, max_length=8)
    patient_id: int = Field(foreign_key="patient.id")
    made_at: datetime
    replaced_at: datetime | None = None
