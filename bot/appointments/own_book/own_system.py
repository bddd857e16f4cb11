"""What staff have to do by hand in the practice's own appointment book, asked for and listed.

Nothing here follows by itself: a visit that somebody asked to take out stays until a person has pressed "done".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.clock import utc_now
from bot.rows import among, chunks, insert_many
from bot.tables.appointments import Clinician, OwnSystemTask, ReportedVisit, Visit
from bot.tables.patients import Patient


class Task(StrEnum):
    """`missing`: a report that should have the visit has not. `unclear`: it has others of that person there."""

    ENTER = "enter"
    TAKE_OUT = "take-out"
    MISSING = "missing"
    UNCLEAR = "unclear"


DOUBTS = (Task.MISSING, Task.UNCLEAR)
"""Of these staff say whether the visit is off."""


@dataclass(frozen=True)
class OpenTask:
    """A task with all that somebody needs to find the visit in the practice's own system."""

    id: int
    what: Task
    visit: Visit
    patient: Patient | None
    clinician: str


def ask_to_take_out(session: Session, visit: Visit) -> OwnSystemTask:
    """The person cannot come to a visit that the practice's own system holds: staff are to take it out there.

    Asked for again it is the same task. Until it is done the visit stays, and nobody is told anything.
    """
    theirs = _open().where(OwnSystemTask.visit_id == visit.id, OwnSystemTask.what == Task.TAKE_OUT)
    found = session.exec(theirs).first()
    if found is None:
        found = OwnSystemTask(
            practice_id=visit.practice_id, visit_id=visit.id or 0, what=Task.TAKE_OUT, made_at=utc_now()
        )
        session.add(found)
        session.flush()
    return found


def ask_about(session: Session, practice_id: int, visit_ids: Iterable[int], what: Task) -> int:
    """Ask staff about visits that no task asks about yet; gives about how many."""
    wanted = list(dict.fromkeys(visit_ids))
    asked = {task.visit_id for task in open_tasks_of(session, wanted)}
    rows = [
        {"practice_id": practice_id, "visit_id": visit_id, "what": what.value, "made_at": utc_now()}
        for visit_id in wanted
        if visit_id not in asked
    ]
    insert_many(session, OwnSystemTask, rows)
    return len(rows)


def open_tasks_of(session: Session, visit_ids: Iterable[int]) -> list[OwnSystemTask]:
    """What is open about these visits."""
    return [
        task
        for piece in chunks(visit_ids)
        for task in session.exec(_open().where(among(session, col(OwnSystemTask.visit_id), piece)))
    ]


def count_open_tasks(session: Session, practice_id: int) -> int:
    """How many tasks wait in a practice."""
    waiting = select(func.count()).select_from(OwnSystemTask)
    return session.exec(waiting.where(OwnSystemTask.practice_id == practice_id, _still_open())).one()


def open_tasks(session: Session, practice_id: int, *, skip: int = 0, most: int | None = None) -> list[OpenTask]:
    """What waits in a practice, the soonest visit first."""
    statement = (
        select(OwnSystemTask, Visit, Patient, func.coalesce(Clinician.name, ReportedVisit.clinician, ""))
        .join(Visit, col(Visit.id) == col(OwnSystemTask.visit_id))
        .outerjoin(Patient, col(Patient.id) == col(Visit.patient_id))
        .outerjoin(Clinician, col(Clinician.id) == col(Visit.clinician_id))
        .outerjoin(ReportedVisit, col(ReportedVisit.visit_id) == col(Visit.id))
        .where(OwnSystemTask.practice_id == practice_id, _still_open())
        .order_by(col(Visit.starts), col(OwnSystemTask.id))
        .offset(skip)
        .limit(most)
    )
    return [
        OpenTask(task.id or 0, Task(task.what), visit, patient, clinician)
        for task, visit, patient, clinician in session.exec(statement)
    ]


def close_tasks(session: Session, visit_ids: Sequence[int], *, what: Sequence[Task] = tuple(Task)) -> None:
    """What was asked about these visits has come about by itself, so nobody has to do it."""
    now = utc_now()
    for task in open_tasks_of(session, visit_ids):
        if task.what in what:
            task.done_at = now
            session.add(task)


def _open() -> SelectOfScalar[OwnSystemTask]:
    return select(OwnSystemTask).where(_still_open())


def _still_open() -> ColumnElement[bool]:
    return col(OwnSystemTask.done_at).is_(None)
