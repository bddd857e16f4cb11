"""What a visit that moves or is given up means for interpreters: they are free again, and it is kept for the bill."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from bot.settings import Settings
from bot.tables.appointments import InterpreterGivenUp, Visit
from bot.tables.interpreters import AskState, InterpreterAsk


def note_time_lost(session: Session, settings: Settings, visit: Visit, by: str, now: datetime) -> None:
    """The interpreter of a visit is not needed at its time any more; call it before the visit changes.

    :param by: `person` or `practice`, whoever gave that time up.
    """
    if visit.interpreter_id is not None:
        session.add(
            InterpreterGivenUp(
                visit_id=visit.id or 0, interpreter_id=visit.interpreter_id, starts=visit.starts, at=now, by=by
            )
        )


def withdraw_asks(session: Session, settings: Settings, visit: Visit, now: datetime) -> None:
    """Nobody needs to be found for the visit as it was."""
    session.flush()
    asked = update(InterpreterAsk).where(
        col(InterpreterAsk.visit_id) == visit.id, col(InterpreterAsk.state).in_((AskState.ASKED, AskState.LAPSED))
    )
    session.connection().execute(asked.values(state=AskState.WITHDRAWN, answered_at=now))
