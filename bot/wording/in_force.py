"""Which wording is in force: the newest that enough people have approved, if it has the slots its text has today."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, null, or_, union_all
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from bot.rows import one_of_given
from bot.tables.wording import WordingApproval, WordingDraft, WordingRejection
from bot.texts.catalogue import Text, catalogue, slots_in
from bot.texts.wording import Wording, wording_digest

Place = tuple[str, str]
"""A text and a language."""


def is_approved(text_key: Mapped[Any], language: Mapped[Any], digest: Mapped[Any]) -> ColumnElement[bool]:
    """Whether enough people stand by the words that a row of an outer query was composed from."""
    return _stood_by(
        col(WordingApproval.text_key) == text_key,
        col(WordingApproval.language) == language,
        col(WordingApproval.digest) == digest,
    )


def is_line_approved(digest: Mapped[Any], keys: Iterable[str]) -> ColumnElement[bool]:
    """The same of the line under them, which is a wording of one of these texts; true where there is none."""
    approved = _stood_by(col(WordingApproval.text_key).in_(list(keys)), col(WordingApproval.digest) == digest)
    return or_(digest.is_(None), approved)


def _stood_by(*words: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        sqlalchemy_select(literal(1))
        .where(*words, col(WordingApproval.withdrawn_at).is_(None))
        .group_by(col(WordingApproval.digest))
        .having(_enough())
        .exists()
    )


def _enough() -> ColumnElement[bool]:
    return func.count() >= func.min(col(WordingApproval.needed))


Approved = Mapping[Place, Wording]
Drafts = Mapping[Place, Wording]


def approved_wordings(
    session: Session, keys: Iterable[str] | None = None, tags: Iterable[str] | None = None
) -> Approved:
    """Of every text and language the wording in force; `keys` and `tags` are those wanted, None is all."""
    approved, _ = _read(session, keys, tags, drafts=False)
    return approved


def wordings_and_drafts(
    session: Session, keys: Iterable[str] | None = None, tags: Iterable[str] | None = None
) -> tuple[Approved, Drafts]:
    """The same, and of every text and language the newest draft that nobody has turned down."""
    return _read(session, keys, tags, drafts=True)


def _read(
    session: Session, keys: Iterable[str] | None, tags: Iterable[str] | None, *, drafts: bool
) -> tuple[Approved, Drafts]:
    """Asked for every text that goes, so the statement is built once."""
    session.flush()
    connection = session.connection()
    wanted = {name: list(given) for name, given in (("keys", keys), ("tags", tags)) if given is not None}
    statement = _statement(connection.dialect.name, drafts, *(name in wanted for name in ("keys", "tags")))
    approved: dict[Place, Wording] = {}
    written: dict[Place, Wording] = {}
    for _, key, tag, digest, body in connection.execute(statement, wanted).all():
        if not fits(key, body):
            continue
        if digest is None:
            written[key, tag] = worded(catalogue()[key], tag, body)
        else:
            approved[key, tag] = Wording(key, tag, body, digest)
    return approved, written


@cache
def _statement(dialect: str, drafts: bool, by_key: bool, by_tag: bool) -> Any:
    """The oldest first, so that the newest of a place remains; a draft has no digest."""
    approved = _approved(_among(WordingApproval, dialect, by_key, by_tag))
    if not drafts:
        return approved.order_by("newest")
    return union_all(approved, _drafts(_among(WordingDraft, dialect, by_key, by_tag))).order_by("newest")


def _approved(wanted: Sequence[ColumnElement[bool]]) -> Select[Any]:
    words: list[Any] = [col(WordingApproval.text_key), col(WordingApproval.language), col(WordingApproval.digest)]
    newest = func.max(col(WordingApproval.id)).label("newest")
    return (
        sqlalchemy_select(newest, *words, func.max(col(WordingApproval.body)))
        .where(col(WordingApproval.withdrawn_at).is_(None), *wanted)
        .group_by(*words)
        .having(_enough())
    )


def _drafts(wanted: Sequence[ColumnElement[bool]]) -> Select[Any]:
    rejected = select(WordingRejection.id).where(col(WordingRejection.draft_id) == col(WordingDraft.id)).exists()
    words: list[Any] = [col(WordingDraft.text_key), col(WordingDraft.language)]
    no_digest = cast(null(), String)
    return sqlalchemy_select(col(WordingDraft.id), *words, no_digest, col(WordingDraft.body)).where(~rejected, *wanted)


def _among(
    table: type[WordingApproval] | type[WordingDraft], dialect: str, by_key: bool, by_tag: bool
) -> list[ColumnElement[bool]]:
    asked = ((by_key, col(table.text_key), "keys"), (by_tag, col(table.language), "tags"))
    return [one_of_given(column, name, dialect) for wanted, column, name in asked if wanted]


def worded(text: Text, tag: str, body: str) -> Wording:
    """A body as the wording of a text as its English reads today."""
    return Wording(text.key, tag, body, wording_digest(text.source, body))


def fits(key: str, body: str) -> bool:
    """Whether the slots of a wording are those that its text has today."""
    text = catalogue().get(key)
    return text is not None and slots_in(body) == set(text.slots)
