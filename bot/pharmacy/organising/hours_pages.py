"""For the pharmacy's people: when it is open, as texts say it, and the days on which it is closed."""

from datetime import date, time

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_code, own_pharmacy_id
from bot.clock import utc_now
from bot.interpreters.hours import by_day
from bot.pharmacy.organising.closures import close_days, closures_of, open_day
from bot.pharmacy.organising.hours import hours_of, open_next
from bot.pharmacy.organising.places import HOURS
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Pharmacy
from bot.texts.dates_in_words import format_time
from bot.web import SUCCESS, counted, database, here, render

blueprint = Blueprint("pharmacy_hours", __name__, url_prefix=HOURS.path)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NO_DAY = Refused("bad-days", "Enter both days as dates, such as 24/12/2026.")


@blueprint.get("")
@for_roles(Role.PHARMACY)
def hours() -> Response:
    """The hours of a week, what a text would say now, and the days it is closed."""
    return _page()


@blueprint.post("/close")
@for_roles(Role.PHARMACY)
def close() -> Response:
    """Close some days."""
    try:
        closed = close_days(database(), own_code(), _day("first"), _day("last"), own_actor())
    except Refused as refused:
        return _page(refused)
    flash(f"{counted(closed, 'day is', 'days are')} closed now. No text says that you are open then.", SUCCESS)
    return redirect(here(HOURS.path), 303)


@blueprint.post("/open")
@for_roles(Role.PHARMACY)
def open_again() -> Response:
    """Be open after all on a day."""
    try:
        open_day(database(), own_code(), _day("day"), own_actor())
    except Refused as refused:
        return _page(refused)
    flash("You are open on that day again, at your usual hours.", SUCCESS)
    return redirect(here(HOURS.path), 303)


def _page(refused: Refused | None = None) -> Response:
    with database().read() as session:
        pharmacy = session.get_one(Pharmacy, own_pharmacy_id())
        week = by_day(hours_of(session, pharmacy))
        next_open = open_next(session, pharmacy, utc_now())
        closed = closures_of(session, pharmacy.id or 0)
    return render(
        "pharmacy/hours.html",
        400 if refused else 200,
        refused=refused,
        entered=request.form,
        week=[(_DAYS[day], _spans(spans)) for day, spans in week],
        next_open=next_open and (next_open.day, _spans([(next_open.opens, next_open.closes)])),
        closed=closed,
    )


def _spans(spans: list[tuple[time, time]]) -> str:
    return ", ".join(f"{format_time(opens, 'en')} to {format_time(closes, 'en')}" for opens, closes in spans)


def _day(field: str) -> date:
    """:raises Refused: it is no date."""
    try:
        return date.fromisoformat(request.form.get(field, "").strip())
    except ValueError:
        raise _NO_DAY from None
