"""What became of a visit; what was pressed by mistake can be pressed right."""

from datetime import datetime

from sqlmodel import Session

from bot.accounts.rights import require
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.visits import lock_visit, practice_of_visit, visit_by_code
from bot.audit import Actor, record
from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.rows import update_row
from bot.tables.appointments import VISIT_MOVES, InterpreterState, Visit, VisitState

BEING_THERE = (VisitState.ARRIVED, VisitState.ATTENDED)


def record_outcome(db: Database, code: str, outcome: VisitState, actor: Actor) -> Visit:
    """The person arrived, was seen, or did not come; `booked` takes back what was pressed. The same again is nothing.

    :raises Refused: `not-booked`, it was given up; `not-yet`, the day or the start has not come; `no-interpreter`,
        the service had found none, so nobody stayed away.
    """
    with db.write() as session:
        visit = visit_by_code(session, code)
        used = require(session, actor, BOOK_VISITS, practice_of_visit(session, visit))
        return outcome_in(session, visit, outcome, used)


def outcome_in(session: Session, visit: Visit, outcome: VisitState, actor: Actor) -> Visit:
    """`record_outcome` in a transaction that is under way."""
    now = utc_now()
    lock_visit(session, visit.id)
    if visit.state == outcome:
        return visit
    if not VISIT_MOVES.may(visit.state, outcome) or outcome == VisitState.CANCELLED:
        raise Refused("not-booked", f"This visit is {_WORDS[VisitState(visit.state)]}. That cannot be recorded of it.")
    _refuse_too_early(visit, outcome, now)
    if outcome == VisitState.DID_NOT_ATTEND and visit.interpreter_state in _WITHOUT:
        raise Refused(
            "no-interpreter", "No interpreter had been found, so nobody stayed away. Give it up for the practice."
        )
    update_row(session, visit, state=outcome, changed_at=now)
    record(session, actor, "visit-outcome", f"visit:{visit.id}", practice_id=visit.practice_id, outcome=outcome.value)
    return visit


_WORDS = {
    VisitState.BOOKED: "booked",
    VisitState.ARRIVED: "under way",
    VisitState.ATTENDED: "over",
    VisitState.DID_NOT_ATTEND: "recorded as not attended",
    VisitState.CANCELLED: "given up",
}
_WITHOUT = (InterpreterState.SEEKING, InterpreterState.FAILED)


def _refuse_too_early(visit: Visit, outcome: VisitState, now: datetime) -> None:
    """People come early, so the day decides; nobody has stayed away before the visit begins."""
    if outcome in BEING_THERE and now.astimezone(LONDON).date() < visit.starts.astimezone(LONDON).date():
        raise Refused("not-yet", "The day of this visit has not come. Record it on the day.")
    if outcome == VisitState.DID_NOT_ATTEND and now < visit.starts:
        raise Refused("not-yet", "This visit has not begun. Record it once its time has come.")
