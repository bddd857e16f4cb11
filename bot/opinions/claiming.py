"""The replies that wait for a second opinion: claimed for a while, recorded by whoever holds the claim.

What is older than two hours is not read any more: nobody is paged today for what was written last week. For so long the
person on duty is told of a case, and for so long a reader may have been away.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, literal, literal_column, or_, update
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.tables.messaging import Message
from bot.tables.opinions import OpinionState, SecondOpinion

READ_WITHIN = timedelta(hours=2)
MOST_ATTEMPTS = 5
"""A reply whose opinion could not be recorded so often is left to what the rules found."""
_UNFINISHED: list[ColumnElement[str]] = [
    literal_column(f"'{state}'") for state in (OpinionState.QUEUED, OpinionState.WORKING)
]
"""Written out, or the databases do not see that the index of what is due holds just these."""


@dataclass(frozen=True)
class Claimed:
    """A reply that is ours to read until its lease runs out."""

    message_id: int
    claim_ref: str
    body: str


def anything_due(db: Database) -> bool:
    """Whether a claim is worth its write transaction."""
    with db.glance() as session:
        return bool(session.scalar(select(literal(True)).where(exists().where(_due(utc_now())))))


def _due(now: datetime) -> ColumnElement[bool]:
    queued = col(SecondOpinion.state) == OpinionState.QUEUED
    left_behind = and_(col(SecondOpinion.state) == OpinionState.WORKING, col(SecondOpinion.lease_until) < now)
    return and_(
        col(SecondOpinion.state).in_(_UNFINISHED),
        col(SecondOpinion.arrived_at) > now - READ_WITHIN,
        col(SecondOpinion.attempts) < MOST_ATTEMPTS,
        or_(queued, left_behind),
    )


def claim_opinions(db: Database, limit: int, lease_seconds: float) -> list[Claimed]:
    """Claim what is due, the newest first: who wrote just now is still there. Commits before it returns."""
    now, ref = utc_now(), secrets.token_urlsafe(24)
    due = select(SecondOpinion.message_id).where(_due(now)).order_by(col(SecondOpinion.arrived_at).desc()).limit(limit)
    claim = (
        update(SecondOpinion)
        .where(col(SecondOpinion.message_id).in_(due.with_for_update(skip_locked=True)))
        .values(
            state=OpinionState.WORKING,
            claim_ref=ref,
            lease_until=now + timedelta(seconds=lease_seconds),
            attempts=col(SecondOpinion.attempts) + 1,
        )
    )
    with db.write() as session:
        session.execute(claim.execution_options(synchronize_session=False))
        ours = (
            select(Message.id, Message.body)
            .join(SecondOpinion, col(SecondOpinion.message_id) == col(Message.id))
            .where(SecondOpinion.claim_ref == ref)
            .order_by(col(Message.id))
        )
        return [Claimed(message_id or 0, ref, body) for message_id, body in session.exec(ours)]


def give_back(db: Database, claims: Sequence[Claimed]) -> None:
    """Leave what was not read to whoever comes next, at once."""
    _let_go(db, claims, OpinionState.QUEUED)


def give_up(db: Database, claim: Claimed) -> None:
    """A reply that cannot be read; what the rules found of it stands."""
    _let_go(db, [claim], OpinionState.FAILED)


def _let_go(db: Database, claims: Sequence[Claimed], state: OpinionState) -> None:
    if not claims:
        return
    with db.write() as session:
        ids = [claim.message_id for claim in claims]
        ours = update(SecondOpinion).where(
            col(SecondOpinion.message_id).in_(ids), col(SecondOpinion.claim_ref) == claims[0].claim_ref
        )
        session.execute(ours.values(state=state, claim_ref=None, lease_until=None))


def oldest_waiting(session: Session) -> datetime | None:
    """When the oldest reply came that still waits to be read; None when none does."""
    waits = (
        col(SecondOpinion.state).in_(_UNFINISHED),
        col(SecondOpinion.arrived_at) > utc_now() - READ_WITHIN,
    )
    return session.exec(select(func.min(SecondOpinion.arrived_at)).where(*waits)).one()
