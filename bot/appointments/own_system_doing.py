"""What follows when staff have done something in the practice's own appointment book, and press so here."""

from enum import StrEnum

from sqlmodel import Session

from bot.accounts.rights import declare_right, require
from bot.appointments.own_system import DOUBTS, Task, close_tasks
from bot.appointments.reports.letting_go import take_off
from bot.appointments.telling import tell_given_up, tell_off
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import OwnSystemTask, Visit, VisitKind, VisitState
from bot.tables.organisations import Practice

WORK_OWN_SYSTEM = declare_right("work-own-system", Role.PRACTICE, Role.LEAD)


class Answer(StrEnum):
    """What staff press. Of a visit in doubt they say whether it stands, and else whether the person has to be told."""

    DONE = "done"
    STANDS = "stands"
    OFF = "off"
    OFF_AND_TELL = "off-and-tell"


def answers_to(what: Task) -> tuple[Answer, ...]:
    """What can be pressed about a task."""
    return (Answer.STANDS, Answer.OFF_AND_TELL, Answer.OFF) if what in DOUBTS else (Answer.DONE,)


def finish_task(db: Database, settings: Settings, task_id: int, practice_id: int, answer: str, actor: Actor) -> Task:
    """Staff have done it. A visit that they took out is given up now, and the person is told; never before.

    :raises Refused: there is no such task here, it is done already, or that is no answer to it.
    """
    with db.write() as session:
        practice = session.get_one(Practice, practice_id)
        actor = require(session, actor, WORK_OWN_SYSTEM, practice)
        task = _held(session, task_id, practice_id)
        if answer not in answers_to(Task(task.what)):
            raise Refused("bad-answer", "Press one of the buttons of this visit.")
        task.done_at, task.done_by = utc_now(), actor.user_id
        session.add(task)
        _follow(session, settings, task, Answer(answer), actor)
        record(session, actor, "own-system-done", f"visit:{task.visit_id}", practice_id=practice_id, task=task.what)
        return Task(task.what)


def _held(session: Session, task_id: int, practice_id: int) -> OwnSystemTask:
    task = session.get(OwnSystemTask, task_id, with_for_update=True)
    if task is None or task.practice_id != practice_id:
        raise Refused("unknown-task", "There is no such task in your practice.")
    if task.done_at is not None:
        raise Refused("done-already", "Somebody has done this already. Nothing was changed.")
    return task


def _follow(session: Session, settings: Settings, task: OwnSystemTask, answer: Answer, actor: Actor) -> None:
    """What becomes of the visit; nothing of one that is over or off by now, or that we have moved ourselves."""
    visit = session.get_one(Visit, task.visit_id, with_for_update=True)
    taken_out = task.what == Task.TAKE_OUT and visit.kind == VisitKind.EXTERNAL
    if visit.state != VisitState.BOOKED or not (taken_out or answer in (Answer.OFF, Answer.OFF_AND_TELL)):
        return
    now = utc_now()
    take_off(session, settings, visit, actor, by_person=taken_out, now=now)
    close_tasks(session, [task.visit_id])
    if visit.starts > now and taken_out:
        tell_given_up(session, settings, visit)
    elif visit.starts > now and answer is Answer.OFF_AND_TELL:
        tell_off(session, settings, visit)
