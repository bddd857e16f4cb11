"""The page "Visits": where to go from there."""

from flask import Blueprint
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_practice_id
from bot.appointments.interpreted.without_interpreter import count_without_interpreter
from bot.appointments.own_book.own_system import count_open_tasks
from bot.appointments.reception.clinic_days import clinic_days
from bot.appointments.reception.who_needs_interpreter import who_needs_interpreter
from bot.appointments.timetable.to_move import count_to_move
from bot.appointments.waiting.listing import count_waiting
from bot.clock import london_today, utc_now
from bot.tables.accounts import Role
from bot.texts.languages import LANGUAGES
from bot.web import database, render

blueprint = Blueprint("visits", __name__)
_MOST_PEOPLE = 5


@blueprint.get("/visits")
@for_roles(Role.PRACTICE, Role.LEAD)
def visits() -> Response:
    """Where to go from here: what waits, the next days of each clinic, and who might be booked."""
    practice_id, today = own_practice_id(), london_today()
    with database().read() as session:
        tasks = count_open_tasks(session, practice_id)
        without = sum(count_without_interpreter(session, practice_id, utc_now()))
        moving, _ = count_to_move(session, practice_id, utc_now())
        waiting = count_waiting(session, practice_id)
        clinics = clinic_days(session, practice_id, today)
        needing, people = who_needs_interpreter(session, practice_id, _MOST_PEOPLE)
    return render(
        "appointments/visits.html",
        tasks=tasks,
        moving=moving,
        without=without,
        waiting=waiting,
        clinics=clinics,
        today=today,
        needing=needing,
        people=people,
        languages=LANGUAGES,
    )
