"""For the practice: the newest plan of who waits and needs an interpreter, worked out again and booked by a button."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.appointments.packing.applying import ENDED, Applied, apply_plan
from bot.appointments.packing.looking import LineSeen, newest_plan
from bot.appointments.packing.planning import next_days, plan_waiting
from bot.appointments.packing.reading import anybody_waits
from bot.appointments.packing.words import left_out_in_words, not_booked_in_words
from bot.clock import utc_now
from bot.interpreters.words import language_in_words
from bot.tables.accounts import Role
from bot.tables.appointments import WaitingState
from bot.tables.organisations import Practice
from bot.web import ERROR, SUCCESS, counted, database, here, render, settings

blueprint = Blueprint("plan", __name__, url_prefix="/waiting/plan")
PATH = "/waiting/plan"


@blueprint.get("")
@for_roles(Role.PRACTICE, Role.LEAD)
def plan_page() -> Response:
    """Who could be seen when, by whom and with which interpreter; why others stay out; what a plain queue would do."""
    now = utc_now()
    with database().read() as session:
        seen = newest_plan(session, own_practice_id())
        waits = anybody_waits(session, own_practice_id())
    return render(
        "appointments/plan.html",
        seen=seen,
        waits=waits,
        to_book=sum(line.can_be_booked(now) for line in seen.lines) if seen else 0,
        lines=[_with_time(line, now) for line in seen.with_time] if seen else [],
        left_out=[_left_out(line) for line in seen.left_out] if seen else [],
        days=next_days(),
    )


@blueprint.post("")
@for_roles(Role.PRACTICE, Role.LEAD)
def work_out() -> Response:
    """Work the plan of the next seven days out again; nobody is booked or told."""
    made = plan_waiting(database(), settings(), *next_days(), own_actor(), _own_practice())
    placed = counted(made.placed, "person has", "people have")
    flash(f"The plan is worked out again: {placed} a time. Nobody is booked yet.", SUCCESS)
    return redirect(here(PATH), 303)


@blueprint.post("/book")
@for_roles(Role.PRACTICE, Role.LEAD)
def book() -> Response:
    """Book what the plan that was seen has for this practice."""
    plan_id = request.form.get("plan", 0, int)
    applied = apply_plan(database(), settings(), plan_id, own_actor(), _own_practice())
    flash(_done(applied), ERROR if applied.refused and not applied.applied else SUCCESS)
    return redirect(here(PATH), 303)


def _own_practice() -> Practice:
    with database().read() as session:
        return session.get_one(Practice, own_practice_id())


def _done(applied: Applied) -> str:
    if applied == Applied(0, 0):
        return "Everything in this plan was dealt with already. Nothing was changed."
    booked = f"{counted(applied.applied, 'visit is', 'visits are')} booked. People and interpreters are told by text."
    refused = f"{counted(applied.refused, 'time', 'times')} could not be booked any more; the list below says why."
    return " ".join(words for words, number in ((booked, applied.applied), (refused, applied.refused)) if number)


def _with_time(seen: LineSeen, now: datetime) -> dict[str, Any]:
    return {"seen": seen, "state": _state(seen, now), "language": _language(seen)}


def _left_out(seen: LineSeen) -> dict[str, Any]:
    return {"seen": seen, "why": left_out_in_words(seen.line.why), "language": _language(seen)}


def _language(seen: LineSeen) -> str:
    return language_in_words(seen.patient.language)


def _state(seen: LineSeen, now: datetime) -> str | None:
    """What has become of a planned time; None while it can be booked."""
    if seen.visit is not None or seen.can_be_booked(now):
        return None
    if seen.line.refused is not None:
        return not_booked_in_words(seen.line.refused)
    return not_booked_in_words(ENDED.get(WaitingState(seen.request.state), "past"))
