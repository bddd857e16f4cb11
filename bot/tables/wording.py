"""Wordings of the texts: what people wrote, who approved which words, and what was turned down; words of lists."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.database import one_of


class Origin(StrEnum):
    """Where a draft came from: written on the page of its text, or read from a PO file."""

    EDIT = "edit"
    IMPORT = "import"


class WordingDraft(SQLModel, table=True):
    """A wording as somebody wrote it; rows are only added. `source_hash` is that of the English it was made for.

    `made_by` is None for a file imported at the console without a name.
    """

    __tablename__ = "wording_draft"
    __table_args__ = (
        CheckConstraint(one_of("origin", Origin), name="origin"),
        Index("ix_wording_draft_text", "text_key", "language", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    text_key: str = Field(max_length=64)
    language: str = Field(max_length=16)
    body: str
    source_hash: str = Field(max_length=64)
    origin: str
    made_by: int | None = Field(default=None, foreign_key="user_account.id")
    made_at: datetime


class WordingApproval(SQLModel, table=True):
    """Who approved which words: `digest` covers the English source and the wording. In force until withdrawn.

    `needed` is how many people have to: the wording may be sent once as many have approved the same digest.
    `source` is the English it was read beside; it and `withdrawn_by` are None of what is older than these columns.
    """

    __tablename__ = "wording_approval"
    __table_args__ = (
        CheckConstraint("needed BETWEEN 1 AND 2", name="needed"),
        Index(
            "uq_wording_approval_in_force",
            "text_key",
            "language",
            "digest",
            "approved_by",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    text_key: str = Field(max_length=64)
    language: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    body: str
    source: str | None = None
    needed: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    approved_by: int = Field(foreign_key="user_account.id")
    approved_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: int | None = Field(default=None, foreign_key="user_account.id")


class WordingRejection(SQLModel, table=True):
    """A wording that somebody turned down, and why. `draft_id` is None for the wording that came with the service."""

    __tablename__ = "wording_rejection"
    __table_args__ = (Index("ix_wording_rejection_text", "text_key", "language"),)
    id: int | None = Field(default=None, primary_key=True)
    text_key: str = Field(max_length=64)
    language: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    draft_id: int | None = Field(default=None, foreign_key="wording_draft.id")
    why: str = Field(max_length=200)
    rejected_by: int = Field(foreign_key="user_account.id")
    rejected_at: datetime


class WordChange(StrEnum):
    """What a reader asks for: a word more, or one less, which comes with a release."""

    ADD = "add"
    REMOVE = "remove"


class WordState(StrEnum):
    """What became of it. Only a word that is added is agreed to, and from then on replies are read with it."""

    WAITING = "waiting"
    AGREED = "agreed"
    TURNED_DOWN = "turned-down"
    TAKEN_BACK = "taken-back"


class WordProposal(SQLModel, table=True):
    """A word that a reader of a language wants added to a list, or says is wrong there, with a reason.

    `lists` is one of `bot.understanding.tables.READ`; `entry` is written as the file of the language would have it.
    `decided_by` decided last: agreed, turned it down or took it back.
    """

    __tablename__ = "word_proposal"
    __table_args__ = (
        CheckConstraint(one_of("change", WordChange), name="change"),
        CheckConstraint(one_of("state", WordState), name="state"),
        Index(
            "uq_word_proposal_open",
            *("language", "lists", "concept", "entry", "change"),
            unique=True,
            sqlite_where=text("state IN ('waiting', 'agreed')"),
            postgresql_where=text("state IN ('waiting', 'agreed')"),
        ),
        Index("ix_word_proposal_state", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    language: str = Field(max_length=16)
    lists: str = Field(max_length=16)
    concept: str = Field(max_length=32)
    entry: str = Field(max_length=400)
    change: str = Field(max_length=16)
    why: str | None = Field(default=None, max_length=200)
    proposed_by: int = Field(foreign_key="user_account.id")
    proposed_at: datetime
    state: str = Field(default=WordState.WAITING, max_length=16)
    decided_by: int | None = Field(default=None, foreign_key="user_account.id")
    decided_at: datetime | None = None
    decided_why: str | None = Field(default=None, max_length=200)


class WordEdition(SQLModel, table=True):
    """A change of the words that replies are read with beside the files; the newest row names the set there is.

    `edition` is a name nobody can guess, so that a restored database never has that of another set. `after` is the
    one before it, which was looked at when somebody agreed: of two who agree at once the second looks again.
    """

    __tablename__ = "word_edition"
    __table_args__ = (UniqueConstraint("after"),)
    id: int | None = Field(default=None, primary_key=True)
    edition: str = Field(max_length=32)
    after: str = Field(max_length=32)
    proposal_id: int = Field(foreign_key="word_proposal.id")
    state: str = Field(max_length=16)
    made_by: int = Field(foreign_key="user_account.id")
    made_at: datetime
