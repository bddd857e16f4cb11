"""What pharmacies' systems were told is forgotten, so that the notices it speaks of can be forgotten after it."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.hooks.outcomes import give_up_waiting
from bot.pharmacy.hooks.posting import Fault
from bot.rows import CHUNK, delete_in_pieces
from bot.settings import Settings
from bot.tables.pharmacy import DeliveryState, Webhook, WebhookDelivery

KEPT = timedelta(days=30)


def forget_old_events(db: Database, _settings: Settings) -> int:
    """The job: take away events that ended long ago, arrived or given up; gives how many."""
    with db.write() as session:
        _give_up_unheard(session)
    old = select(col(WebhookDelivery.id)).where(
        col(WebhookDelivery.state) != DeliveryState.WAITING, col(WebhookDelivery.ended_at) < utc_now() - KEPT
    )
    return delete_in_pieces(db, delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(old.limit(CHUNK))))


def _give_up_unheard(session: Session) -> None:
    """What was noted at the moment in which somebody ended the webhook waits for nobody."""
    ended = select(col(Webhook.pharmacy_id)).where(col(Webhook.ended_at).is_not(None))
    give_up_waiting(session, col(WebhookDelivery.pharmacy_id).in_(ended), Fault.ENDED, utc_now())
