"""For those who run it: alive, ready, figures, and a page that says what is stuck. No people in any of it."""

import hmac
import ipaddress
import platform
from importlib.metadata import version

from flask import Blueprint, Response, flash, redirect, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_actor, public
from bot.attention.escalation import count_escalated
from bot.attention.reasons import STATES, in_words
from bot.clock import utc_now
from bot.conversations.webhooks import FORGED
from bot.gists.figures import count_gists
from bot.messaging.heartbeats import JOB, last_runs
from bot.messaging.twilio.errors import explain
from bot.operations.metrics import Figures
from bot.operations.readiness import (
    count_unknown_callbacks,
    find_faults,
    find_notes,
    last_inbound,
    list_senders,
    list_uncertain,
    list_waiting,
    parts_left,
    why_not_ready,
)
from bot.operations.work import JOBS, PARTS
from bot.organisations.senders import restart_sender
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.texts.languages import LANGUAGES
from bot.web import SUCCESS, database, here, render, settings, span_in_words

FOR_MACHINES = ("/healthz", "/readyz", "/metrics")
"""Asked by balancers and monitors, under whatever host name they use."""
_PACKAGES = ("Flask", "SQLAlchemy", "Twilio", "APScheduler")

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """This process answers."""
    return Response("alive\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """Database, migrations, clock, sender and queue are fine; else 503 and why, a line each.

    Lines after `ready` say what whoever runs the service should know though it works.
    """
    faults = why_not_ready(database(), settings())
    lines = faults or ["ready", *(note.line for note in find_notes(database(), settings()))]
    return Response("\n".join(lines) + "\n", 503 if faults else 200, mimetype="text/plain")


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus figures, for this machine or whoever has METRICS_TOKEN."""
    if not _may_read_metrics():
        return Response("Metrics need a bearer token.\n", 403, mimetype="text/plain")
    registry = CollectorRegistry()
    registry.register(Figures(database(), settings()))
    registry.register(FORGED)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    token = settings().metrics_token
    shown = request.authorization
    given = shown.token or "" if shown and shown.type == "bearer" else ""
    if token and hmac.compare_digest(token.encode(), given.encode()):
        return True
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return not forwarded and ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback


@blueprint.get("/operations")
@for_roles(Role.ADMIN)
def operations() -> Response:
    """Ready or not, why and what to do; what waits, the senders, what runs, the versions."""
    faults = find_faults(database(), settings())
    with database().read() as session:
        beats = last_runs(session)
        return render(
            "operations/operations.html",
            faults=faults,
            notes=[] if faults else find_notes(database(), settings()),
            waiting=list_waiting(session),
            uncertain=list_uncertain(session),
            senders=_senders(session),
            escalated=count_escalated(session),
            waited=span_in_words(settings().duty_again),
            unknown_callbacks=count_unknown_callbacks(session),
            inbound=last_inbound(session),
            gists=count_gists(session),
            languages=LANGUAGES,
            parts={in_words(PARTS, name): at for name, at in beats.items() if not name.startswith(JOB)},
            jobs={_job(name): at for name, at in beats.items() if name.startswith(JOB)},
            versions=_versions(session),
            state_of=lambda code: in_words(STATES, code),
        )


def _job(name: str) -> str:
    return in_words(JOBS, name.removeprefix(JOB))


def _senders(session: Session) -> list[dict[str, object]]:
    now, rate = utc_now(), settings().sender_parts_per_second
    return [
        {
            "id": sender.id,
            "address": sender.number or sender.service_sid,
            "left": parts_left(sender, rate, now),
            "stopped_at": sender.stopped_at,
            "why": explain(sender.stopped_code).meaning if sender.stopped_code is not None else None,
        }
        for sender in list_senders(session)
    ]


def _versions(session: Session) -> dict[str, str]:
    revision = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar()
    found = {"Database schema": str(revision), "Python": platform.python_version()}
    dialect = session.connection().dialect
    database = "SQLite" if dialect.name == "sqlite" else "PostgreSQL"
    found[database] = ".".join(map(str, dialect.server_version_info or ()))
    return found | {name: version(name) for name in _PACKAGES}


@blueprint.post("/operations/senders/<int:sender_id>/restart")
@for_roles(Role.ADMIN)
def restart(sender_id: int) -> AnyResponse:
    """Let a sender that an error stopped send again."""
    try:
        restart_sender(database(), sender_id, own_actor())
    except NoResultFound:
        raise Refused("unknown-sender", "There is no such sender.") from None
    flash("Texts go out again. If the fault is still there, sending stops again.", SUCCESS)
    return redirect(here("/operations"), 303)
