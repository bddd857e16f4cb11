"""What a pharmacy's system is told of a notice: a row in the transaction in which it happens, its words as of then."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, select

from bot.rows import insert_many
from bot.tables.pharmacy import DeliveryState, Notice, Webhook, WebhookDelivery

OF_A_NOTICE = "notice."
"""Before the types of `notices.happening.Happened`."""
TEST = "webhook.test"
"""Somebody tries the address out: of the same shape, and about no notice."""
_ANSWERED = "answered"


def note_events(session: Session, happenings: Sequence[tuple[Notice, str]], now: datetime) -> None:
    """Let the systems of pharmacies know what happened to notices; nothing where they do not listen.

    The caller holds the rows of the notices, so that the events of one have their numbers in the order they happened.

    :param happenings: notices that have their ids, each with a value of `notices.happening.Happened`.
    """
    listening = _listening(session, {notice.pharmacy_id for notice, _ in happenings})
    heard = [_of_notice(notice, what, now) for notice, what in happenings if notice.pharmacy_id in listening]
    insert_many(session, WebhookDelivery, heard)


def note_test(session: Session, pharmacy_id: int, now: datetime) -> None:
    """An event that only shows whether the address works; its `id` is that of no notice."""
    insert_many(session, WebhookDelivery, [_event(pharmacy_id, None, TEST, str(uuid4()), None, now)])


def _listening(session: Session, pharmacies: Collection[int]) -> frozenset[int]:
    if not pharmacies:
        return frozenset()
    live = select(Webhook.pharmacy_id).where(col(Webhook.pharmacy_id).in_(pharmacies), col(Webhook.ended_at).is_(None))
    return frozenset(session.exec(live).all())


def _of_notice(notice: Notice, what: str, now: datetime) -> dict[str, Any]:
    answer = notice.answer if what == _ANSWERED else None
    return _event(notice.pharmacy_id, notice.id, f"{OF_A_NOTICE}{what}", notice.public, answer, now)


def _event(
    pharmacy_id: int, notice_id: int | None, type_: str, public: str, answer: str | None, now: datetime
) -> dict[str, Any]:
    """The columns of a row; what it says is frozen in its body."""
    at = now.astimezone(UTC).isoformat()
    return {
        "event": f"msg_{uuid4().hex}",
        "pharmacy_id": pharmacy_id,
        "notice_id": notice_id,
        "type": type_,
        "body": json.dumps({"type": type_, "id": public, "at": at, "answer": answer}, separators=(",", ":")),
        "state": DeliveryState.WAITING,
        "tries": 0,
        "due_at": now,
        "made_at": now,
    }
