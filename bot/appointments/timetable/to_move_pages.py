"""For the practice: visits whose slots are gone, and who has to be phoned about another time."""

from flask import Blueprint, Response

from bot.accounts.access import for_roles, own_practice_id
from bot.appointments.timetable.to_move import list_to_move
from bot.clock import utc_now
from bot.interpreters.words import language_in_words
from bot.patients.person_codes import show_code
from bot.tables.accounts import Role
from bot.web import database, render

blueprint = Blueprint("to_move", __name__, url_prefix="/visits")
PATH = "/visits/to-move"


@blueprint.get("/to-move")
@for_roles(Role.PRACTICE, Role.LEAD)
def to_move() -> Response:
    """Who comes when, why that cannot be, and whether they have been offered other times."""
    with database().read() as session:
        rows = list_to_move(session, own_practice_id(), utc_now())
    lines = [
        {
            "row": row,
            "code": show_code(row.visit.code),
            "language": row.visit.language and language_in_words(row.visit.language),
        }
        for row in rows
    ]
    return render("appointments/to-move.html", lines=lines)
