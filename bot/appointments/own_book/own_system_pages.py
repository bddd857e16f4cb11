"""Pages: where to go from "Visits", and what has to be done in the practice's own appointment book."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.appointments.by_text.saying import language_in_words
from bot.appointments.own_book.own_system import Task, count_open_tasks, open_tasks
from bot.appointments.own_book.own_system_doing import Answer, finish_task
from bot.appointments.reception.to_try import people_to_try
from bot.appointments.reception.visits_today import clinics_on, count_without_interpreter
from bot.appointments.timetable.to_move import count_to_move
from bot.clock import london_today, utc_now
from bot.database import LARGEST_ID
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.web import SUCCESS, database, one_page, page_number, render, settings

blueprint = Blueprint("visits", __name__)
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)
_PER_PAGE = 50
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
    """Where to go from here, with how much waits there."""
    practice_id, today = own_practice_id(), london_today()
    with database().read() as session:
        tasks = count_open_tasks(session, practice_id)
        without = count_without_interpreter(session, practice_id)
        moving, _ = count_to_move(session, practice_id, utc_now())
        clinics = clinics_on(session, practice_id, today)
        people = people_to_try(session, practice_id)
    return render(
        "appointments/visits.html",
        tasks=tasks,
        moving=moving,
        without=without,
        clinics=clinics,
        today=today,
        people=people,
        language_of=language_in_words,
        phones=settings().own_simulator_url,
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
