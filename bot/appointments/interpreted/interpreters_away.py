"""Interpreters who are away, or leave: their visits in that time lose them, and somebody else is sought."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.interpreted.lost import decline_in, lose_in
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.interpreters.finding import interpreter_by_code
from bot.interpreters.rights import MANAGE_INTERPRETERS
from bot.refusals import Refused
from bot.rows import insert_row, update_row
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.appointments import Visit, VisitState
from bot.tables.interpreters import AskState, Interpreter, InterpreterAsk, InterpreterAway

_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def set_interpreter_away(
    db: Database, settings: Settings, code: str, starts: datetime, ends: datetime, actor: Actor
) -> list[Visit]:
    """An interpreter does not work in a time (UTC): they are asked for nothing in it, and lose what they have there.

    What they are being asked to take there the next is asked for.

    :return: the visits that lose them, by start.
    :raises Refused: no such interpreter; `bad-times`, it ends before it begins, or is over; neither an administrator
        nor the interpreter.
    """
    now = utc_now()
    if starts >= ends or ends <= now:
        raise Refused("bad-times", "Give a time that ends after it begins and is not over yet.")
    with db.write() as session:
        interpreter = interpreter_by_code(session, code)
        used = _allowed(session, actor, interpreter)
        whose = interpreter.id or 0
        insert_row(session, InterpreterAway, interpreter_id=whose, starts=starts, ends=ends)
        affected = _let_go(session, settings, whose, starts, ends, used)
        record(session, used, "interpreter-away", f"interpreter:{whose}", visits=len(affected))
        return affected


def interpreter_leaves(db: Database, settings: Settings, code: str, actor: Actor) -> list[Visit]:
    """An interpreter works no more: they are asked for nothing, see nothing, and lose every visit that is to come.

    Again it changes nothing. Who stands on a list of their agency once more is back.

    :return: the visits that lose them, by start.
    :raises Refused: no such interpreter; not an administrator.
    """
    now = utc_now()
    with db.write() as session:
        interpreter = interpreter_by_code(session, code)
        used = require(session, actor, MANAGE_INTERPRETERS, None)
        if interpreter.left_at is not None:
            return []
        update_row(session, interpreter, left_at=now, updated_at=now)
        affected = _let_go(session, settings, interpreter.id or 0, now, _EVER, used)
        record(session, used, "interpreter-left", f"interpreter:{interpreter.id}", visits=len(affected))
        return affected


def _let_go(
    session: Session, settings: Settings, whose: int, starts: datetime, ends: datetime, actor: Actor
) -> list[Visit]:
    """Somebody else is sought for what they have in that time, and asked for what they were being asked."""
    now = utc_now()
    affected = _visits_in(session, whose, starts, ends, now)
    for visit in affected:
        lose_in(session, settings, visit, now, actor, by="away")
    for ask in _asked_in(session, whose, starts, ends, now):
        decline_in(session, settings, ask, actor)
    return list(affected)


def _allowed(session: Session, actor: Actor, interpreter: Interpreter) -> Actor:
    """Interpreters say so of themselves. :raises Refused: `not-allowed`, somebody else who may not."""
    account = session.get(UserAccount, actor.user_id) if actor.user_id else None
    if account is not None and account.active and account.email == interpreter.email:
        return actor
    return require(session, actor, MANAGE_INTERPRETERS, None)


def _visits_in(session: Session, whose: int, starts: datetime, ends: datetime, now: datetime) -> Sequence[Visit]:
    """Their visits in that time which have not begun, locked in one order."""
    theirs = select(Visit).where(
        Visit.interpreter_id == whose,
        Visit.state == VisitState.BOOKED,
        col(Visit.starts) < ends,
        col(Visit.ends) > starts,
        col(Visit.starts) > now,
    )
    locked = session.exec(theirs.order_by(col(Visit.id)).with_for_update(key_share=True)).all()
    return sorted(locked, key=lambda visit: (visit.starts, visit.id or 0))


def _asked_in(
    session: Session, whose: int, starts: datetime, ends: datetime, now: datetime
) -> Sequence[InterpreterAsk]:
    statement = (
        select(InterpreterAsk)
        .join(Visit, col(Visit.id) == col(InterpreterAsk.visit_id))
        .where(
            InterpreterAsk.interpreter_id == whose,
            InterpreterAsk.state == AskState.ASKED,
            col(Visit.starts) < ends,
            col(Visit.ends) > starts,
            col(Visit.starts) > now,
        )
    )
    return session.exec(statement.order_by(col(InterpreterAsk.visit_id))).all()
