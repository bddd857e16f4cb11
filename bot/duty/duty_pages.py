"""Who is on duty: staff see the rota, the lead puts phones on it and says what goes to people who are harmed."""

from typing import Any

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id, own_roles
from bot.appointments.written_times import read_time
from bot.clock import utc_now
from bot.duty.rota import end_duty, put_on_duty, rota_of
from bot.duty.telling import TIMES_EACH
from bot.organisations.if_harmed import switch_if_harmed
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from bot.web import SUCCESS, database, here, phone_for_people, render, settings, span_in_words

blueprint = Blueprint("duty", __name__, url_prefix="/duty")
_FIELDS = {"bad-time": "day", "no-such-time": "day"}
"""The part of the form that a refusal is about; any other is about the phone."""


@blueprint.get("")
@for_roles(Role.PRACTICE, Role.LEAD)
def duty_page() -> Response:
    """Who is told now, and the rota."""
    return _page()


@blueprint.post("")
@for_roles(Role.LEAD)
def put() -> Response:
    """Put a phone on duty from a time on."""
    form = request.form
    day, clock = form.get("day", "").strip(), form.get("clock", "").strip()
    try:
        if not (day and clock):
            raise Refused("bad-time", "Give the day and the time from which on the phone is on duty.")
        begins = read_time(f"{day}T{clock}")
        entry = put_on_duty(database(), settings(), _code(), form.get("phone", ""), begins, own_actor())
    except Refused as refused:
        return _page(400, refused)
    flash(f"{phone_for_people(entry.phone)} is in the rota.", SUCCESS)
    return redirect(here("/duty"), 303)


@blueprint.post("/end")
@for_roles(Role.LEAD)
def end() -> Response:
    """Take an entry out of the rota."""
    form = request.form
    try:
        begins = read_time(form.get("begins", ""))
        end_duty(database(), settings(), _code(), form.get("phone", ""), begins, own_actor())
    except Refused as refused:
        return _page(409, refused)
    flash("It is out of the rota.", SUCCESS)
    return redirect(here("/duty"), 303)


@blueprint.post("/if-harmed")
@for_roles(Role.LEAD)
def if_harmed() -> Response:
    """Let the 999 text go to phones that tell of harm by somebody, or no longer."""
    on = request.form.get("to") == "on"
    switch_if_harmed(database(), _code(), own_actor(), on=on)
    flash(f"The 999 text to people who are harmed is switched {'on' if on else 'off'}.", SUCCESS)
    return redirect(here("/duty"), 303)


def _code() -> str:
    with database().read() as session:
        return session.get_one(Practice, own_practice_id()).code


def _page(status: int = 200, refused: Refused | None = None) -> Response:
    now = utc_now()
    with database().read() as session:
        rota = rota_of(session, own_practice_id(), now)
        practice = session.get_one(Practice, own_practice_id())
    shown: dict[str, Any] = {
        "practice": practice,
        "call_list": sorted((line for line in rota if line.place), key=lambda line: line.place or 0),
        "rota": [line for line in rota if line.entry.begins > now or line.now or line.place],
        "is_lead": Role.LEAD in own_roles(),
        "field": _FIELDS.get(refused.code, "phone") if refused else None,
        "typed": request.form,
        "again": span_in_words(settings().duty_again),
        "times": TIMES_EACH,
    }
    return render("duty/duty.html", status, refused=refused, **shown)
