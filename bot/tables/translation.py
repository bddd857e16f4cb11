"""What a machine is asked to translate, the models it has, and the languages a person has switched on."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from bot.database import one_of

GIST = "gist"
FREE_TEXT = "free-text"
WORDING = "wording"


class TranslationState(StrEnum):
    """Where a translation stands; `working`: a translator has it, until its lease runs out."""

    QUEUED = "queued"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Failure(StrEnum):
    """Why there is no translation."""

    NO_MODEL = "no-model"
    TIMED_OUT = "timed-out"
    TOO_LONG = "too-long"
    NOTHING_TO_TRANSLATE = "nothing-to-translate"
    SAME_LANGUAGE = "same-language"
    ROMANISED = "romanised"
    ENGINE_FAILED = "engine-failed"


class ModelFault(StrEnum):
    """Why a model that was installed is not used."""

    MISSING = "missing"
    CHANGED = "changed"
    TRIAL = "trial"
    UNREADABLE = "unreadable"


class Translation(SQLModel, table=True):
    """Words for the translator, and what it made of them. Times are UTC.

    `purpose` is `gist` (what somebody wrote, for staff), `free-text` (what staff wrote, for a person) or `wording` (a
    text of the catalogue turned back into English, for its readers). `message_id`: the text it belongs to, with which
    its words are erased (`erased_at`). `kept`: names that stay as they are, a JSON
    list. `wants_back`: translated back as well. `checks`: a JSON list of {"check", "ok", "why"}; `ok`: all hold.
    `model`: what translated it, such as "en-ur 0.1 a4d0fe4e". `score`: mean log-probability of a token. `claim_ref`:
    whose claim it is; nobody else's outcome is recorded. A lower `priority` goes first.
    """

    __tablename__ = "translation"
    __table_args__ = (
        CheckConstraint(one_of("state", TranslationState), name="state"),
        CheckConstraint(f"failure IS NULL OR {one_of('failure', Failure)}", name="failure"),
        Index(
            "ix_translation_due",
            "priority",
            "id",
            sqlite_where=text("state IN ('queued', 'working')"),
            postgresql_where=text("state IN ('queued', 'working')"),
        ),
        Index(
            "ix_translation_wording",
            "source_language",
            sqlite_where=text("purpose = 'wording'"),
            postgresql_where=text("purpose = 'wording'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    purpose: str = Field(max_length=32)
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    practice_id: int | None = Field(default=None, foreign_key="practice.id")
    source_language: str = Field(max_length=16)
    target_language: str = Field(max_length=16)
    source: str
    kept: str | None = None
    wants_back: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    text: str | None = None
    back: str | None = None
    checks: str | None = None
    ok: bool | None = None
    model: str | None = None
    score: float | None = None
    state: str = TranslationState.QUEUED
    priority: int = 5
    attempts: int = 0
    lease_until: datetime | None = None
    claim_ref: str | None = Field(default=None, max_length=64)
    requested_by: int | None = Field(default=None, foreign_key="user_account.id")
    requested_at: datetime
    done_at: datetime | None = None
    failure: str | None = None
    erased_at: datetime | None = None


class TranslationModel(SQLModel, table=True):
    """The installed model of one direction, the newest.

    `sha256` is that of the package it came in, `contents` of the files it became (`bot.translation.packages`).
    `chrf`: how well it did on a parallel file, 0 to 100, null while nobody has scored it. `trial`: trained for tests,
    not for patients. `token_form`: what stands for a value in its input and comes out whole, null until it was tried
    and empty when none does. `fault`: why it is not used.
    """

    __tablename__ = "translation_model"
    __table_args__ = (
        UniqueConstraint("from_language", "to_language"),
        CheckConstraint(f"fault IS NULL OR {one_of('fault', ModelFault)}", name="fault"),
    )
    id: int | None = Field(default=None, primary_key=True)
    from_language: str = Field(max_length=16)
    to_language: str = Field(max_length=16)
    version: str = Field(max_length=32)
    sha256: str = Field(max_length=64)
    contents: str = Field(max_length=64)
    folder: str = Field(max_length=128)
    chrf: float | None = None
    token_form: str | None = Field(default=None, max_length=32)
    trial: bool = False
    fault: str | None = Field(default=None, max_length=16)
    installed_at: datetime


class LanguageSwitch(SQLModel, table=True):
    """Whether a person has switched machine translation on for a language; nobody has where there is no row."""

    __tablename__ = "language_switch"
    language: str = Field(primary_key=True, max_length=16)
    on: bool
    changed_by: int | None = Field(default=None, foreign_key="user_account.id")
    changed_at: datetime
