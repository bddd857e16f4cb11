"""What a visit that is booked, moved or given up means for interpreters: they hear of it, and it is kept for the bill.

Called in the transaction that does it.
"""

from datetime import datetime

from sqlmodel import Session

from bot.appointments.interpreted.asking import withdraw_asks as withdraw_those_asked
from bot.appointments.interpreted.interpreter_alerts import asks_of, tell_interpreter_booked, tell_interpreter_off
from bot.audit import Actor
from bot.rows import insert_row, update_row
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.appointments import InterpreterGivenUp, Visit
from bot.tables.interpreters import AskState, Interpreter


def note_time_lost(session: Session, settings: Settings, visit: Visit, by: str, now: datetime) -> None:
    """The interpreter of a visit is not needed at its time any more; call it before the visit changes.

    :param by: `person`, `practice`, `interpreter` or `away`, whoever gave that time up; agencies are billed by it.
    """
    if visit.interpreter_id is None:
        return
    whose = {"visit_id": visit.id, "interpreter_id": visit.interpreter_id}
    insert_row(session, InterpreterGivenUp, **whose, starts=visit.starts, at=now, by=by)
    tell_interpreter_off(session, settings, visit)


def withdraw_asks(session: Session, settings: Settings, visit: Visit, now: datetime) -> None:
    """Nobody needs to be found for the visit as it was; who said no to that time may be asked for another."""
    withdraw_those_asked(session, settings, visit, now)
    for ask in asks_of(session, visit, AskState.DECLINED):
        update_row(session, ask, state=AskState.WITHDRAWN)


def tell_own_interpreter(session: Session, settings: Settings, visit: Visit, actor: Actor) -> None:
    """The interpreter with whom a visit was booked hears so, unless they did it themselves."""
    if visit.interpreter_id is None:
        return
    account = session.get(UserAccount, actor.user_id) if actor.user_id else None
    if account is None or session.get_one(Interpreter, visit.interpreter_id).email != account.email:
        tell_interpreter_booked(session, settings, visit)
