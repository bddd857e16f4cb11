"""Texts that were kept back for good: nobody waits for a text in vain without somebody being told."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.messaging.subjects import CancelledText, subject_kinds
from bot.tables.attention import InboxItem
from bot.tables.messaging import Kind, Message

NOT_THEIRS = ("too-late", "wording-not-approved")
"""Reasons that lie not with the person: of those staff are told even where nobody waits for the text."""


def tell_of_cancelled(session: Session, cancelled: Sequence[CancelledText]) -> None:
    """Put what a claim has cancelled before staff, once each, with the reason.

    Invitations are many, and nobody waits for one: whoever they are about is told of all of them together.
    """
    invitations = [text for text in cancelled if text.message.kind == Kind.OUTREACH]
    for kind in subject_kinds().values():
        if theirs := [text for text in invitations if text.message.subject_kind == kind.name]:
            kind.after_cancelled(session, theirs)
    for text in cancelled:
        if text.message.kind != Kind.OUTREACH:
            _tell(session, text)
        elif text.message.subject_kind is None and text.reason in NOT_THEIRS:
            ask_a_person(session, text.message, text.reason)


def _tell(session: Session, text: CancelledText) -> None:
    message = text.message
    if message.kind == Kind.EMERGENCY:
        ask_a_person(session, message, text.reason)
        ask_a_person(session, message, "emergency-text-failed", "red")
    elif message.automatic and message.answers_id is not None:
        _bring_back_what_it_answered(session, message.answers_id, text.reason)
    else:
        ask_a_person(session, message, text.reason)


def _bring_back_what_it_answered(session: Session, answered_id: int, reason: str) -> None:
    """Whoever wrote waits for an answer that will not come: staff get what they wrote, unless it is before them."""
    before_them = select(InboxItem.id).where(InboxItem.message_id == answered_id, col(InboxItem.state) == "open")
    if session.exec(before_them.limit(1)).first() is None:
        ask_a_person(session, session.get_one(Message, answered_id), reason)
