"""For those who run it: alive, ready, and figures without people in them."""

import hmac
import ipaddress
from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.tables import Direction, Heartbeat, Message, Sender, State, StatusEvent
from bot.messaging.webhooks import FORGED
from bot.migrations.running import at_head
from bot.staff.access import public
from bot.web import database, settings

SILENT_AFTER = timedelta(seconds=60)
"""A worker or clock that has said nothing for so long is taken for dead."""
STUCK_AFTER = timedelta(minutes=15)
"""A text that is due and still queued after this says that sending has stopped."""

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """This process answers."""
    return Response("alive\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """Database, migrations, clock, sender and queue are fine; else 503 and why, a line each."""
    faults = why_not_ready(database())
    return Response("\n".join(faults or ["ready"]) + "\n", 503 if faults else 200, mimetype="text/plain")


def why_not_ready(db: Database) -> list[str]:
    """What keeps the service from doing its work, in words for the person who runs it."""
    try:
        with db.engine.connect() as connection:
            if not at_head(connection):
                return ["The database schema is not up to date: run migrate."]
        with db.read() as session:
            return [*_silent_parts(session), *_stuck_queue(session)]
    except SQLAlchemyError as error:
        return [f"The database cannot be used ({type(error).__name__})."]


def _silent_parts(session: Session) -> Iterator[str]:
    beats = dict(session.exec(select(col(Heartbeat.name), col(Heartbeat.at))).all())
    for name in ("clock", "worker"):
        at = beats.get(name)
        if at is None or utc_now() - at > SILENT_AFTER:
            yield f"No {name} has been at work in the last minute."


def _stuck_queue(session: Session) -> Iterator[str]:
    stopped = session.exec(
        select(col(Sender.stopped_code)).where(col(Sender.stopped_code).is_not(None))
    ).all()
    if stopped:
        yield f"Sending is stopped after Twilio's error {stopped[0]}: see the inbox."
    oldest = _oldest_due(session)
    if oldest is not None and oldest > STUCK_AFTER.total_seconds():
        yield f"A text has been due for {int(oldest // 60)} minutes."


def _oldest_due(session: Session) -> float | None:
    due = select(func.min(Message.not_before)).where(
        Message.state == State.QUEUED, col(Message.not_before) <= utc_now()
    )
    oldest = session.exec(due).one()
    return None if oldest is None else (utc_now() - oldest).total_seconds()


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus figures, for this machine or whoever has METRICS_TOKEN."""
    if not _may_read_metrics():
        return Response("Metrics need a bearer token.\n", 403, mimetype="text/plain")
    registry = CollectorRegistry()
    registry.register(_Figures(database()))
    registry.register(FORGED)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    token = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token and hmac.compare_digest(token.encode(), given.encode()):
        return True
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return not forwarded and ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback


class _Figures(Collector):
    """Counts read from the rows at the moment of asking, so that every process tells the same."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._db.read() as session:
            yield _messages(session)
            yield _failures(session)
            yield GaugeMetricFamily(
                "queue_age_seconds", "Oldest text that is due", value=_oldest_due(session) or 0
            )
            yield GaugeMetricFamily("unknown_callbacks", "Callbacks for no message", value=_orphans(session))


def _messages(session: Session) -> GaugeMetricFamily:
    family = GaugeMetricFamily("messages", "Messages by direction and state", labels=["direction", "state"])
    counts = select(col(Message.direction), col(Message.state), func.count()).group_by(
        col(Message.direction), col(Message.state)
    )
    for direction, state, count in session.exec(counts):
        family.add_metric([direction, state], count)
    return family


def _failures(session: Session) -> GaugeMetricFamily:
    family = GaugeMetricFamily("messages_failed", "Texts that failed, by Twilio's code", labels=["code"])
    counts = (
        select(col(Message.error_code), func.count())
        .where(Message.direction == Direction.OUT, col(Message.error_code).is_not(None))
        .group_by(col(Message.error_code))
    )
    for code, count in session.exec(counts):
        family.add_metric([str(code)], count)
    return family


def _orphans(session: Session) -> int:
    return session.exec(select(func.count()).where(col(StatusEvent.message_id).is_(None))).one()
