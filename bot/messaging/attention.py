"""Raising a hand: something a person must look at, kept once while it is open."""

from sqlmodel import Session, select

from bot.clock import utc_now
from bot.messaging.tables import Message
from bot.staff.tables import InboxItem


def ask_a_person(session: Session, message: Message, reason: str, urgency: str | None = None) -> InboxItem:
    """Put a message before the practice's staff; the same reason is kept once while it is open."""
    known = session.exec(
        select(InboxItem).where(
            InboxItem.message_id == message.id, InboxItem.reason == reason, InboxItem.state == "open"
        )
    ).first()
    if known:
        return known
    item = InboxItem(
        practice_id=message.practice_id,
        message_id=message.id,
        patient_id=message.patient_id,
        phone=message.phone,
        reason=reason,
        urgency=urgency,
        opened_at=utc_now(),
    )
    session.add(item)
    session.flush()
    return item
