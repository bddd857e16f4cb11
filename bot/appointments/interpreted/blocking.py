"""A person does not want an interpreter again. Nobody asks why, and the interpreter is not told."""

from sqlmodel import Session

from bot.accounts.rights import require
from bot.appointments.interpreted.lost import lose_in
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.visits import lock_visit, practice_of_visit, visit_by_code
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import InterpreterState, Visit, VisitState
from bot.tables.interpreters import BlockedInterpreter


def block_interpreter(db: Database, settings: Settings, code: str, actor: Actor) -> Visit:
    """Whoever interprets a visit never does again for its person; one to come loses them, and somebody else is sought.

    :raises Refused: `no-interpreter`, nobody interprets it, or nobody is known whose visit it is.
    """
    with db.write() as session:
        visit = visit_by_code(session, code)
        used = require(session, actor, BOOK_VISITS, practice_of_visit(session, visit))
        lock_visit(session, visit.id)
        if visit.interpreter_id is None or visit.patient_id is None:
            raise Refused(
                "no-interpreter", "No interpreter is booked for this visit. Choose a visit that they interpret."
            )
        _block(session, visit.patient_id, visit.interpreter_id)
        record(session, used, "interpreter-blocked", f"visit:{visit.id}", practice_id=visit.practice_id)
        if _is_to_come(visit):
            lose_in(session, settings, visit, utc_now(), used, by="person")
        return visit


def _block(session: Session, patient_id: int, interpreter_id: int) -> None:
    key = (patient_id, interpreter_id)
    if session.get(BlockedInterpreter, key) is None:
        session.add(BlockedInterpreter(patient_id=patient_id, interpreter_id=interpreter_id))
        session.flush()


def _is_to_come(visit: Visit) -> bool:
    booked = visit.state == VisitState.BOOKED and visit.interpreter_state == InterpreterState.BOOKED
    return booked and visit.starts > utc_now()
