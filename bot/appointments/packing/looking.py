"""The newest plan of a practice as its staff look at it, and as the console counts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from bot.tables.appointments import (
    Clinic,
    Clinician,
    Site,
    Visit,
    VisitPlan,
    VisitPlanLine,
    WaitingRequest,
    WaitingState,
)
from bot.tables.interpreters import Interpreter
from bot.tables.patients import Patient


@dataclass(frozen=True)
class LineSeen:
    """A line of a plan with everybody it names. `visit` is there once it is booked."""

    line: VisitPlanLine
    request: WaitingRequest
    patient: Patient
    clinic: Clinic
    site: Site
    clinician: Clinician | None
    interpreter: Interpreter | None
    visit: Visit | None

    def can_be_booked(self, now: datetime) -> bool:
        """Whether this time could be theirs, for all that the line knows."""
        waits = self.request.state == WaitingState.WAITING and self.line.visit_id is None and self.line.refused is None
        return waits and self.line.starts is not None and self.line.starts > now


@dataclass(frozen=True)
class PlanSeen:
    """A plan with the lines of one practice: those with a time by their start, the others who waits longest first."""

    plan: VisitPlan
    lines: Sequence[LineSeen]

    @property
    def with_time(self) -> list[LineSeen]:
        """For whom the plan has a time."""
        return [each for each in self.lines if each.line.starts is not None]

    @property
    def left_out(self) -> list[LineSeen]:
        """For whom it has none, and who still waits."""
        waiting = [each for each in self.lines if each.request.state == WaitingState.WAITING]
        return [each for each in waiting if each.line.starts is None]

    @property
    def in_queue(self) -> int:
        """How many first come, first served would have placed."""
        return sum(each.line.in_queue for each in self.lines)


def newest_plan(session: Session, practice_id: int) -> PlanSeen | None:
    """The newest plan that has anybody of the practice; two statements."""
    newest = select(func.max(VisitPlanLine.plan_id)).where(VisitPlanLine.practice_id == practice_id)
    plan = session.exec(select(VisitPlan).where(col(VisitPlan.id).in_(newest))).first()
    if plan is None:
        return None
    rows = session.exec(
        select(VisitPlanLine, WaitingRequest, Patient, Clinic, Site, Clinician, Interpreter, Visit)  # type: ignore[call-overload]
        .join(WaitingRequest, col(WaitingRequest.id) == col(VisitPlanLine.request_id))
        .join(Patient, col(Patient.id) == col(WaitingRequest.patient_id))
        .join(Clinic, col(Clinic.id) == col(WaitingRequest.clinic_id))
        .join(Site, col(Site.id) == col(Clinic.site_id))
        .outerjoin(Clinician, col(Clinician.id) == col(VisitPlanLine.clinician_id))
        .outerjoin(Interpreter, col(Interpreter.id) == col(VisitPlanLine.interpreter_id))
        .outerjoin(Visit, col(Visit.id) == col(VisitPlanLine.visit_id))
        .where(VisitPlanLine.plan_id == plan.id, VisitPlanLine.practice_id == practice_id)
        .order_by(col(VisitPlanLine.starts), col(WaitingRequest.since), col(WaitingRequest.id))
    )
    return PlanSeen(plan, [LineSeen(*row) for row in rows])


def count_to_book(session: Session, practice_id: int, now: datetime) -> int:
    """How many of a practice's people the newest plan has a time for that nobody has booked yet."""
    newest = select(func.max(VisitPlanLine.plan_id)).where(VisitPlanLine.practice_id == practice_id)
    statement = (
        select(func.count())
        .select_from(VisitPlanLine)
        .join(WaitingRequest, col(WaitingRequest.id) == col(VisitPlanLine.request_id))
        .where(
            VisitPlanLine.practice_id == practice_id,
            col(VisitPlanLine.plan_id) == newest.scalar_subquery(),
            col(VisitPlanLine.starts) > now,
            col(VisitPlanLine.visit_id).is_(None),
            col(VisitPlanLine.refused).is_(None),
            WaitingRequest.state == WaitingState.WAITING,
        )
    )
    return session.exec(statement).one()


def unplaced(session: Session, plan: VisitPlan) -> list[dict[str, int | str | None]]:
    """Every request that a plan has no time for, with the rule that keeps it out."""
    lines = select(VisitPlanLine.request_id, VisitPlanLine.why).where(
        VisitPlanLine.plan_id == plan.id, col(VisitPlanLine.starts).is_(None)
    )
    return [{"request": each, "why": why} for each, why in session.exec(lines.order_by(col(VisitPlanLine.request_id)))]
