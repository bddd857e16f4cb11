"""Texts that were kept back for good: nobody waits for a text in vain without somebody being told."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, update
from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.clock import utc_now
from bot.messaging.questions import drop_questions
from bot.messaging.subjects import CancelledText, is_booked_sql, subject_kinds
from bot.patients.eligibility import Reason, Recipient, reason_sql
from bot.tables.attention import InboxItem
from bot.tables.messaging import Kind, Message, State
from bot.tables.patients import Patient

NOT_THEIRS = ("too-late", "wording-not-approved")
"""Reasons that lie not with the person: of those staff are told even where nobody waits for the text."""


WHATEVER_THE_PHONE = (Kind.EMERGENCY, Kind.RECEIPT)
"""Kinds that go to whoever wrote, whosever the phone is."""


def cancel_waiting(session: Session, patient_id: int, *, not_to: str | None = None) -> int:
    """Ask of every text that waits for a person what its claim would ask, and cancel at once what may not go.

    :param not_to: a phone that is not theirs: what waits for them there goes neither, not even as an answer.
    :return: how many are cancelled.
    """
    waiting = (
        select(Message, _why_not(not_to))
        .join(Patient, col(Patient.id) == col(Message.patient_id))
        .where(Message.patient_id == patient_id, col(Message.state).in_((State.QUEUED, State.HELD)))
        .with_for_update(key_share=True, of=Message)
    )
    cancelled = [CancelledText(message, reason) for message, reason in session.exec(waiting).all() if reason]
    for text in cancelled:
        changes = {"state": State.CANCELLED, "reason": text.reason, "updated_at": utc_now()}
        session.execute(update(Message).where(col(Message.id) == text.message.id).values(**changes))
        drop_questions(session, text.message.id or 0)
    tell_of_cancelled(session, cancelled)
    return len(cancelled)


def _why_not(not_to: str | None) -> ColumnElement[str | None]:
    to = Recipient(col(Message.practice_id), col(Message.phone), col(Message.patient_id), is_booked_sql())
    reason = reason_sql(to, col(Message.kind))
    if not_to is None:
        return reason
    lost = and_(col(Message.phone) == not_to, col(Message.kind).not_in(WHATEVER_THE_PHONE))
    return case((reason.is_not(None), reason), (lost, Reason.UNSAFE_PHONE.value), else_=None)


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
