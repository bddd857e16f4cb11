"""What follows when staff have done something in the practice's own appointment book, and press so here."""

from enum import StrEnum

from sqlmodel import Session

from bot.accounts.rights import require
from bot.appointments.joint.booking import in_one_step
from bot.appointments.joint.giving_up import give_up_in
from bot.appointments.own_book.own_system import DOUBTS, Task, close_tasks
from bot.appointments.rights import BOOK_VISITS
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import OwnSystemTask, Visit, VisitKind, VisitState
from bot.tables.organisations import Practice


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

    def finish(session: Session) -> Task:
        used = require(session, actor, BOOK_VISITS, session.get_one(Practice, practice_id))
        task = _held(session, task_id, practice_id)
        if answer not in answers_to(Task(task.what)):
            raise Refused("bad-answer", "Press one of the buttons of this visit.")
        task.done_at, task.done_by = utc_now(), used.user_id
        session.add(task)
        _follow(session, settings, task, Answer(answer), used)
        record(session, used, "own-system-done", f"visit:{task.visit_id}", practice_id=practice_id, task=task.what)
        return Task(task.what)

    return in_one_step(db, finish)


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
    tell = visit.starts > utc_now() and answer is not Answer.OFF
    give_up_in(session, settings, visit, "person" if taken_out else "practice", None, actor, taken_out=True, tell=tell)
    close_tasks(session, [task.visit_id])
