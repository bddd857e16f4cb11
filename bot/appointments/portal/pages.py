"""The interpreter's own pages: visits, asks, and booking for a person who is there.

No page here shows who a person is. Codes of persons never stand in an address; codes of visits do.
"""

import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, request
from sqlmodel import Session
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_account, own_acting, own_actor
from bot.appointments.calendars.feeds import make_interpreters_feed
from bot.appointments.interpreted.lost import Answered
from bot.appointments.portal.deeds import (
    accept_visit,
    book_for_person,
    decline_visit,
    give_up_for_person,
    hand_back,
    move_for_person,
)
from bot.appointments.portal.proving import (
    IF_RIGHT,
    Present,
    ask_for_presence,
    end_presence,
    present_person,
    prove_presence,
    waits_for_number,
)
from bot.appointments.portal.seeing import SEXES, one_visit, open_asks, own_visits, persons_visits
from bot.appointments.portal.times import (
    NOT_RECORDED,
    SHOWN,
    TimesAsked,
    free_times,
    is_recorded,
    times_to_move_to,
)
from bot.appointments.visits import visit_by_code
from bot.appointments.written_times import read_time
from bot.clock import utc_now
from bot.interpreters.accounts import Interpreting, interpreting
from bot.interpreters.words import language_in_words
from bot.patients.person_codes import show_code
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.interpreters import Interpreter
from bot.web import SUCCESS, counted, database, here, render, settings

blueprint = Blueprint("portal", __name__)

_for_interpreters = for_roles(Role.INTERPRETER)
_LONGEST_KEY = 64
NOT_ON_THE_LIST = (
    "Your account is not on the list of interpreters of your agency. Ask the agency to enter your email address in "
    "its list."
)
_NOT_YOURS = {
    Answered.GONE: "Thank you. Somebody else has that visit already, or it will not take place.",
    Answered.BUSY: "You have something else at that time, or no time to get there, so somebody else is being asked.",
}


@blueprint.get("/interpreter/", strict_slashes=False)
@_for_interpreters
def home() -> Response:
    """The visits an interpreter has, and those they are asked to take."""
    now = utc_now()
    with database().read() as session:
        me = _me_if_known(session)
        if me is None:
            return render("appointments/portal-unknown.html", words=NOT_ON_THE_LIST)
        return render(
            "appointments/portal-home.html",
            visits=own_visits(session, me, now),
            asks=open_asks(session, me, now),
            present=_present_in_words(present_person(session, me, now), now),
            key=_new_key(),
        )


@blueprint.get("/interpreter/join")
@_for_interpreters
def join() -> Response:
    """Enter the code of a person; then the number that went to their phone. ?again=1 begins with another code."""
    return _join_page()


@blueprint.post("/interpreter/join")
@_for_interpreters
def enter_code() -> Response:
    """A code: a number goes to the phone of its person, if there is one who may be texted."""
    written = request.form.get("code", "")
    try:
        ask_for_presence(database(), settings(), _me_now(), written, own_actor(), key=_key())
    except Refused as refused:
        return _join_page(refused, field="code", code=written)
    flash(IF_RIGHT, SUCCESS)
    return redirect(here("/interpreter/join"), 303)


@blueprint.post("/interpreter/join/number")
@_for_interpreters
def enter_number() -> Response:
    """The number that the person read out."""
    with database().read() as session:
        me = _me(session)
        proven = present_person(session, me, utc_now()) is not None
    try:
        if not proven:  # else the same form was sent once more
            prove_presence(database(), settings(), me, request.form.get("number", ""), own_actor())
    except Refused as refused:
        return _join_page(refused, field="number")
    return redirect(here("/interpreter/times"), 303)


@blueprint.post("/interpreter/leave")
@_for_interpreters
def leave() -> Response:
    """Done with this person; the next may come."""
    end_presence(database(), _me_now())
    return redirect(here("/interpreter/join"), 303)


