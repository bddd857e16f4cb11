"""What happens to notices, said in the transaction in which it happens to the pharmacy's system, if that listens."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from bot.pharmacy.hooks.events import note_events
from bot.tables.pharmacy import Notice


class Happened(StrEnum):
    """What a pharmacy's system may want to hear of a notice."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    ANSWERED = "answered"
    CALL_INSTEAD = "call-instead"


def happened(session: Session, notice: Notice, what: Happened, now: datetime) -> None:
    """Say what happened to a notice, whose row is held; of `answered`, the answer is on it."""
    happened_to_many(session, [(notice, what)], now)


def happened_to_many(session: Session, happenings: Sequence[tuple[Notice, Happened]], now: datetime) -> None:
    """`happened` to notices, by as many statements as to one; those of a notice in the order they happened."""
    note_events(session, happenings, now)
