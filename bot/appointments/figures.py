"""How many visits are to come, and how many of them somebody has to see to."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import case, func
from sqlmodel import Session, col, or_, select

from bot.clock import utc_now
from bot.figures import family
from bot.tables.appointments import InterpreterState, Visit, VisitState
from bot.tables.patients import Patient


def visit_figures(session: Session) -> Iterator[GaugeMetricFamily]:
    """Visits to come by whether their interpreter is there, and those that cannot be as booked."""
    lost = or_(col(Visit.to_move_since).is_not(None), col(Patient.deceased))
    statement = (
        select(Visit.interpreter_state, func.count(), func.sum(case((lost, 1), else_=0)))
        .join(Patient, col(Patient.id) == col(Visit.patient_id), isouter=True)
        .where(Visit.state == VisitState.BOOKED, col(Visit.starts) > utc_now())
        .group_by(col(Visit.interpreter_state))
    )
    found = {state: (count, to_move or 0) for state, count, to_move in session.exec(statement)}
    rows = [((state.value,), float(found.get(state, (0, 0))[0])) for state in InterpreterState]
    yield family("visits_coming", "Visits to come, by the state of their interpreter", ["interpreter"], rows)
    to_move = float(sum(count for _, count in found.values()))
    yield GaugeMetricFamily("visits_to_move", "Visits to come that cannot be as booked", value=to_move)
