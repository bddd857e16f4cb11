"""Times that came from the practice's own system: what was booked in them here, staff have to enter there."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.tables.appointments import OwnSystemTask, Slot, Visit


def is_of_own_system(session: Session, visit: Visit) -> bool:
    """Whether the visit stands in slots that the practice's own system has too."""
    theirs = select(Slot.id).where(
        Slot.clinic_id == visit.clinic_id,
        Slot.clinician_id == visit.clinician_id,
        col(Slot.session_id).is_(None),
        col(Slot.starts) >= visit.starts,
        col(Slot.starts) < visit.ends,
    )
    return visit.clinic_id is not None and session.exec(theirs.limit(1)).first() is not None


def to_enter(session: Session, visit: Visit, now: datetime) -> None:
    """Staff have to enter the visit in their own system."""
    session.add(_task(visit, "enter", now))


def to_take_out(session: Session, visit: Visit, now: datetime) -> None:
    """Staff have to take the visit out of their own system; one they had not entered yet they need not enter."""
    waiting = select(OwnSystemTask).where(
        OwnSystemTask.visit_id == visit.id, OwnSystemTask.what == "enter", col(OwnSystemTask.done_at).is_(None)
    )
    task = session.exec(waiting).first()
    if task is None:
        session.add(_task(visit, "take-out", now))
    else:
        task.done_at = now
        session.add(task)


def _task(visit: Visit, what: str, now: datetime) -> OwnSystemTask:
    return OwnSystemTask(practice_id=visit.practice_id, visit_id=visit.id or 0, what=what, made_at=now)
