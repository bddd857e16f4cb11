"""What staff press on a visit of a phone alone: it is the young person who is proposed, or it is not."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.appointments.reception.day_view import visit_of
from bot.appointments.youth.who_it_is import say_it_is_not, say_it_is_them
from bot.tables.accounts import Role
from bot.web import SUCCESS, database

blueprint = Blueprint("who_it_is", __name__, url_prefix="/visits")


@blueprint.post("/<code>/it-is-them")
@for_roles(Role.PRACTICE, Role.LEAD)
def it_is_them(code: str) -> Response:
    """The young person has told us, here or on the phone, that it is them."""
    _require_own(code)
    say_it_is_them(database(), code, request.form.get("nhs_number", ""), own_actor())
    return _back(code, "The visit is theirs now, and so is the number: it is kept as one that they confirmed.")


@blueprint.post("/<code>/it-is-not")
@for_roles(Role.PRACTICE, Role.LEAD)
def it_is_not(code: str) -> Response:
    """It is somebody else."""
    _require_own(code)
    say_it_is_not(database(), code, own_actor())
    return _back(code, "Nobody is proposed for this visit any more. It stays booked.")


def _require_own(code: str) -> None:
    """Another practice's visit does not exist for this one."""
    with database().read() as session:
        if visit_of(session, own_practice_id(), code) is None:
            abort(404)


def _back(code: str, done: str) -> Response:
    flash(done, SUCCESS)
    return redirect(url_for("visit.visit_page", code=code), 303)
