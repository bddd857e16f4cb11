"""A practice's lists between their upload and their end."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, false
from sqlmodel import JSON, Field, SQLModel

from bot.database import one_of
from bot.states import Moves


class ListState(StrEnum):
    """Where a list stands between its upload and its end."""

    READING = "reading"
    COLUMNS = "columns"
    PREVIEWED = "previewed"
    STORING = "storing"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
    REFUSED = "refused"


_LEFT = (ListState.DISCARDED, ListState.REFUSED)
LIST_MOVES = Moves(
    {
        ListState.COLUMNS: (ListState.READING, *_LEFT),
        ListState.READING: (ListState.COLUMNS, ListState.PREVIEWED, *_LEFT),
        ListState.PREVIEWED: (ListState.READING, ListState.STORING, *_LEFT),
        ListState.STORING: (ListState.CONFIRMED, *_LEFT),
        ListState.CONFIRMED: (),
        ListState.DISCARDED: (),
        ListState.REFUSED: (),
    }
)
"""A list whose reading or storing was cut short is taken up again in the state it is in."""


class ListImport(SQLModel, table=True):
    """A practice's list between its upload and its end; the file is kept only that long.

    `columns`: what stands in each column, as long as the file is kept; in the state of that name a person must say
    which is which. `busy_until`: whoever reads or stores it is at work until then, in UTC; later the work may be
    taken up again. `tries`: how often reading has begun without an end. `refusal`: why the file cannot be read.
    `notes`: sentences about the list as a whole. `fields`: of which fields a blank cell is an answer. `reach`: how
    many of its people could be texted (`yes`), and how many not by the first reason. `people_kept_until`: so long it
    is known who was on it; null for a list that was not stored, or before this was kept.
    """

    __tablename__ = "list_import"
    __table_args__ = (CheckConstraint(one_of("state", ListState), name="state"),)
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    file_name: str
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    selected_for: str | None = None
    keep_ethnic_category: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    state: str = ListState.PREVIEWED
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    notes: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    columns: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    fields: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    reach: dict[str, int] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    rows_done: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    busy_until: datetime | None = None
    refusal: str | None = None
    created_at: datetime
    confirmed_at: datetime | None = None
    people_kept_until: datetime | None = None


class ListedPerson(SQLModel, table=True):
    """Somebody of whom a list that was stored said something; erased with the others of the list after a while."""

    __tablename__ = "listed_person"
    list_id: int = Field(foreign_key="list_import.id", primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", primary_key=True)


class ListPart(SQLModel, table=True):
    """A part of what was found in a list that waits, compressed, so that nobody judges it again; gone with its file.

    `part`: rows as pages show them, by verdict or `flagged`; `people`, to be stored; `rejects`, a spreadsheet.
    """

    __tablename__ = "list_part"
    list_id: int = Field(foreign_key="list_import.id", primary_key=True)
    part: str = Field(primary_key=True, max_length=20)
    number: int = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


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
