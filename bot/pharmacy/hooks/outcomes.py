"""What came of the tries to tell a pharmacy's system something: arrived, tried again later, or given up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col

from bot.audit import SERVICE, record
from bot.database import Database
from bot.pharmacy.hooks.claiming import Claim
from bot.pharmacy.hooks.posting import Fault, Outcome
from bot.tables.pharmacy import DeliveryState, Webhook, WebhookDelivery

AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
"""Between a try that failed and the next one; after the last of them it is given up. Source: Standard Webhooks."""
_WAITS = col(WebhookDelivery.state) == DeliveryState.WAITING
_NOT_DELIVERED = col(WebhookDelivery.state) != DeliveryState.DELIVERED


def record_outcome(db: Database, claim: Claim, outcome: Outcome, now: datetime) -> None:
    """Keep what came of a try. A failure of a lease that is over is another worker's by now, and is not kept."""
    with db.write() as session:
        gone = outcome.fault == Fault.GONE and _listened_there(session, claim, now)
        changes = _failed(claim, outcome, now, last=gone) if outcome.fault else _delivered(outcome, now)
        mine = (_WAITS, col(WebhookDelivery.lease_until) == claim.lease_until) if outcome.fault else ()
        kept = update(WebhookDelivery).where(col(WebhookDelivery.id) == claim.delivery_id, _NOT_DELIVERED, *mine)
        session.execute(kept.values(tries=claim.tries + 1, lease_until=None, **changes))
        if gone:
            give_up_waiting(session, col(WebhookDelivery.pharmacy_id) == claim.pharmacy_id, Fault.GONE, now)


def give_up_waiting(session: Session, whose: ColumnElement[bool], why: Fault, now: datetime) -> None:
    """Nothing of that which waits goes any more.

    :param whose: whether a WebhookDelivery is one of these.
    """
    waiting = update(WebhookDelivery).where(whose, _WAITS)
    session.execute(waiting.values(state=DeliveryState.GIVEN_UP, ended_at=now, lease_until=None, last_error=why))


def _listened_there(session: Session, claim: Claim, now: datetime) -> bool:
    """End a webhook whose own server says that it is gone; whether it was at that address still."""
    there = update(Webhook).where(
        col(Webhook.pharmacy_id) == claim.pharmacy_id, col(Webhook.url) == claim.url, col(Webhook.ended_at).is_(None)
    )
    ended = (
        session.execute(
            there.values(ended_at=now, secrets=[], rotated_at=None).returning(col(Webhook.pharmacy_id))
        ).first()
        is not None
    )
    if ended:
        record(session, SERVICE, "webhook-gone", f"pharmacy:{claim.pharmacy_id}")
    return ended


def _delivered(outcome: Outcome, now: datetime) -> Mapping[str, Any]:
    return {"state": DeliveryState.DELIVERED, "last_status": outcome.status, "last_error": None, "ended_at": now}


def _failed(claim: Claim, outcome: Outcome, now: datetime, *, last: bool) -> Mapping[str, Any]:
    what = {"last_status": outcome.status, "last_error": outcome.fault}
    if last or claim.tries >= len(AFTER):
        return what | {"state": DeliveryState.GIVEN_UP, "ended_at": now}
    return what | {"due_at": now + AFTER[claim.tries]}
