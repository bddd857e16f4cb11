"""The clock of what cannot wait: from when on the person on duty is told of an item, until somebody takes it.

Danger is told, and a 999 text that did not arrive. Other items that are red wait for the practice to open.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from bot.rows import insert_row
from bot.tables.attention import DutyClock, InboxItem
from bot.tables.messaging import Message, Subject

CASE = "case"
"""What a text to the person on duty is about: an item, whose number is that of the case."""
SECOND_OPINION, SECOND_OPINION_HARM = "second-opinion", "second-opinion-harm"
RINGS = ("urgent", "harm", SECOND_OPINION, SECOND_OPINION_HARM, "emergency-text-failed")
"""Reasons of which the person on duty is told, where they are red or paged."""


def pressing() -> ColumnElement[bool]:
    """Whether an item is red or paged: somebody must be told at once."""
    return or_(col(InboxItem.urgency) == "red", col(InboxItem.paged))


def untaken() -> ColumnElement[bool]:
    """Whether nobody has opened an item, been handed it, or marked it as done."""
    return and_(col(InboxItem.state) == "open", col(InboxItem.seen_at).is_(None), col(InboxItem.handed_to).is_(None))


def start_clock(session: Session, item: InboxItem) -> None:
    """Let the person on duty be told of a new item, if it is of that kind; from now on."""
    tells = item.reason in RINGS and (item.urgency == "red" or item.paged)
    if tells and item.practice_id is not None:
        insert_row(session, DutyClock, item_id=item.id, rings_at=item.opened_at)


def about_case(item: InboxItem) -> Subject:
    """An item as the subject of a text."""
    return Subject(CASE, item.id or 0)


def times_told(session: Session, item: InboxItem) -> Sequence[datetime]:
    """When texts about an item were queued for whoever was on duty, the first first."""
    statement = select(Message.created_at).where(Message.subject_kind == CASE, Message.subject_id == item.id)
    return session.exec(statement.order_by(col(Message.id))).all()
