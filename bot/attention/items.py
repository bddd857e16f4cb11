"""Raising a hand: something a person must look at, kept once while it is open."""

from collections.abc import Sequence

from sqlalchemy import Case, ColumnElement, and_, bindparam, case, func, or_
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from bot.attention.duty_clock import start_clock
from bot.attention.reasons import known_reason
from bot.clock import utc_now
from bot.rows import columns_of, insert_row, objects_of
from bot.tables.attention import InboxItem
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Message, Subject
from bot.tables.organisations import Practice
from bot.understanding.reading import CHATTER


def ask_a_person(
    session: Session,
    message: Message,
    reason: str,
    urgency: str | None = None,
    *,
    subject: Subject | None = None,
    paged: bool = False,
    concepts: Sequence[str] = (),
) -> InboxItem:
    """Put a message before the practice's staff; the same reason is kept once while it is open.

    :param subject: what it is about beside the message.
    :param paged: the person on duty is told at once, though it is not red.
    :param concepts: the danger concepts that were found in the message, in English.
    """
    known_reason(reason)
    session.flush()
    known = session.connection().execute(_OPEN, {"of_message": message.id, "because": reason}).first()
    if known is not None:
        item: InboxItem = objects_of(session, known, InboxItem)[0]
        return item
    raised = insert_row(
        session,
        InboxItem,
        practice_id=message.practice_id,
        message_id=message.id,
        patient_id=message.patient_id,
        phone=message.phone,
        reason=reason,
        urgency=urgency,
        paged=paged,
        concepts=list(concepts),
        subject_kind=subject.kind if subject else None,
        subject_id=subject.id if subject else None,
        opened_at=utc_now(),
    )
    start_clock(session, raised)
    return raised


def of_practice(practice_id: int) -> ColumnElement[bool]:
    """Items a practice may see: its own, and those of strangers who wrote to its number."""
    sender = select(Practice.sender_id).where(Practice.id == practice_id).scalar_subquery()
    to_its_number = select(Message.id).where(Message.id == InboxItem.message_id, col(Message.sender_id) == sender)
    return or_(
        col(InboxItem.practice_id) == practice_id,
        and_(col(InboxItem.practice_id).is_(None), to_its_number.exists()),
    )


MAY_STOP = "may-want-no-texts"
"""Reason of free text that most likely asks for no more texts: each further one would be against their will."""
UNCLEAR = ("not-understood", "no-open-question", "came-late", "answered-too-soon")
"""Reasons of free text that nobody has made sense of yet: it may be worth more than it looks."""


def by_pressure() -> tuple[Case[int], Mapped[int | None]]:
    """The order in which open items are read, the oldest first.

    Red, paged, amber, bereaved, what may be a stop, unclear, then the rest.
    """
    chatter = select(ReplyReading.message_id).where(
        ReplyReading.message_id == InboxItem.message_id, col(ReplyReading.rule).in_(CHATTER)
    )
    rank = case(
        (col(InboxItem.urgency) == "red", 0),
        (col(InboxItem.paged), 1),
        (col(InboxItem.urgency) == "amber", 2),
        (col(InboxItem.reason) == "bereaved", 3),
        (col(InboxItem.reason) == MAY_STOP, 4),
        (and_(col(InboxItem.reason).in_(UNCLEAR), ~chatter.exists()), 5),
        else_=6,
    )
    return rank, col(InboxItem.id)


def count_open(session: Session, practice_id: int) -> dict[str, int]:
    """How many open items there are: `red`, `amber` and `other`."""
    urgency = func.coalesce(InboxItem.urgency, "other")
    statement = select(urgency, func.count()).where(of_practice(practice_id), InboxItem.state == "open")
    return {"red": 0, "amber": 0, "other": 0} | dict(session.exec(statement.group_by(urgency)).all())


_OPEN = (
    sqlalchemy_select(*columns_of(InboxItem))
    .where(
        col(InboxItem.message_id) == bindparam("of_message"),
        col(InboxItem.reason) == bindparam("because"),
        col(InboxItem.state) == "open",
    )
    .limit(1)
)
