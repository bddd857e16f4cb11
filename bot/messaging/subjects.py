"""What a text may be about, and the campaign it counts for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, case, cast, null
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel, col

from bot.capability import in_use
from bot.tables.messaging import Message


@dataclass(frozen=True)
class CancelledText:
    """A text that a claim kept back for good, and why."""

    message: Message
    reason: str


class Shown(NamedTuple):
    """A subject as staff see it beside what came to them: in words, and the address of its page here."""

    words: str
    path: str


def nothing_follows(_session: Session, _cancelled: Sequence[CancelledText]) -> None:
    """Of these texts somebody is told one by one."""


@dataclass(frozen=True)
class SubjectKind:
    """A kind of subject.

    `campaign_of` gives the campaign that a text counts for, from the column of its subject's id. `after_cancelled`
    is told, once a claim, of invitations about such subjects that were kept back: nobody is told of each.
    `reads_along` are tables that answers to a question about it need, each with its join to the subject's id.
    `booked`: the person has it (a visit), so that every text about it goes by the scope of their opt-out: who wants no
    invitations still hears of it, who wants no texts at all does not. `shown` is what staff see of one.
    """

    name: str
    campaign_of: Callable[[Mapped[Any]], ColumnElement[int | None]]
    after_cancelled: Callable[[Session, Sequence[CancelledText]], None] = nothing_follows
    reads_along: Sequence[tuple[type[SQLModel], Callable[[Mapped[Any]], ColumnElement[bool]]]] = ()
    booked: bool = False
    shown: Callable[[Session, int], Shown | None] | None = None


def subject_kinds() -> dict[str, SubjectKind]:
    """Every kind of subject by its name."""
    return {kind.name: kind for kind in in_use().bring("subjects")}


def show_subject(session: Session, kind: str | None, subject_id: int | None) -> Shown | None:
    """What staff see of a subject; None where there is none, or nothing to see."""
    shown = subject_kinds()[kind].shown if kind in subject_kinds() else None
    return shown(session, subject_id or 0) if shown else None


def campaign_sql(kind: Mapped[Any], subject_id: Mapped[Any]) -> ColumnElement[int | None]:
    """The campaign that a text or question with these columns counts for, null for none."""
    found = [(kind == each.name, each.campaign_of(subject_id)) for each in subject_kinds().values()]
    return case(*found, else_=null()) if found else cast(null(), Integer)


def is_booked_sql() -> ColumnElement[bool]:
    """Whether the Message of a query is about something that its person has booked."""
    return col(Message.subject_kind).in_(sorted(kind.name for kind in subject_kinds().values() if kind.booked))


def known_subject(kind: str) -> str:
    """:raises ValueError: no capability has texts about such a thing."""
    if kind not in subject_kinds():
        raise ValueError(f"no capability has texts about a {kind}")
    return kind
