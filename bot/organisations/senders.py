"""Senders: the first comes from the environment; each has one bucket of parts that all workers share."""

import re
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.organisations import Sender

_NUMBER, _SERVICE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII), re.compile(r"MG[A-Za-z0-9]+", re.ASCII)


def ensure_first_sender(session: Session, settings: Settings) -> Sender:
    """The sender that the environment describes, made when it is not there yet."""
    if settings.sender_service:
        match = col(Sender.service_sid) == settings.sender_service
    else:
        match = col(Sender.number) == settings.sender_number
    sender = session.exec(select(Sender).where(match)).first()
    if sender is None:
        sender = _new_sender(session, settings, settings.sender_number, settings.sender_service)
    return sender


def ensure_sender(session: Session, settings: Settings, address: str) -> Sender:
    """The sender with that number or messaging service, made when it is not there yet.

    :raises Refused: it is neither.
    """
    address = re.sub(r"[\s().-]", "", address)
    if not _NUMBER.fullmatch(address) and not _SERVICE.fullmatch(address):
        raise Refused(
            "bad-sender",
            f"{address or 'Nothing'} is no sender. Give a number that can receive replies, such as +441632960001, "
            "or a messaging service: MG with letters and digits, as Twilio shows it.",
        )
    number, service = (None, address) if address.startswith("MG") else (address, None)
    match = col(Sender.service_sid) == service if service else col(Sender.number) == number
    return session.exec(select(Sender).where(match)).first() or _new_sender(session, settings, number, service)


def _new_sender(session: Session, settings: Settings, number: str | None, service: str | None) -> Sender:
    rate = settings.sender_parts_per_second
    sender = Sender(number=number, service_sid=service, tokens=rate, tokens_at=utc_now())
    session.add(sender)
    session.flush()
    return sender


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
