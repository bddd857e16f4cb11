"""Page: what has to be done in the practice's own appointment book."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.appointments.own_book.own_system import Task, open_tasks
from bot.appointments.own_book.own_system_doing import Answer, finish_task
from bot.database import LARGEST_ID
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.web import SUCCESS, database, one_page, page_number, render, settings

blueprint = Blueprint("own_system", __name__)
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
    return redirect(url_for("own_system.own_system"), 303)