def _join_page(refused: Refused | None = None, *, field: str = "", code: str = "") -> Response:
    with database().read() as session:
        waits = waits_for_number(session, _me(session), utc_now())
    number = waits and field != "code" and "again" not in request.args
    return render(
        "appointments/portal-join.html",
        400 if refused else 200,
        refused=refused,
        field=("number" if number else "code"),
        number=number,
        code=code,
        key=_new_key(),
    )


@blueprint.get("/interpreter/times")
@_for_interpreters
def times() -> Response:
    """Free times for the person who is there, and the visits they have."""
    return _times_page()


@blueprint.post("/interpreter/book")
@_for_interpreters
def book() -> Response:
    """Book one of the times."""
    token = request.form.get("time", "")
    try:
        code = book_for_person(database(), settings(), _me_now(), _asked(request.form), token, own_actor(), key=_key())
    except Refused as refused:
        return _refused_times(refused)
    flash("The visit is booked. The person gets a text about it, if they can be texted.", SUCCESS)
    return redirect(here(f"/interpreter/visits/{code}"), 303)


def _refused_times(refused: Refused) -> Response:
    if refused.code == "not-present":
        return _not_there(refused)
    return _times_page(refused)


def _not_there(refused: Refused) -> Response:
    """The twenty minutes are over: the code comes next."""
    return _join_page(refused, field="code")


def _times_page(refused: Refused | None = None) -> Response:
    now = utc_now()
    asked = _asked(request.form if refused else request.args)
    with database().read() as session:
        me = _me(session)
        present = present_person(session, me, now)
        if present is None:
            return redirect(here("/interpreter/join"), 303)
        found = free_times(session, me, present, asked, now)
        return render(
            "appointments/portal-times.html",
            400 if refused else 200,
            refused=refused,
            present=_present_in_words(present, now),
            asked=asked,
            sexes=SEXES,
            found=found,
            not_recorded=None if is_recorded(present) else NOT_RECORDED,
            later=found[-1].starts if len(found) == SHOWN else None,
            visits=persons_visits(session, me, present, now),
            key=_new_key(),
        )


@blueprint.get("/interpreter/visits/<visit_code>")
@_for_interpreters
def visit(visit_code: str) -> Response:
    """One visit: one's own, one that one is asked to take, or one of the person who is there."""
    return _visit_page(visit_code)


@blueprint.post("/interpreter/visits/<visit_code>/move")
@_for_interpreters
def move(visit_code: str) -> Response:
    """Another time for a visit of the person who is there."""
    me, token = _me_now(), request.form.get("time", "")
    try:
        move_for_person(database(), settings(), me, visit_code, token, own_actor())
    except Refused as refused:
        return _refused_visit(visit_code, refused)
    return _back(visit_code, "The visit is moved. The person gets a text about it, if they can be texted.")


@blueprint.post("/interpreter/visits/<visit_code>/give-up")
@_for_interpreters
def give_up(visit_code: str) -> Response:
    """The person who is there does not need a visit."""
    try:
        give_up_for_person(database(), settings(), _me_now(), visit_code, own_actor())
    except Refused as refused:
        return _refused_visit(visit_code, refused)
    flash("The visit will not take place. Its time is free for others.", SUCCESS)
    return redirect(here("/interpreter/times"), 303)


@blueprint.post("/interpreter/visits/<visit_code>/hand-back")
@_for_interpreters
def hand_back_visit(visit_code: str) -> Response:
    """The interpreter cannot come: somebody else is sought."""
    try:
        hand_back(database(), settings(), _me_now(), visit_code, own_actor())
    except Refused as refused:
        return _refused_visit(visit_code, refused)
    return _home_with("You do not have that visit any more. Another interpreter is being asked.")


@blueprint.post("/interpreter/visits/<visit_code>/accept")
@_for_interpreters
def accept(visit_code: str) -> Response:
    """Take a visit one was asked to take."""
    try:
        answered = accept_visit(database(), settings(), _me_now(), visit_code, own_actor())
    except Refused as refused:
        return _refused_visit(visit_code, refused)
    if answered is Answered.BOOKED:
        return _back(visit_code, "The visit is yours.")
    return _home_with(_NOT_YOURS[answered])


