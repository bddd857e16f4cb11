"""Twilio's webhooks: check, store, answer. Signatures cover PUBLIC_URL and the raw request path."""

import structlog
from flask import Blueprint, Response, request
from prometheus_client import Counter

from bot.accounts.access import public
from bot.conversations.inbound import InboundText, receive_text
from bot.messaging.callbacks import StatusReport, record_status
from bot.messaging.twilio.gateway import signed_by_twilio
from bot.web import database, settings

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

blueprint = Blueprint("webhooks", __name__, url_prefix="/twilio")
FORGED = Counter("webhooks_forged", "Webhooks whose signature did not fit")


@blueprint.before_request
def _check_signature() -> Response | None:
    if signed_by_twilio(settings(), _signed_url(), request.form, request.headers.get("X-Twilio-Signature", "")):
        return None
    FORGED.inc()
    return Response("The signature does not fit.", 403, mimetype="text/plain")


def _signed_url() -> str:
    path = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    return settings().base_url + str(path)


@blueprint.post("/inbound")
@public
def inbound() -> Response:
    """A text from a person; 200 once it is stored, also the second time."""
    text = InboundText.from_fields(request.form)
    if not text.sid or not text.phone:
        return Response("MessageSid and From are needed.", 400, mimetype="text/plain")
    message = receive_text(database(), settings(), text)
    structlog.contextvars.bind_contextvars(message_id=message.id)
    return Response(EMPTY_TWIML, mimetype="text/xml")


@blueprint.post("/status/<attempt_ref>")
@public
def status(attempt_ref: str) -> Response:
    """What became of a text we sent; 204 also for a reference we do not know."""
    report = StatusReport.from_fields(request.form)
    if report.sid and report.status:
        record_status(database(), attempt_ref, report)
    return Response(status=204)
