"""A request that is sent again does nothing a second time: its key, kept for 24 hours, has the answer of the first.

The claim of a key is a transaction of its own, so that a second request meets it. The work and the answer that is kept
are one transaction: after a process that ended in between nothing was done, and the key is free again in a minute.
Source: the IETF's draft "The Idempotency-Key HTTP Header Field".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Insert, delete, tuple_, update
from sqlalchemy import select as columns
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.rows import CHUNK, delete_in_pieces
from bot.settings import Settings
from bot.tables.pharmacy import KeptAnswer

KEPT = timedelta(hours=24)
AT_WORK = timedelta(minutes=1)
"""For so long a key whose answer is not there yet is being worked on; after that whoever had it is gone."""


@dataclass(frozen=True)
class Answered:
    """What a request was answered: its status and the JSON of its body, letter by letter."""

    status: int
    body: str


@dataclass(frozen=True)
class Asked:
    """A request with a key: whose it is, the key, and what names everything that was asked."""

    pharmacy_id: int
    key: str
    digest: str


class OtherRequestError(Exception):
    """The key was sent with something else before."""


class StillAtWorkError(Exception):
    """The first request with the key has no answer yet."""


def answer_once(db: Database, asked: Asked, work: Callable[[Session], Answered]) -> Answered:
    """Do the work in one transaction, unless it was done: then what was answered.

    An error of the work leaves the key free: nothing was done, and it may be asked again.

    :raises OtherRequestError: the key was sent with something else.
    :raises StillAtWorkError: it is being worked on at this moment.
    """
    now = utc_now()
    with db.write() as session:
        kept = _claim(session, asked, now)
    if kept is not None:
        return kept
    try:
        with db.write() as session:
            answered = work(session)
            _keep(session, asked, now, answered)
    except Exception:
        with db.write() as session:
            session.execute(delete(KeptAnswer).where(*_ours(asked, now)))
        raise
    return answered


def _claim(session: Session, asked: Asked, now: datetime) -> Answered | None:
    """What was answered before, or None: the key is ours to work with."""
    values: dict[str, Any] = {"digest": asked.digest, "status": None, "body": None, "made_at": now}
    named = {"pharmacy_id": asked.pharmacy_id, "key": asked.key}
    connection = session.connection()
    if connection.execute(_inserting(connection.dialect.name), named | values).first() is not None:
        return None
    before = session.exec(select(KeptAnswer).filter_by(**named).with_for_update()).one()
    age = now - before.made_at
    if age >= KEPT or (before.status is None and age >= AT_WORK):
        for name, value in values.items():
            setattr(before, name, value)
        session.add(before)
        return None
    if before.digest != asked.digest:
        raise OtherRequestError
    if before.status is None or before.body is None:
        raise StillAtWorkError
    return Answered(before.status, before.body)


def _keep(session: Session, asked: Asked, claimed_at: datetime, answered: Answered) -> None:
    """:raises StillAtWorkError: somebody took the key over, so this work is undone."""
    keeping = update(KeptAnswer).where(*_ours(asked, claimed_at)).values(status=answered.status, body=answered.body)
    result = session.execute(keeping)
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise StillAtWorkError


def _ours(asked: Asked, claimed_at: datetime) -> tuple[Any, ...]:
    return (
        col(KeptAnswer.pharmacy_id) == asked.pharmacy_id,
        col(KeptAnswer.key) == asked.key,
        col(KeptAnswer.status).is_(None),
        col(KeptAnswer.made_at) == claimed_at,
    )


@cache
def _inserting(dialect: str) -> Insert:
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    return insert(KeptAnswer).on_conflict_do_nothing().returning(col(KeptAnswer.pharmacy_id))


def forget_kept_answers(db: Database, _settings: Settings) -> int:
    """The job: answers need not be kept for longer than a day; gives how many went."""
    key = (col(KeptAnswer.pharmacy_id), col(KeptAnswer.key))
    old = columns(*key).where(col(KeptAnswer.made_at) <= utc_now() - KEPT).limit(CHUNK)
    return delete_in_pieces(db, delete(KeptAnswer).where(tuple_(*key).in_(old)))
