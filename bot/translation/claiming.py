"""The translator's queue: rows are claimed for a while, and only whoever holds the claim records what came of it.

A translator that is killed leaves its claim behind. Once the lease has run out another takes the row under a new
reference, and what the first might still have recorded finds nobody's row: nothing is lost, nothing is there twice.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, literal, literal_column, or_, update
from sqlmodel import Session, col, select

from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.tables.translation import Translation, TranslationState
from bot.translation.pipeline import Result, Wanted

_UNFINISHED: list[ColumnElement[str]] = [
    literal_column(f"'{state}'") for state in (TranslationState.QUEUED, TranslationState.WORKING)
]
"""Written out, or the databases do not see that the index of what is due holds just these."""


@dataclass(frozen=True)
class Claimed:
    """A row that is ours until its lease runs out."""

    id: int
    claim_ref: str
    wanted: Wanted


def anything_due(db: Database) -> bool:
    """Whether a claim is worth its write transaction."""
    with db.read() as session:
        return bool(session.scalar(select(literal(True)).where(exists().where(_due(utc_now())))))


def _due(now: datetime) -> ColumnElement[bool]:
    """Waits for a translator, or was left behind by one; the index holds the first condition."""
    queued = col(Translation.state) == TranslationState.QUEUED
    left_behind = and_(col(Translation.state) == TranslationState.WORKING, col(Translation.lease_until) < now)
    return and_(col(Translation.state).in_(_UNFINISHED), or_(queued, left_behind))


def claim_translations(db: Database, limit: int, lease_seconds: float) -> list[Claimed]:
    """Claim what is due, the most urgent and oldest first; commits before it returns."""
    now = utc_now()
    with db.write() as session:
        statement = select(Translation).where(_due(now))
        statement = statement.order_by(col(Translation.priority), col(Translation.id)).limit(limit)
        if not db.is_sqlite:
            statement = statement.with_for_update(skip_locked=True)
        rows = session.exec(statement).all()
        for row in rows:
            row.state, row.claim_ref = TranslationState.WORKING, secrets.token_urlsafe(24)
            row.lease_until, row.attempts = now + timedelta(seconds=lease_seconds), row.attempts + 1
        session.add_all(rows)
        session.flush()
        return [_claimed(row) for row in rows]


def _claimed(row: Translation) -> Claimed:
    wanted = Wanted(
        words=row.source,
        source=row.source_language,
        target=row.target_language,
        kept=tuple(json.loads(row.kept or "[]")),
        back=row.wants_back,
    )
    return Claimed(row.id or 0, row.claim_ref or "", wanted)


def renew_claims(db: Database, claims: Sequence[Claimed], lease_seconds: float) -> None:
    """The translator is still at it: what it has in hand is not given to another."""
    refs = [claim.claim_ref for claim in claims]
    with db.write() as session:
        still_ours = update(Translation).where(col(Translation.claim_ref).in_(refs))
        session.execute(still_ours.values(lease_until=utc_now() + timedelta(seconds=lease_seconds)))


def record_result(db: Database, claim: Claimed, result: Result) -> bool:
    """Record what came of a claim, and let every capability follow it up, in one transaction.

    :return: False when the claim is no longer ours: another translator has the row, or its words were erased.
    """
    with db.write() as session:
        return _record(session, claim, result)


def _record(session: Session, claim: Claimed, result: Result) -> bool:
    state = TranslationState.DONE if result.failure is None else TranslationState.FAILED
    ours = update(Translation).where(
        col(Translation.id) == claim.id,
        col(Translation.claim_ref) == claim.claim_ref,
        col(Translation.state) == TranslationState.WORKING,
    )
    recorded = session.execute(
        ours.values(
            state=state,
            text=result.text,
            back=result.back,
            checks=json.dumps(list(result.checks), ensure_ascii=False) if result.checks else None,
            ok=result.ok,
            model=result.model,
            score=result.score,
            failure=result.failure,
            done_at=utc_now(),
            lease_until=None,
            claim_ref=None,
        )
    )
    if not recorded.rowcount:  # type: ignore[attr-defined]
        return False
    translation = session.get_one(Translation, claim.id)
    for follow in in_use().bring("after_translation"):
        follow(session, translation)
    return True


def give_back(db: Database, claims: Sequence[Claimed]) -> None:
    """Whoever stops leaves what it has not begun to others, at once."""
    if not claims:
        return
    refs = [claim.claim_ref for claim in claims]
    queued = {"state": TranslationState.QUEUED, "claim_ref": None, "lease_until": None}
    with db.write() as session:
        given_back = update(Translation).where(
            col(Translation.claim_ref).in_(refs), col(Translation.state) == TranslationState.WORKING
        )
        session.execute(given_back.values(**queued, attempts=col(Translation.attempts) - 1))


def oldest_waiting(session: Session) -> datetime | None:
    """Since when the oldest text has waited for the translator; None when none does."""
    waiting = select(func.min(Translation.requested_at)).where(col(Translation.state).in_(_UNFINISHED))
    return session.exec(waiting).one()
