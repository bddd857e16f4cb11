"""Pages: where to go from "Visits", and what has to be done in the practice's own appointment book."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.appointments.own_book.own_system import Task, count_open_tasks, open_tasks
from bot.appointments.own_book.own_system_doing import Answer, finish_task
from bot.appointments.reception.clinic_days import clinic_days
from bot.appointments.reception.visits_today import count_without_interpreter, who_needs_interpreter
from bot.appointments.timetable.to_move import count_to_move
from bot.clock import london_today, utc_now
from bot.database import LARGEST_ID
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.texts.languages import LANGUAGES
from bot.web import SUCCESS, database, one_page, page_number, render, settings

blueprint = Blueprint("visits", __name__)
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)
_PER_PAGE = 50
_MOST_PEOPLE = 5
_SAID = {
    Answer.STANDS: "The visit stands as it is.",
    Answer.OFF: "The visit is off. The person was not told by us.",
    Answer.OFF_AND_TELL: "The visit is off, and the person is told so, if they can be texted.",
}
_DONE = {
    Task.ENTER: "The visit is entered in your own system.",
    Task.TAKE_OUT: "The visit is taken out, and the person is told so, if they can be texted.",
}


@blueprint.get("/visits")
@_for_practice
def visits() -> Response:
    """Where to go from here: what waits, the next days of each clinic, and who might be booked."""
    practice_id, today = own_practice_id(), london_today()
    with database().read() as session:
        tasks = count_open_tasks(session, practice_id)
        without = count_without_interpreter(session, practice_id)
        moving, _ = count_to_move(session, practice_id, utc_now())
        clinics = clinic_days(session, practice_id, today)
        needing, people = who_needs_interpreter(session, practice_id, _MOST_PEOPLE)
    return render(
        "appointments/visits.html",
        tasks=tasks,
        moving=moving,
        without=without,
        clinics=clinics,
        today=today,
        needing=needing,
        people=people,
        languages=LANGUAGES,
    )


@blueprint.get("/visits/own-system")
@_for_practice
def own_system() -> Response:
    """Everything that has to be done there, the soonest visit first."""
    number = page_number()
    with database().read() as session:
        tasks = open_tasks(session, own_practice_id(), skip=(number - 1) * _PER_PAGE, most=_PER_PAGE + 1)
    return render("appointments/own-system.html", page=one_page(tasks, number, _PER_PAGE), Task=Task)


@blueprint.post("/visits/own-system/<int:task_id>")
@_for_practice
def finish(task_id: int) -> Response:
    """It is done."""
    answer = request.form.get("answer", "")
    if task_id > LARGEST_ID:
        raise Refused("unknown-task", "There is no such task in your practice.")
    what = finish_task(database(), settings(), task_id, own_practice_id(), answer, own_actor())
    flash(_DONE[what] if what in _DONE else _SAID[Answer(answer)], SUCCESS)
    return redirect(url_for("visits.own_system"), 303)
