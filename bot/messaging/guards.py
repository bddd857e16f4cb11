"""What a capability may say about its texts at the last moment: asked of all that are due in the claim's one query."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, null
from sqlalchemy.orm import Mapped
from sqlmodel import col

from bot.capability import in_use
from bot.tables.messaging import Message

HOLD = "hold"
"""What a guard says of a text that waits; any other word is the reason to cancel it, null lets it go."""


@dataclass(frozen=True)
class Guard:
    """Guards texts of these kinds about one kind of subject, by an SQL expression over the subject's id.

    `says` gives `HOLD`, a code under which the text is cancelled (one of the declared reasons), or null.
    """

    subject: str
    kinds: frozenset[str]
    says: Callable[[Mapped[Any]], ColumnElement[str | None]]


def guard_sql() -> ColumnElement[str | None]:
    """What the guards say of the Message of a query."""
    guards: tuple[Guard, ...] = in_use().bring("guards")
    found = [(_is_its(guard), guard.says(col(Message.subject_id))) for guard in guards]
    return case(*found, else_=null()) if found else cast(null(), String)


def _is_its(guard: Guard) -> ColumnElement[bool]:
    return and_(col(Message.subject_kind) == guard.subject, col(Message.kind).in_(sorted(guard.kinds)))
