"""Which wording is in force: the newest that enough people have approved, if it has the slots its text has today."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, or_
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

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


def approved_wordings(
    session: Session, keys: Iterable[str] | None = None, tags: Iterable[str] | None = None
) -> Mapping[Place, Wording]:
    """Of every text and language the wording in force; `keys` and `tags` are those wanted, None is all."""
    rows = _read(session, _approved, keys, tags)
    found = (Wording(key, tag, body, digest) for key, tag, digest, body in rows)
    return {(one.text_key, one.language): one for one in found if fits(one.text_key, one.body)}


def newest_drafts(
    session: Session, keys: Iterable[str] | None = None, tags: Iterable[str] | None = None
) -> Mapping[Place, Wording]:
    """Of every text and language the newest draft that nobody has turned down; `keys` and `tags` as above."""
    rows = _read(session, _drafts, keys, tags)
    return {(key, tag): worded(catalogue()[key], tag, body) for key, tag, body in rows if fits(key, body)}


def _read(
    session: Session,
    statement: Callable[[bool, bool], Select[Any]],
    keys: Iterable[str] | None,
    tags: Iterable[str] | None,
) -> Sequence[Any]:
    """Asked for every text that goes, so the statement is built once."""
    session.flush()
    wanted = {name: list(given) for name, given in (("keys", keys), ("tags", tags)) if given is not None}
    return session.connection().execute(statement(keys is not None, tags is not None), wanted).all()


@cache
def _approved(by_key: bool, by_tag: bool) -> Select[Any]:
    words: list[Any] = [col(WordingApproval.text_key), col(WordingApproval.language), col(WordingApproval.digest)]
    return (
        sqlalchemy_select(*words, func.max(col(WordingApproval.body)))
        .where(col(WordingApproval.withdrawn_at).is_(None), *_among(WordingApproval, by_key, by_tag))
        .group_by(*words)
        .having(_enough())
        .order_by(func.max(col(WordingApproval.id)))
    )


@cache
def _drafts(by_key: bool, by_tag: bool) -> Select[Any]:
    rejected = select(WordingRejection.id).where(col(WordingRejection.draft_id) == col(WordingDraft.id)).exists()
    words: list[Any] = [col(WordingDraft.text_key), col(WordingDraft.language), col(WordingDraft.body)]
    return (
        sqlalchemy_select(*words).where(~rejected, *_among(WordingDraft, by_key, by_tag)).order_by(col(WordingDraft.id))
    )


def _among(table: type[WordingApproval] | type[WordingDraft], by_key: bool, by_tag: bool) -> list[ColumnElement[bool]]:
    asked = ((by_key, col(table.text_key), "keys"), (by_tag, col(table.language), "tags"))
    return [column.in_(bindparam(name, expanding=True)) for wanted, column, name in asked if wanted]


def worded(text: Text, tag: str, body: str) -> Wording:
    """A body as the wording of a text as its English reads today."""
    return Wording(text.key, tag, body, wording_digest(text.source, body))


def fits(key: str, body: str) -> bool:
    """Whether the slots of a wording are those that its text has today."""
    text = catalogue().get(key)
    return text is not None and slots_in(body) == set(text.slots)
