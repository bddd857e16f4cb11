"""How many things wait for a person."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func
from sqlmodel import Session, select

from bot.attention.escalation import count_escalated
from bot.figures import family
from bot.tables.attention import InboxItem


def inbox_figures(session: Session) -> Iterator[GaugeMetricFamily]:
    """Open items by urgency, and urgent ones that nobody opened."""
    urgency = func.coalesce(InboxItem.urgency, "none")
    statement = select(urgency, func.count()).where(InboxItem.state == "open").group_by(urgency)
    found = {"red": 0, "amber": 0, "none": 0} | dict(session.exec(statement).all())
    rows = [((name,), float(count)) for name, count in found.items()]
    yield family("inbox_open", "Open inbox items by urgency", ["urgency"], rows)
    late = count_escalated(session)
    yield GaugeMetricFamily("urgent_unopened", "Urgent items nobody opened within DUTY_AGAIN", value=late)
