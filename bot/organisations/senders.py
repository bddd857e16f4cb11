"""Senders: the first comes from the environment; each has one bucket of parts that all workers share."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.organisations import Sender


def ensure_first_sender(session: Session, settings: Settings) -> Sender:
    """The sender that the environment describes, made when it is not there yet."""
    if settings.sender_service:
        match = col(Sender.service_sid) == settings.sender_service
    else:
        match = col(Sender.number) == settings.sender_number
    sender = session.exec(select(Sender).where(match)).first()
    if sender is None:
        sender = Sender(
            number=settings.sender_number,
            service_sid=settings.sender_service,
            tokens=settings.sender_parts_per_second,
            tokens_at=utc_now(),
        )
        session.add(sender)
        session.flush()
    return sender


def is_our_own(session: Session, phone: str) -> bool:
    """Whether a number is one that texts of ours go out from."""
    return session.exec(select(Sender.id).where(Sender.number == phone).limit(1)).first() is not None


CLOCKS_DIFFER_BY = timedelta(seconds=60)
"""What is further ahead than this was written before the clock of the machine was set back."""


def refill(sender: Sender, rate: float, now: datetime) -> float:
    """Parts that may go now: the bucket holds at most one second's worth and may be in debt."""
    if sender.tokens_at > now + CLOCKS_DIFFER_BY:  # else nothing would go until the clock is there again
        sender.tokens_at = now
    elapsed = max(0.0, (now - sender.tokens_at).total_seconds())
    sender.tokens = min(rate, sender.tokens + elapsed * rate)
    # Never back: a worker whose clock is behind, or who waited for the lock, must not have the same time counted twice.
    sender.tokens_at = max(sender.tokens_at, now)
    return sender.tokens


def restart_sender(db: Database, sender_id: int, actor: Actor) -> None:
    """Let a sender that a Twilio error stopped send again."""
    with db.write() as session:
        sender = session.get_one(Sender, sender_id)
        sender.stopped_code = sender.stopped_at = None
        session.add(sender)
        record(session, actor, "restart-sender", f"sender:{sender_id}")
