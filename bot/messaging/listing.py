"""Messages as programs and commands see them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from bot.messaging.subjects import campaign_sql
from bot.tables.campaigns import Batch
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Direction, Message, OpenQuestion
from bot.tables.organisations import Sender


def list_messages(
    session: Session, campaign_id: int | None = None, direction: str | None = None
) -> Iterator[dict[str, Any]]:
    """Every message in the order it was made; `batch` is its number in the campaign; times in UTC, ISO 8601.

    A reply is of the campaign that the question was about which it met.
    """
    campaign = func.coalesce(
        campaign_sql(col(Message.subject_kind), col(Message.subject_id)),
        campaign_sql(col(OpenQuestion.subject_kind), col(OpenQuestion.subject_id)),
    )
    statement = (
        select(Message, Sender, col(Batch.number), campaign)
        .join(Sender, col(Sender.id) == col(Message.sender_id))
        .outerjoin(Batch, col(Batch.id) == col(Message.batch_id))
        .outerjoin(ReplyReading, col(ReplyReading.message_id) == col(Message.id))
        .outerjoin(OpenQuestion, col(OpenQuestion.id) == col(ReplyReading.question_id))
    )
    if campaign_id is not None:
        statement = statement.where(campaign == campaign_id)
    if direction:
        statement = statement.where(Message.direction == direction)
    rows = session.exec(statement.order_by(col(Message.id)).execution_options(yield_per=1000))
    for message, sender, batch, of_campaign in rows:
        yield _as_data(message, sender, of_campaign, batch)


def _as_data(message: Message, sender: Sender, campaign_id: int | None, batch: int | None) -> dict[str, Any]:
    ours = sender.number or sender.service_sid
    out = message.direction == Direction.OUT
    return {
        "id": message.id,
        "direction": message.direction,
        "kind": message.kind,
        "campaign": campaign_id,
        "batch": batch,
        "to": message.phone if out else ours,
        "from": ours if out else message.phone,
        "body": message.body,
        "text": message.text_key,
        "language": message.language,
        "parts": message.parts,
        "state": message.state,
        "reason": message.reason,
        "sid": message.sid,
        "attempts": message.attempts,
        "error_code": message.error_code,
        "created": _iso(message.created_at),
        "sent": _iso(message.sent_at),
        "updated": _iso(message.updated_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
