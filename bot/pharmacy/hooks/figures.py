"""How much pharmacies' systems are told, and how late."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.figures import family
from bot.tables.pharmacy import DeliveryState, WebhookDelivery


def webhook_figures(session: Session) -> Iterator[GaugeMetricFamily]:
    """Events by state, and how long the oldest that waits has been waiting."""
    state = col(WebhookDelivery.state)
    by_state = select(state, func.count()).group_by(state)
    found = dict.fromkeys(map(str, DeliveryState), 0) | dict(session.exec(by_state).all())
    rows = [((name,), float(count)) for name, count in found.items()]
    yield family("webhook_events", "Events for systems of pharmacies by state", ["state"], rows)
    waiting = select(func.min(WebhookDelivery.made_at)).where(state == DeliveryState.WAITING)
    oldest = session.exec(waiting).one()
    age = max(0.0, (utc_now() - oldest).total_seconds()) if oldest else 0.0
    yield GaugeMetricFamily("webhook_oldest_waiting_seconds", "The oldest event that has not arrived", value=age)