@blueprint.post("/interpreter/visits/<visit_code>/decline")
@_for_interpreters
def decline(visit_code: str) -> Response:
    """Leave a visit to others."""
    try:
        ask_id = request.form.get("ask", type=int)
        decline_visit(database(), settings(), _me_now(), visit_code, ask_id, own_actor())
    except Refused as refused:
        return _refused_visit(visit_code, refused)
    return _home_with("Thank you for telling us. Somebody else is being asked.")


@blueprint.post("/interpreter/calendar")
@_for_interpreters
def new_calendar() -> Response:
    """A new secret address for the interpreter's calendar, shown this once."""
    with database().read() as session:
        me = _me(session)
        code = session.get_one(Interpreter, me.interpreter_id).code
    address = make_interpreters_feed(database(), settings(), code, own_actor())
    return render("appointments/portal-calendar.html", address=address)


def _refused_visit(visit_code: str, refused: Refused) -> Response:
    """A visit that is no business of theirs does not exist for an interpreter."""
    if refused.code == "unknown-visit":
        abort(404)
    return _not_there(refused) if refused.code == "not-present" else _visit_page(visit_code, refused)


def _visit_page(visit_code: str, refused: Refused | None = None) -> Response:
    now = utc_now()
    with database().read() as session:
        me = _me(session)
        present = present_person(session, me, now)
        seen = one_visit(session, me, present, visit_code, now)
        if seen is None:
            abort(404)
        choices = []
        if present and seen.movable and (refused or "move" in request.args):
            row = visit_by_code(session, visit_code)
            choices = times_to_move_to(session, me, row, present, _from(request.args), now)
        return render(
            "appointments/portal-visit.html",
            400 if refused else 200,
            refused=refused,
            visit=seen,
            choices=choices,
            moving="move" in request.args,
            later=choices[-1].starts if len(choices) == SHOWN else None,
            key=_new_key(),
        )


def _me_now() -> Interpreting:
    with database().read() as session:
        return _me(session)


def _me(session: Session) -> Interpreting:
    """:raises Refused: `no-interpreter`, the agency's list has no interpreter with the email of the account."""
    found = _me_if_known(session)
    if found is None:
        raise Refused("no-interpreter", NOT_ON_THE_LIST)
    return found


def _me_if_known(session: Session) -> Interpreting | None:
    acting = own_acting()
    return interpreting(session, own_account(), acting.agency_id if acting else None)


def _present_in_words(present: Present | None, now: datetime) -> dict[str, Any] | None:
    """What is shown of the person who is there: their code, the language, and how long there is."""
    if present is None:
        return None
    minutes = max(1, int((present.until - now).total_seconds()) // 60)
    return {
        "code": show_code(present.code),
        "language": language_in_words(present.patient.language),
        "left": counted(minutes, "minute", "minutes"),
        "practice": present.practice.name,
        "phone": present.practice.phone,
    }


def _asked(words: Any) -> TimesAsked:
    """What a form or an address asks of a time; a word that is none of ours asks for nothing."""
    sex = words.get("sex")
    return TimesAsked(
        longer=words.get("longer") == "yes",
        me_alone=words.get("who") == "me",
        sex=sex if sex in SEXES else None,
        from_=_from(words),
    )


def _from(words: Any) -> datetime | None:
    try:
        return read_time(words.get("from") or "")
    except Refused:
        return None


def _key() -> str | None:
    """The key of the form that was sent."""
    key = request.form.get("idempotency_key", "")[:_LONGEST_KEY]
    return key if key and key.isprintable() else None


def _new_key() -> str:
    return secrets.token_urlsafe(12)


def _back(visit_code: str, done: str) -> Response:
    flash(done, SUCCESS)
    return redirect(here(f"/interpreter/visits/{visit_code}"), 303)


def _home_with(done: str) -> Response:
    flash(done, SUCCESS)
    return redirect(here("/interpreter/"), 303)
