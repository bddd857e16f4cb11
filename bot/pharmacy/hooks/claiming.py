"""Claiming events that are due: for one worker, by a lease, committed before anything is posted.

Of one notice a later event waits until the one before it has arrived or is given up. Of one pharmacy two go at a time,
and pharmacies of which none is on its way come first: one whose system is slow holds up itself alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, literal, literal_column, or_, update
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.database import Database
from bot.pharmacy.hooks.signing import counting
from bot.settings import Settings
from bot.tables.pharmacy import DeliveryState, Webhook, WebhookDelivery

AT_ONCE = 2
"""Events of one pharmacy on their way at a time."""
_WAITS = col(WebhookDelivery.state) == literal_column(f"'{DeliveryState.WAITING}'")  # as the index has it
_LISTENS = col(Webhook.ended_at).is_(None)


@dataclass(frozen=True)
class Claim:
    """One POST to make, ours until `lease_until`. `event` is the same at every try; `secrets` are sealed."""

    delivery_id: int
    pharmacy_id: int
    event: str
    body: str
    tries: int
    url: str
    secrets: Sequence[str]
    lease_until: datetime


def anything_due(db: Database, now: datetime) -> bool:
    """Whether a claim is worth its write transaction."""
    with db.read() as session:
        return bool(session.scalar(columns(literal(True)).where(exists().where(_due(now)))))


def claim_due_events(db: Database, settings: Settings, limit: int, now: datetime) -> list[Claim]:
    """Take up to `limit` events that are due. A worker that dies loses them when the lease is over: they go again."""
    lease = now + timedelta(seconds=settings.lease_seconds)
    ranked = _ranked(now)
    picked = columns(ranked.c.id).where(ranked.c.place <= AT_ONCE).order_by(ranked.c.place, ranked.c.id).limit(limit)
    # `_due` again: another worker may have taken one since it was picked.
    due = (
        select(WebhookDelivery, Webhook)
        .join(Webhook, col(Webhook.pharmacy_id) == col(WebhookDelivery.pharmacy_id))
        .where(col(WebhookDelivery.id).in_(picked), _due(now), _LISTENS)
        .order_by(col(WebhookDelivery.id))
    )
    with db.write() as session:
        rows = session.exec(due.with_for_update(skip_locked=True, key_share=True, of=WebhookDelivery)).all()
        _lease(session, [delivery.id or 0 for delivery, _ in rows], lease)
        return [_claim(delivery, webhook, lease, now) for delivery, webhook in rows]


def _due(now: datetime) -> ColumnElement[bool]:
    lease = col(WebhookDelivery.lease_until)
    return and_(_WAITS, col(WebhookDelivery.due_at) <= now, or_(lease.is_(None), lease <= now))


def _ranked(now: datetime) -> Subquery:
    """What is due and nothing of the same notice stands before it, numbered after what its pharmacy has on its way."""
    before, other = aliased(WebhookDelivery), aliased(WebhookDelivery)
    first = ~exists().where(
        col(before.notice_id) == col(WebhookDelivery.notice_id),
        col(before.id) < col(WebhookDelivery.id),
        col(before.state) == DeliveryState.WAITING,
    )
    on_their_way = (
        columns(func.count())
        .where(
            col(other.pharmacy_id) == col(WebhookDelivery.pharmacy_id),
            col(other.state) == DeliveryState.WAITING,
            col(other.lease_until) > now,
        )
        .correlate(WebhookDelivery)
        .scalar_subquery()
    )
    number = func.row_number().over(
        partition_by=col(WebhookDelivery.pharmacy_id), order_by=(col(WebhookDelivery.due_at), col(WebhookDelivery.id))
    )
    return (
        columns(col(WebhookDelivery.id), (number + on_their_way).label("place"))
        .join(Webhook, col(Webhook.pharmacy_id) == col(WebhookDelivery.pharmacy_id))
        .where(_due(now), first, _LISTENS)
        .subquery()
    )


def _lease(session: Session, ids: Sequence[int], until: datetime) -> None:
    if ids:
        taken = update(WebhookDelivery).where(col(WebhookDelivery.id).in_(ids)).values(lease_until=until)
        session.execute(taken, execution_options={"synchronize_session": False})


def _claim(delivery: WebhookDelivery, webhook: Webhook, lease: datetime, now: datetime) -> Claim:
    return Claim(
        delivery_id=delivery.id or 0,
        pharmacy_id=delivery.pharmacy_id,
        event=delivery.event,
        body=delivery.body,
        tries=delivery.tries,
        url=webhook.url,
        secrets=counting(webhook.secrets, webhook.rotated_at, now),
        lease_until=lease,
    )
