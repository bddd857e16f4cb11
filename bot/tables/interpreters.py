"""Agencies and their interpreters: who speaks what, when they work, and what they have been asked.

Nothing here says for whom an interpreter is asked: that is a visit's, and no interpreter sees it.
"""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.database import one_of


class Mode(StrEnum):
    """How people meet: a person and a clinician, or an interpreter and both of them."""

    IN_PERSON = "in-person"
    TELEPHONE = "telephone"
    VIDEO = "video"


class AskState(StrEnum):
    """Where the question to one interpreter stands. `lapsed`: its time is up; a late yes still counts.

    `withdrawn`: the visit needs nobody any more, or somebody else has it.
    """

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class AgencyPractice(SQLModel, table=True):
    """An agency's interpreters may be booked for a practice."""

    __tablename__ = "agency_practice"
    agency_id: int = Field(foreign_key="agency.id", primary_key=True)
    practice_id: int = Field(foreign_key="practice.id", primary_key=True)


class Interpreter(SQLModel, table=True):
    """An interpreter of an agency, known to patients and practices by name, to everybody else by code.

    `email` is that of the account they sign in with. `phone` is E.164. A notice is in hours before the visit, 0 for
    none; null: they do not work in that way. `left_at`: since then they are asked for nothing new.
    """

    __tablename__ = "interpreter"
    __table_args__ = (CheckConstraint("sex IN ('F', 'M', 'X', 'U')", name="sex"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32)
    agency_id: int = Field(foreign_key="agency.id", index=True)
    name: str = Field(max_length=100)
    sex: str = "U"
    phone: str | None = Field(default=None, index=True)
    email: str | None = Field(default=None, unique=True)
    in_person_notice: int | None = None
    telephone_notice: int | None = None
    video_notice: int | None = None
    created_at: datetime
    updated_at: datetime
    left_at: datetime | None = None


class InterpreterLanguage(SQLModel, table=True):
    """A language an interpreter is registered for, by its BCP 47 tag."""

    __tablename__ = "interpreter_language"
    interpreter_id: int = Field(foreign_key="interpreter.id", primary_key=True)
    language: str = Field(primary_key=True, max_length=16)


class InterpreterHours(SQLModel, table=True):
    """Hours an interpreter works each week, on the wall clock in London. `weekday`: 0 is Monday."""

    __tablename__ = "interpreter_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="order"),
        UniqueConstraint("interpreter_id", "weekday", "opens"),
    )
    id: int | None = Field(default=None, primary_key=True)
    interpreter_id: int = Field(foreign_key="interpreter.id")
    weekday: int
    opens: time
    closes: time


class InterpreterAway(SQLModel, table=True):
    """A time, in UTC, in which an interpreter does not work."""

    __tablename__ = "interpreter_away"
    __table_args__ = (
        CheckConstraint("starts < ends", name="order"),
        Index("ix_interpreter_away_interpreter", "interpreter_id", "ends"),
    )
    id: int | None = Field(default=None, primary_key=True)
    interpreter_id: int = Field(foreign_key="interpreter.id")
    starts: datetime
    ends: datetime


class InterpreterDay(SQLModel, table=True):
    """A day in London of one interpreter: locked by whoever books on it, so that travel between two visits is seen."""

    __tablename__ = "interpreter_day"
    interpreter_id: int = Field(foreign_key="interpreter.id", primary_key=True)
    day: date = Field(primary_key=True)


class BlockedInterpreter(SQLModel, table=True):
    """A person does not want this interpreter again, or the two know each other. Nobody asks why."""

    __tablename__ = "blocked_interpreter"
    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    interpreter_id: int = Field(foreign_key="interpreter.id", primary_key=True)


class InterpreterAsk(SQLModel, table=True):
    """One interpreter is asked to take one visit, in one way, until `lapses_at` (UTC)."""

    __tablename__ = "interpreter_ask"
    __table_args__ = (
        CheckConstraint(one_of("state", AskState), name="state"),
        CheckConstraint(one_of("mode", Mode), name="mode"),
        UniqueConstraint("visit_id", "interpreter_id", "mode"),
        Index("ix_interpreter_ask_interpreter", "interpreter_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    visit_id: int = Field(foreign_key="visit.id")
    interpreter_id: int = Field(foreign_key="interpreter.id")
    mode: str
    state: str = AskState.ASKED
    asked_at: datetime
    lapses_at: datetime
    answered_at: datetime | None = None
