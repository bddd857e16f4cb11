"""`GET /calendar/<token>.ics`: whoever has the address reads it, and a revoked one is like one that never was."""

import hashlib
from datetime import timedelta

from flask import Blueprint, Response, make_response, request

from bot.accounts.access import address_of_request, public
from bot.accounts.tries import place_of
from bot.appointments.calendars.feeds import content_of, find_feed
from bot.appointments.calendars.slowing import Slowing
from bot.clock import utc_now
from bot.web import database, settings

blueprint = Blueprint("calendar", __name__)

WITHIN = timedelta(minutes=10)
OF_ONE_CALENDAR = Slowing(30, WITHIN)
"""Programs ask every quarter of an hour; one calendar may be in several."""
IN_VAIN = Slowing(30, WITHIN)
"""Of one place, addresses that are none. What is there is still answered: many calendars are read from one place."""


@blueprint.get("/calendar/<token>.ics")
@public
def calendar(token: str) -> Response:
    """The calendar of the interpreter or clinician whose secret address it is."""
    now = utc_now()
    with database().read() as session:
        feed = find_feed(session, settings(), token)
        if feed is None:
            return _nothing() if IN_VAIN.allows(place_of(address_of_request()), now) else _later()
        if not OF_ONE_CALENDAR.allows(feed.token_hash, now):
            return _later()
        return _calendar(content_of(session, settings(), feed, now))


def _calendar(content: bytes) -> Response:
    """The file, or word that it is still the one the program has."""
    answer = make_response(content)
    answer.mimetype = "text/calendar"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(content).hexdigest())
    answer.make_conditional(request)
    return answer


def _nothing() -> Response:
    return Response("There is no calendar at this address.\n", 404, mimetype="text/plain")


def _later() -> Response:
    answer = Response("This was asked for too often. Try again later.\n", 429, mimetype="text/plain")
    answer.headers["Retry-After"] = str(int(WITHIN.total_seconds()))
    return answer
