"""Queueing: a text becomes a row of the outbox in the same transaction as what it speaks of."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple, TypedDict, Unpack

from sqlalchemy import insert, literal, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.messaging.policy import RULES
from bot.rows import insert_row, insert_unless_known
from bot.settings import Settings
from bot.tables.campaigns import Batch, Campaign
from bot.tables.messaging import Direction, Kind, Message, OpenQuestion, QuestionKind, QuestionState, State
from bot.tables.organisations import Practice
from bot.texts.catalogue import catalogue
from bot.wording.composing import Composed, NotApprovedError, load_wordings

Values = Mapping[str, str | int | date | time]
PHONE_OF_LAST_RESORT = "111"
"""What `{practice_phone}` says when a practice has set no phone: NHS 111 has interpreters."""


class Invited(NamedTuple):
    """A person of a batch, with the number and language they are invited by."""

    patient_id: int
    phone: str
    language: str | None


class Deed(TypedDict, total=False):
    """What a text is about and when it may go: columns of its message.

    `dedupe_key` names the deed: queueing it again gives the message that is there.
    """

    patient_id: int | None
    campaign_id: int | None
    answers_id: int | None
    dedupe_key: str | None
    automatic: bool
    at_once_until: datetime | None
    use_by: datetime | None


def queue_text(
    session: Session,
    settings: Settings,
    *,
    text_key: str,
    language: str | None,
    values: Values,
    phone: str,
    practice: Practice,
    kind: str | None = None,
    question: QuestionKind | None = None,
    detail: str | None = None,
    **deed: Unpack[Deed],
) -> Message:
    """Add one text to the outbox, in the person's language where its wording may be sent.

    A `question` opens when the text is claimed for sending, not before: nobody answers what they have not read.
    """
    try:
        composed = load_wordings(session, settings, text_key).compose(text_key, language, values)
        row = _row(composed, text_key, kind or catalogue()[text_key].kind, practice, phone)
        message = insert_unless_known(session, Message, "dedupe_key", **row, **deed)
    except NotApprovedError:
        message = None
    if message is None:
        return _known(session, text_key, deed.get("dedupe_key"))
    if question and message.patient_id:
        _ask(session, message, question, message.patient_id, detail)
    return message


def _known(session: Session, text_key: str, dedupe_key: str | None) -> Message:
    """What was queued for that deed before.

    :raises NotApprovedError: nothing was, so it was the wording that kept the text back.
    """
    known = session.exec(select(Message).where(Message.dedupe_key == dedupe_key)).first() if dedupe_key else None
    if known is None:
        raise NotApprovedError(text_key)
    return known


def _row(composed: Composed, text_key: str, kind: str, practice: Practice, phone: str) -> dict[str, Any]:
    now = utc_now()
    return {
        "direction": Direction.OUT,
        "kind": kind,
        "state": State.QUEUED,
        "priority": RULES[kind].priority,
        "practice_id": practice.id,
        "sender_id": practice.sender_id,
        "phone": phone,
        "body": composed.body,
        "text_key": text_key,
        "language": composed.language,
        "wording_digest": composed.digest,
        "parts": composed.parts,
        "not_before": now,
        "created_at": now,
        "updated_at": now,
    }


def _ask(session: Session, message: Message, kind: QuestionKind, patient_id: int, detail: str | None) -> None:
    insert_row(
        session,
        OpenQuestion,
        sender_id=message.sender_id,
        practice_id=message.practice_id or 0,
        phone=message.phone,
        patient_id=patient_id,
        campaign_id=message.campaign_id,
        kind=kind,
        message_id=message.id or 0,
        detail=detail,
    )


def queue_invitations(
    session: Session,
    settings: Settings,
    *,
    campaign: Campaign,
    batch: Batch,
    practice: Practice,
    text_key: str,
    values: Values,
    members: Sequence[Invited],
) -> int:
    """Queue a batch's invitations, each with its question, and give their parts; the wording is pinned."""
    wordings = load_wordings(session, settings, text_key)
    by_language = {tag: wordings.compose(text_key, tag, values) for tag in {member.language for member in members}}
    shared = {"campaign_id": campaign.id, "batch_id": batch.id}
    rows = [
        _row(by_language[member.language], text_key, Kind.OUTREACH, practice, member.phone)
        | shared
        | {"patient_id": member.patient_id, "dedupe_key": f"invite:{campaign.id}:{member.patient_id}"}
        for member in members
    ]
    if not rows:
        return 0
    session.execute(insert(Message), rows)
    _ask_invitations(session, batch)
    return sum(by_language[member.language].parts for member in members)


def _ask_invitations(session: Session, batch: Batch) -> None:
    names = ("sender_id", "practice_id", "phone", "patient_id", "campaign_id", "message_id", "kind", "state")
    asked = sqlalchemy_select(
        col(Message.sender_id),
        col(Message.practice_id),
        col(Message.phone),
        col(Message.patient_id),
        col(Message.campaign_id),
        col(Message.id),
        literal(str(QuestionKind.INVITATION)),
        literal(str(QuestionState.PENDING)),
    ).where(col(Message.batch_id) == batch.id, col(Message.kind) == Kind.OUTREACH)
    session.execute(insert(OpenQuestion).from_select(names, asked))


def hold_messages(session: Session, campaign_id: int) -> int:
    """Keep back a campaign's queued invitations; gives how many."""
    return _move_invitations(session, campaign_id, (State.QUEUED,), State.HELD, None)


def release_held_messages(session: Session, campaign_id: int) -> int:
    """Let a campaign's held invitations go again; gives how many."""
    return _move_invitations(session, campaign_id, (State.HELD,), State.QUEUED, None)


def cancel_unsent_messages(session: Session, campaign_id: int) -> int:
    """Cancel a campaign's invitations that have not gone out; gives how many."""
    unsent = (State.QUEUED, State.HELD)
    return _move_invitations(session, campaign_id, unsent, State.CANCELLED, "campaign-stopped")


def _move_invitations(
    session: Session, campaign_id: int, states: Sequence[State], target: State, reason: str | None
) -> int:
    moved = session.execute(
        update(Message)
        .where(
            col(Message.campaign_id) == campaign_id,
            col(Message.kind) == Kind.OUTREACH,
            col(Message.state).in_(states),
        )
        .values(state=target, reason=reason, updated_at=utc_now())
    )
    return int(moved.rowcount)  # type: ignore[attr-defined]
