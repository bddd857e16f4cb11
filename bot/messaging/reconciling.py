"""Uncertain messages: the lease ran out, or the POST had no clear end. Look them up before anything else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.outcomes import LOCKED, join, mark_uncertain, queue_again
from bot.messaging.twilio.gateway import Found, Gateway, LookUpFailed
from bot.settings import Settings
from bot.tables.messaging import Attempt, Message, Outcome, State

LOOK_UPS_BEFORE_SENDING_AGAIN = 2
CLOCKS_DIFFER_BY = timedelta(minutes=1)


@dataclass(frozen=True)
class LookUp:
    """A question to Twilio: did attempt `attempt_id` arrive, or an earlier one of the same text after all?"""

    attempt_id: int
    to: str
    body: str
    since: datetime


def expire_leases(db: Database) -> int:
    """Attempts whose worker never came back become uncertain; gives how many."""
    with db.write() as session:
        now = utc_now()
        lost = session.exec(
            select(Attempt)
            .where(Attempt.outcome == Outcome.OPEN, col(Attempt.lease_until) < now)
            .with_for_update(skip_locked=True, key_share=True)
        ).all()
        for attempt in lost:
            attempt.outcome, attempt.look_up_at = Outcome.UNKNOWN, now
        session.add_all(lost)
        mark_uncertain(session, [attempt.message_id for attempt in lost], now)
    return len(lost)


def claim_look_ups(db: Database, settings: Settings, limit: int = 50) -> list[LookUp]:
    """Take the uncertain attempts whose time to be looked up has come; no one else looks meanwhile."""
    with db.write() as session:
        now = utc_now()
        earlier = aliased(Attempt)
        first = select(func.min(earlier.started_at)).where(earlier.message_id == col(Attempt.message_id))
        statement = (
            select(Attempt, Message, first.scalar_subquery())
            .join(Message, col(Message.id) == col(Attempt.message_id))
            .where(
                col(Attempt.outcome) == Outcome.UNKNOWN,
                col(Attempt.look_up_at) <= now,
                col(Message.state) == State.UNCERTAIN,
            )
            .order_by(col(Attempt.look_up_at))
            .limit(limit)
        )
        if not db.is_sqlite:
            statement = statement.with_for_update(skip_locked=True, of=Attempt)
        rows = session.exec(statement).all()
        for attempt, *_ in rows:
            attempt.look_up_at = now + timedelta(seconds=settings.reconcile_seconds)
            session.add(attempt)
    return [
        LookUp(attempt.id or 0, message.phone, message.body, first_tried - CLOCKS_DIFFER_BY)
        for attempt, message, first_tried in rows
    ]


def reconcile(db: Database, settings: Settings, gateway: Gateway) -> int:
    """Look up every uncertain message that is due; gives how many were asked about."""
    expire_leases(db)
    look_ups = claim_look_ups(db, settings)
    for look_up in look_ups:
        try:
            found = gateway.find(look_up.to, look_up.body, look_up.since)
        except LookUpFailed:
            continue
        settle_look_up(db, look_up.attempt_id, found)
    return len(look_ups)


def settle_look_up(db: Database, attempt_id: int, found: list[Found]) -> None:
    """Adopt the one text found; none twice means it goes again; more than one needs a person."""
    with db.write() as session:
        now = utc_now()
        attempt = session.get_one(Attempt, attempt_id, with_for_update=LOCKED)
        if attempt.outcome != Outcome.UNKNOWN:
            return
        ours = _not_known_already(session, found)
        if len(ours) == 1:
            join(session, attempt_id, ours[0].sid, ours[0].status, ours[0].error_code, now)
        elif len(ours) > 1:
            _ask_which(session, attempt, now)
        else:
            _nothing_found(session, attempt, now)


def _not_known_already(session: Session, found: list[Found]) -> list[Found]:
    sids = [item.sid for item in found if item.sid]
    known = set(session.exec(select(Attempt.sid).where(col(Attempt.sid).in_(sids))))
    return [item for item in found if item.sid not in known]


def _nothing_found(session: Session, attempt: Attempt, now: datetime) -> None:
    attempt.look_ups += 1
    if attempt.look_ups >= LOOK_UPS_BEFORE_SENDING_AGAIN:
        attempt.outcome, attempt.ended_at = Outcome.NOT_FOUND, now
        queue_again(session, attempt.message_id, now, at_once=True)
    session.add(attempt)


def _ask_which(session: Session, attempt: Attempt, now: datetime) -> None:
    attempt.outcome, attempt.ended_at = Outcome.AMBIGUOUS, now
    session.add(attempt)
    ask_a_person(session, session.get_one(Message, attempt.message_id), "found-more-than-one")
