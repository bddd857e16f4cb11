"""For the practice: visits that need an interpreter and have none, and what can be done about each."""

from flask import Blueprint, flash, redirect
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.appointments.interpreted.lost import keep_with_phone, seek_interpreter
from bot.appointments.interpreted.without_interpreter import list_without_interpreter
from bot.appointments.visits import visit_by_code
from bot.clock import utc_now
from bot.interpreters.words import language_in_words, mode_in_words
from bot.patients.person_codes import show_code
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.appointments import Visit
from bot.web import SUCCESS, database, here, render, settings

blueprint = Blueprint("without_interpreter", __name__, url_prefix="/visits")
PATH = "/visits/without-interpreter"


@blueprint.get("/without-interpreter")
@for_roles(Role.PRACTICE, Role.LEAD)
def without_interpreter() -> Response:
    """Who comes when, in which language, how far seeking is, and whom to phone."""
    with database().read() as session:
        rows = list_without_interpreter(session, own_practice_id(), utc_now())
    lines = [
        {
            "row": row,
            "code": show_code(row.visit.code),
            "language": language_in_words(row.visit.language, "Language not known"),
            "how": mode_in_words(row.visit.interpreter_mode or row.visit.mode),
        }
        for row in rows
    ]
    return render("appointments/without-interpreter.html", lines=lines)


@blueprint.post("/<code>/seek-interpreter")
@for_roles(Role.PRACTICE, Role.LEAD)
def seek(code: str) -> Response:
    """Ask interpreters once more, from the beginning."""
    visit = seek_interpreter(database(), settings(), _own_visit(code).id or 0, own_actor())
    return _back(f"Interpreters are being asked for visit {show_code(visit.code)}.")


@blueprint.post("/<code>/interpreter-by-phone")
@for_roles(Role.PRACTICE, Role.LEAD)
def by_phone(code: str) -> Response:
    """The person agreed on the phone to an interpreter by phone."""
    visit = keep_with_phone(database(), settings(), _own_visit(code).id or 0, own_actor())
    return _back(f"Visit {show_code(visit.code)} keeps its time. Ring an interpreter when it begins. No text was sent.")


def _own_visit(code: str) -> Visit:
    """A visit of this practice. :raises Refused: `unknown-visit`, there is none here."""
    with database().read() as session:
        visit = visit_by_code(session, code)
    if visit.practice_id != own_practice_id():
        raise Refused("unknown-visit", f"There is no visit {visit.code}. Check the code.")
    return visit


def _back(done: str) -> Response:
    flash(done, SUCCESS)
    return redirect(here(PATH), 303)
