"""Asking interpreters to take a visit that has lost its own: one at a time, in the order of the matcher.

First those who can in the same way, then by phone, then by video. Everything here is in the caller's transaction,
which has locked the visit.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from bot.appointments.interpreted.interpreter_alerts import asks_of, take_back_ask, tell_asked
from bot.appointments.interpreted.standing_by import standing_by
from bot.audit import SERVICE, record
from bot.interpreters.asks import lapses_at
from bot.rows import insert_row, update_row
from bot.settings import Settings
from bot.tables.appointments import InterpreterGivenUp, InterpreterState, Visit, VisitState
from bot.tables.interpreters import AskState, Interpreter, InterpreterAsk, Mode
from bot.tables.patients import Patient

INSTEAD = (Mode.TELEPHONE.value, Mode.VIDEO.value)
"""Ways in which an interpreter can help who cannot be there, in the order in which they are tried."""
LIVE = (AskState.ASKED, AskState.LAPSED)
"""A yes to these still counts, while nobody has the visit."""
ASKED_NO_MORE = (AskState.ASKED, AskState.LAPSED, AskState.DECLINED)


def is_sought(visit: Visit) -> bool:
    """Whether an interpreter is sought for a visit that will take place."""
    return visit.state == VisitState.BOOKED and visit.interpreter_state == InterpreterState.SEEKING


def modes_of(visit: Visit) -> tuple[str, ...]:
    """The ways in which somebody is sought, in order: first as it was."""
    first = visit.interpreter_mode or visit.mode
    return (first, *(mode for mode in INSTEAD if mode != first))


def ask_next(session: Session, settings: Settings, visit: Visit, now: datetime) -> InterpreterAsk | None:
    """Ask the next interpreter, unless somebody is being asked; None also when there is nobody left to ask."""
    asks = asks_of(session, visit)
    asked_now = any(ask.state == AskState.ASKED for ask in asks)
    if not is_sought(visit) or visit.starts <= now or asked_now or _has_died(session, visit):
        return None
    found = _next(session, visit, asks, now)
    if found is None:
        return None
    interpreter_id, mode = found
    ask = _write(session, visit, asks, interpreter_id, mode, now)
    tell_asked(session, settings, visit, ask)
    about = f"visit:{visit.id}"
    record(session, SERVICE, "interpreter-asked", about, practice_id=visit.practice_id, mode=mode)
    return ask


def _has_died(session: Session, visit: Visit) -> bool:
    """Whether nobody needs to be asked any more; staff give the visit up."""
    patient = session.get(Patient, visit.patient_id) if visit.patient_id else None
    return patient is not None and patient.deceased


def _next(session: Session, visit: Visit, asks: Collection[InterpreterAsk], now: datetime) -> tuple[int, str] | None:
    """Whom to ask, and in which way."""
    asked = {(ask.interpreter_id, ask.mode) for ask in asks if ask.state in ASKED_NO_MORE}
    lost = {*_who_gave_it_up(session, visit), *_who_cannot_be_asked(session)}
    circle = standing_by(session, visit, now)
    for mode in modes_of(visit):
        for person in circle.suitable(mode):
            if person.id not in lost and (person.id, mode) not in asked:
                return person.id, mode
    return None


def _who_gave_it_up(session: Session, visit: Visit) -> Collection[int]:
    """Who had it at this very time and does not any more."""
    statement = select(InterpreterGivenUp.interpreter_id).where(
        InterpreterGivenUp.visit_id == visit.id, InterpreterGivenUp.starts == visit.starts
    )
    return session.exec(statement).all()


def _who_cannot_be_asked(session: Session) -> Collection[int | None]:
    """Whoever has neither a phone for the text nor an account in which to see it: half an hour would be lost."""
    unreached = select(Interpreter.id).where(col(Interpreter.phone).is_(None), col(Interpreter.email).is_(None))
    return session.exec(unreached).all()


def _write(
    session: Session, visit: Visit, asks: Collection[InterpreterAsk], interpreter_id: int, mode: str, now: datetime
) -> InterpreterAsk:
    """The row of an ask: a new one, or that of an ask which was withdrawn."""
    changes = {"state": AskState.ASKED, "asked_at": now, "lapses_at": lapses_at(now, visit.starts), "answered_at": None}
    for ask in asks:
        if (ask.interpreter_id, ask.mode) == (interpreter_id, mode):
            update_row(session, ask, **changes)
            return ask
    key = {"visit_id": visit.id, "interpreter_id": interpreter_id, "mode": mode}
    return insert_row(session, InterpreterAsk, **key, **changes)


def withdraw_asks(
    session: Session, settings: Settings, visit: Visit, now: datetime, *, but: InterpreterAsk | None = None
) -> None:
    """Nobody else is needed: who is being asked hears so, and a yes of whoever was asked comes too late."""
    others = [ask for ask in asks_of(session, visit, *LIVE) if but is None or ask.id != but.id]
    for ask in others:
        if ask.state == AskState.ASKED:
            take_back_ask(session, settings, visit, ask)
        update_row(session, ask, state=AskState.WITHDRAWN, answered_at=now)
