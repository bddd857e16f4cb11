"""A visit of the practice's own system that is off, and an interpreter who is not needed at that time any more."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from bot.appointments.claims import release_time
from bot.appointments.telling import withdraw_reminders
from bot.audit import Actor, record
from bot.settings import Settings
from bot.tables.appointments import InterpreterState, Visit, VisitState
from bot.tables.interpreters import AskState, InterpreterAsk

OFF_IN_REPORT = "Off in the practice's own system."


def take_off(
    session: Session, settings: Settings, visit: Visit, actor: Actor, *, by_person: bool, now: datetime
) -> None:
    """A visit that the practice's own system has no more is given up. Nobody is told here but the interpreter."""
    let_interpreter_go(session, settings, visit, now)
    visit.state, visit.changed_at, visit.sequence = VisitState.CANCELLED.value, now, visit.sequence + 1
    visit.given_up_by, visit.given_up_at = "person" if by_person else "practice", now
    visit.given_up_why = None if by_person else OFF_IN_REPORT
    session.add(visit)
    withdraw_reminders(session, visit)
    release_time(session, visit_ids=[visit.id or 0])
    record(session, actor, "visit-given-up", f"visit:{visit.id}", practice_id=visit.practice_id)


def let_interpreter_go(session: Session, settings: Settings, visit: Visit, now: datetime) -> None:
    """Whoever was booked or asked for the time that the visit had is free; where one is needed the search begins anew."""
    asked = update(InterpreterAsk).where(
        col(InterpreterAsk.visit_id) == visit.id, col(InterpreterAsk.state).in_((AskState.ASKED, AskState.LAPSED))
    )
    session.execute(asked.values(state=AskState.WITHDRAWN.value, answered_at=now))
    if visit.interpreter_state != InterpreterState.NOT_NEEDED:
        visit.interpreter_id, visit.interpreter_state = None, InterpreterState.SEEKING.value
        visit.interpreter_mode = visit.mode
