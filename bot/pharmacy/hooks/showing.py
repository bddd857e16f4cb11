"""What a pharmacy's system has been told lately, and what became of it, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.pharmacy.hooks.events import OF_A_NOTICE, TEST
from bot.pharmacy.hooks.posting import Fault
from bot.pharmacy.hooks.signing import FORMER_COUNTS, counting
from bot.tables.pharmacy import DeliveryState, Webhook, WebhookDelivery

SHOWN = 50
SOON = timedelta(minutes=1)
"""What is tried within that time is waited for on the page."""
NEWS_FOR = timedelta(days=7)
"""How long what was given up stands on the home page."""
TYPES: Mapping[str, str] = {
    f"{OF_A_NOTICE}sent": "A text went",
    f"{OF_A_NOTICE}delivered": "A text arrived",
    f"{OF_A_NOTICE}failed": "A text could not be delivered",
    f"{OF_A_NOTICE}answered": "A person answered",
    f"{OF_A_NOTICE}call-instead": "You are to phone instead",
    TEST: "A test",
}
STATES: Mapping[str, str] = {
    DeliveryState.WAITING: "Waits",
    DeliveryState.DELIVERED: "Delivered",
    DeliveryState.GIVEN_UP: "Given up",
}
FAULTS: Mapping[str, str] = {
    Fault.BAD_ADDRESS: "The address cannot be used. Enter another.",
    Fault.NO_SUCH_NAME: "The name in the address was not found.",
    Fault.INSIDE: "The name in the address stands for a machine that is not on the internet, so nothing was sent.",
    Fault.NOT_REACHED: "Your system could not be reached.",
    Fault.NO_TLS: "No safe connection was possible: its certificate is missing, out of date, or for another name.",
    Fault.TOO_SLOW: "Your system did not answer within 10 seconds.",
    Fault.NO_HTTP: "What answered there does not speak HTTP.",
    Fault.REDIRECT: "Your system sent us to another address. We do not follow: enter the right one.",
    Fault.STATUS: "Your system did not accept it.",
    Fault.UNREADABLE: "The secret cannot be read any more. Make a new one.",
    Fault.GONE: "Your system said that it wants no more events.",
    Fault.ENDED: "The address was ended before it went.",
}


@dataclass(frozen=True)
class EventLine:
    """An event on the page: what it says, how it stands, and when it is tried next, if it is (UTC)."""

    event: str
    type: str
    words: str
    at: datetime
    state: str
    tries: int
    what: str
    next_at: datetime | None
    soon: bool


@dataclass(frozen=True)
class Shown:
    """How a pharmacy's system stands. `url` is None where it is told nothing; `gone`: because it said so itself.

    `former_until`: until when its former secret counts as well (UTC). `given_up`: events that wait for somebody.
    """

    url: str | None
    since: datetime | None
    gone: bool
    former_until: datetime | None
    given_up: int
    lines: Sequence[EventLine]

    @property
    def waits(self) -> bool:
        """Whether something of these is tried in a moment."""
        return any(line.soon for line in self.lines)


def show_webhook(session: Session, pharmacy_id: int, now: datetime) -> Shown:
    """The address of a pharmacy's system, and its last events, the newest first."""
    webhook = session.get(Webhook, pharmacy_id)
    live = webhook if webhook is not None and webhook.ended_at is None else None
    theirs = select(WebhookDelivery).where(WebhookDelivery.pharmacy_id == pharmacy_id)
    last = session.exec(theirs.order_by(col(WebhookDelivery.id).desc()).limit(SHOWN)).all()
    return Shown(
        url=live.url if live else None,
        since=live.made_at if live else None,
        gone=live is None and any(each.last_error == Fault.GONE for each in last),
        former_until=_former_until(live, now) if live else None,
        given_up=count_given_up(session, pharmacy_id, None),
        lines=[_line(each, now) for each in last],
    )


def count_given_up(session: Session, pharmacy_id: int, since: datetime | None) -> int:
    """How many events of a pharmacy were given up, from that moment on; those that somebody ended left out."""
    statement = select(func.count()).where(
        col(WebhookDelivery.pharmacy_id) == pharmacy_id,
        col(WebhookDelivery.state) == DeliveryState.GIVEN_UP,
        col(WebhookDelivery.last_error) != Fault.ENDED,
    )
    return session.exec(statement if since is None else statement.where(col(WebhookDelivery.ended_at) > since)).one()


def _former_until(webhook: Webhook, now: datetime) -> datetime | None:
    two = len(counting(webhook.secrets, webhook.rotated_at, now)) > 1
    return webhook.rotated_at + FORMER_COUNTS if two and webhook.rotated_at else None


def _line(delivery: WebhookDelivery, now: datetime) -> EventLine:
    waits = delivery.state == DeliveryState.WAITING
    what = FAULTS.get(delivery.last_error or "", "")
    return EventLine(
        event=delivery.event,
        type=delivery.type,
        words=TYPES[delivery.type],
        at=delivery.made_at,
        state=STATES[delivery.state],
        tries=delivery.tries,
        what=f"{what} It answered {delivery.last_status}." if what and delivery.last_status else what,
        next_at=delivery.due_at if waits else None,
        soon=waits and delivery.due_at < now + SOON,
    )
