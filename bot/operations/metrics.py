"""Prometheus figures, read from the rows at the moment of asking, so that every process tells the same."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.figures import family
from bot.messaging.heartbeats import last_runs
from bot.operations.readiness import (
    count_unknown_callbacks,
    last_inbound,
    list_senders,
    list_waiting,
    oldest_due,
    parts_left,
    why_not_ready,
)
from bot.settings import Settings
from bot.tables.messaging import Direction, Message, State


class Figures(Collector):
    """Counts and ages; labels are states, codes and our own row numbers, never anything about a person."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every figure, once."""
        faults = why_not_ready(self._db, self._settings)
        yield GaugeMetricFamily("ready", "1 when /readyz answers 200", value=not faults)
        try:
            yield from self._of_rows()
        except SQLAlchemyError:  # `ready` says so already
            return

    def _of_rows(self) -> Iterator[GaugeMetricFamily]:
        with self._db.read() as session:
            yield from _texts(session)
            yield from _ages(session)
            yield from self._senders(session)
            for figures in in_use().bring("metrics"):
                yield from figures(session)

    def _senders(self, session: Session) -> Iterator[GaugeMetricFamily]:
        now, rate, senders = utc_now(), self._settings.sender_parts_per_second, list_senders(session)
        left = [((str(sender.id),), parts_left(sender, rate, now)) for sender in senders]
        yield family("sender_parts_left", "Parts in a sender's bucket", ["sender"], left)
        stopped = [((str(sender.id),), float(sender.stopped_code is not None)) for sender in senders]
        yield family("sender_stopped", "1 when an error stopped a sender", ["sender"], stopped)


def _texts(session: Session) -> Iterator[GaugeMetricFamily]:
    by_state = select(col(Message.direction), col(Message.state), func.count()).group_by(
        col(Message.direction), col(Message.state)
    )
    rows = [((direction, state), float(count)) for direction, state, count in session.exec(by_state)]
    yield family("messages", "Messages by direction and state", ["direction", "state"], rows)
    by_code = (
        select(col(Message.error_code), func.count())
        .where(Message.direction == Direction.OUT, col(Message.error_code).is_not(None))
        .group_by(col(Message.error_code))
    )
    failed = [((str(code),), float(count)) for code, count in session.exec(by_code)]
    yield family("messages_failed", "Texts that failed, by Twilio's code", ["code"], failed)
    yield GaugeMetricFamily("unknown_callbacks", "Callbacks for no message", value=count_unknown_callbacks(session))


def _ages(session: Session) -> Iterator[GaugeMetricFamily]:
    waiting = {row.state: row for row in list_waiting(session)}
    uncertain = waiting.get(State.UNCERTAIN)
    yield GaugeMetricFamily("queue_age_seconds", "Oldest text that is due", value=_age(oldest_due(session)))
    yield GaugeMetricFamily("uncertain_messages", "Texts being looked up", value=uncertain.count if uncertain else 0)
    oldest = _age(uncertain.oldest if uncertain else None)
    yield GaugeMetricFamily("uncertain_oldest_age_seconds", "The oldest text being looked up", value=oldest)
    if (inbound := last_inbound(session)) is not None:
        yield GaugeMetricFamily("inbound_age_seconds", "Since a text last came in", value=_age(inbound))
    beats = [((name,), _age(at)) for name, at in last_runs(session).items()]
    yield family("heartbeat_age_seconds", "Since a part or job was last at work", ["name"], beats)


def _age(since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (utc_now() - since).total_seconds())
