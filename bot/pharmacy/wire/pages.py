"""`POST /fhir/prescription-status-update`: where systems that speak to NHS England's API point as well."""

import json

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.accounts.access import public
from bot.clock import utc_now
from bot.pharmacy.wire.answers import Answer, fault, too_large
from bot.pharmacy.wire.bundle import MOST_BYTES
from bot.pharmacy.wire.storing import WITHIN, take_bundle
from bot.web import database, settings, takes_up_to

MIRRORED = ("X-Request-ID", "X-Correlation-ID")
TOO_MANY_REQUESTS = 429

blueprint = Blueprint("status-wire", __name__)
_log = structlog.get_logger("wire")


@blueprint.post("/fhir/prescription-status-update")
@blueprint.post("/fhir/prescription-status-update/")
@public
@takes_up_to(MOST_BYTES)
def update() -> Response:
    """Take a bundle of Tasks; the answer is a bundle as well."""
    answer = take_bundle(
        database(),
        settings(),
        authorization=request.headers.get("Authorization"),
        request_id=request.headers.get("X-Request-ID"),
        body=request.get_data(),
        now=utc_now(),
    )
    return _as_fhir(answer)


@blueprint.errorhandler(RequestEntityTooLarge)
def refuse(_error: Exception) -> Response:
    """Longer than we read."""
    return _as_fhir(too_large(utc_now()))


@blueprint.errorhandler(Exception)
def apologise(error: Exception) -> Response:
    """Something of ours went wrong, or the database is not there: nothing was kept."""
    _log.error("fault", kind=type(error).__name__, exc_info=error)
    return _as_fhir(fault(utc_now()))


def _as_fhir(answer: Answer) -> Response:
    response = Response(json.dumps(answer.body), answer.status, content_type="application/fhir+json")
    response.headers["Cache-Control"] = "no-cache"
    for name in MIRRORED:
        if name in request.headers:
            response.headers[name] = request.headers[name]
    if answer.status == TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(int(WITHIN.total_seconds()))
    return response
