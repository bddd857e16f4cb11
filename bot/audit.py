"""Who did what, and when: written in the same transaction as the deed, without personal data.

Entries cannot be changed or deleted (triggers in the database refuse it), and each is sealed when its transaction
commits: its keyed hash covers the entry and the hash before it, so that a change behind the triggers' back shows.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, insert, inspect, text
from sqlalchemy.orm import Session as AnySession
from sqlmodel import JSON, Field, Session, SQLModel, col, select

from bot.clock import utc_now
from bot.database import SEALING
from bot.sealing import Sealing

CHAIN_LOCK = 7_262_002
"""Number of the advisory lock that orders the seals of concurrent transactions on PostgreSQL."""
BEFORE_THE_FIRST = "0" * 64
_UNSEALED = "audit-entries-to-seal"
_HEAD = "audit-head-to-note"


@dataclass(frozen=True)
class Actor:
    """Who acts: a signed-in person, the console, or the service itself. `label` carries no personal data."""

    user_id: int | None
    label: str


CONSOLE = Actor(None, "console")
PERSON = Actor(None, "person")
"""Somebody whom we text, by a text of theirs."""
SERVICE = Actor(None, "service")


class AuditEntry(SQLModel, table=True):
    """One deed. `subject` is like `campaign:12`; `detail` holds counts and codes only."""

    __tablename__ = "audit_entry"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    actor: str
    action: str
    subject: str
    practice_id: int | None = Field(default=None, foreign_key="practice.id", index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class AuditSeal(SQLModel, table=True):
    """The link of one entry in the chain: numbers have no gap, and each hash covers the one before.

    `key` is the id of the key it was made with; the first ones of an older trail were made without.
    A table of its own, without a foreign key: a seal outlives an entry that somebody managed to take away.
    """

    __tablename__ = "audit_seal"
    number: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(unique=True)
    hash: str = Field(max_length=64)
    key: str | None = Field(default=None, max_length=16)


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    practice_id: int | None = None,
    **detail: Any,
) -> None:
    """Add one audit entry to the transaction in hand; it is sealed when that commits."""
    entry = AuditEntry(
        at=utc_now(),
        user_id=actor.user_id,
        actor=actor.label,
        action=action,
        subject=subject,
        practice_id=practice_id,
        detail=detail,
    )
    session.add(entry)
    session.info.setdefault(_UNSEALED, []).append(entry)


def chained_hash(
    previous: str, entry: AuditEntry, sealing: Sealing | None = None, key: str | None = None
) -> str | None:
    """The hash over the hash before and every value of an entry, the same on every database.

    :param key: the id of the key it is made with; None for SHA-256 without one.
    """
    words = (
        previous,
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.user_id,
        entry.actor,
        entry.action,
        entry.subject,
        entry.practice_id,
        entry.detail,
    )
    text = json.dumps(words, sort_keys=True, separators=(",", ":"))
    if key is None:
        return hashlib.sha256(text.encode()).hexdigest()
    return sealing.mac(text, key) if sealing else None


def _seal(session: AnySession) -> None:
    """Seal the entries of a transaction that is about to commit.

    The lock is the last thing a transaction takes: its entries are in the database by then, foreign keys checked,
    and it waits for nothing but its own commit. So the lock can be part of no deadlock and is held for an instant.
    """
    if session.in_nested_transaction() or not (waiting := session.info.pop(_UNSEALED, None)):
        return
    session.flush()
    entries = [entry for entry in waiting if inspect(entry).persistent]
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(_LOCK_CHAIN, {"key": CHAIN_LOCK})
    last = session.connection().execute(_END_OF_TRAIL).first()
    first, previous = ((last.number or 0) + 1, last.hash) if last else (1, BEFORE_THE_FIRST)
    sealing: Sealing | None = session.info.get(SEALING)
    key = sealing.id if sealing else None
    seals = []
    for number, entry in enumerate(sorted(entries, key=lambda entry: entry.id), first):
        previous = chained_hash(previous, entry, sealing, key) or ""
        seals.append({"number": number, "entry_id": entry.id, "hash": previous, "key": key})
        session.info[_HEAD] = (number, previous, last is None or last.key is None)
    if seals:
        session.connection().execute(_SEALING, seals)


def last_seal(session: AnySession) -> AuditSeal | None:
    """The newest seal of the trail."""
    found: AuditSeal | None = session.execute(_LAST).scalar()
    return found


_LOCK_CHAIN = text("SELECT pg_advisory_xact_lock(:key)")
_SEALING = insert(AuditSeal)
_LAST = select(AuditSeal).order_by(col(AuditSeal.number).desc()).limit(1)
_END_OF_TRAIL = _LAST.with_only_columns(col(AuditSeal.number), col(AuditSeal.hash), col(AuditSeal.key))
"""Asked at every commit of a deed, so they are built once."""


def _note_head(session: AnySession) -> None:
    """Write the new head outside the database; after the commit, or a failed one would look like a cut-off trail."""
    head, sealing = session.info.pop(_HEAD, None), session.info.get(SEALING)
    if head and sealing:
        number, hash_, is_first = head
        # Of several machines that share a PostgreSQL each begins its own file at some time.
        sealing.note(number, hash_, begins=is_first or session.get_bind().dialect.name == "postgresql")


def _forget_unsealed(session: AnySession) -> None:
    session.info.pop(_UNSEALED, None)
    session.info.pop(_HEAD, None)


event.listen(AnySession, "before_commit", _seal)
event.listen(AnySession, "after_commit", _note_head)
event.listen(AnySession, "after_rollback", _forget_unsealed)
