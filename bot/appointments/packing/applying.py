"""A plan that staff agree to is booked line by line, with everything looked at again."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.joint.booking import book_in, in_one_step
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.waiting.joining import refuse_booked
from bot.appointments.waiting.requests import booked_in, wish_of_request
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import VisitPlan, VisitPlanLine, WaitingRequest, WaitingState
from bot.tables.organisations import Practice

ENDED = {WaitingState.ASKED: "asked", WaitingState.BOOKED: "already-booked", WaitingState.LEFT: "not-waiting"}
"""Why somebody who does not simply wait any more is not booked."""


@dataclass(frozen=True)
class Applied:
    """How many lines were booked now, and how many could not be; those that were looked at before count no more."""

    applied: int
    refused: int


def apply_plan(db: Database, settings: Settings, plan_id: int, actor: Actor, practice: Practice | None) -> Applied:
    """Book what a plan has, each in a transaction of its own; the person is told as of any booking by staff.

    A line that cannot be booked any more keeps why. What was booked or refused before stays as it is, whoever asks.

    :param practice: only what is this practice's; None, which only the console may say: all of it.
    :raises Refused: `unknown-plan`, or `not-allowed`.
    """
    with db.read() as session:
        used = require(session, actor, BOOK_VISITS, practice)
        requests = _to_book(session, plan_id, practice)
    done = [in_one_step(db, partial(_apply, settings=settings, key=(plan_id, each), actor=used)) for each in requests]
    applied = Applied(done.count(True), done.count(False))
    if applied != Applied(0, 0):
        with db.write() as session:
            practice_id = practice.id if practice else None
            record(session, used, "plan-applied", f"visit-plan:{plan_id}", practice_id=practice_id, **vars(applied))
    return applied


def _to_book(session: Session, plan_id: int, practice: Practice | None) -> list[int]:
    """Requests of the lines that nobody has tried to book, by their start."""
    lines = select(VisitPlanLine).where(VisitPlanLine.plan_id == plan_id).order_by(col(VisitPlanLine.starts))
    if practice is not None:
        lines = lines.where(VisitPlanLine.practice_id == practice.id)
    found = session.exec(lines.order_by(col(VisitPlanLine.request_id))).all()
    if not found and (practice is not None or session.get(VisitPlan, plan_id) is None):
        raise Refused("unknown-plan", "That plan is not there any more. Work it out again.")
    return [line.request_id for line in found if _is_open(line)]


def _is_open(line: VisitPlanLine) -> bool:
    return line.starts is not None and line.visit_id is None and line.refused is None


def _apply(session: Session, *, settings: Settings, key: tuple[int, int], actor: Actor) -> bool | None:
    """Book one line; whether it was, None where somebody was quicker."""
    line = session.get_one(VisitPlanLine, key, with_for_update=True)
    if not _is_open(line):
        return None
    try:
        line.visit_id = _book(session, settings, line, actor)
    except Refused as refused:
        line.refused = refused.code
    return line.visit_id is not None


def _book(session: Session, settings: Settings, line: VisitPlanLine, actor: Actor) -> Any:
    """The id of the visit. :raises Refused: why there is none."""
    request = session.get_one(WaitingRequest, line.request_id, with_for_update=True)
    if request.state != WaitingState.WAITING:
        raise Refused(ENDED[WaitingState(request.state)], "This person does not wait any more.")
    now, wish = utc_now(), wish_of_request(session, request)
    refuse_booked(session, wish, now)
    planned = replace(wish, clinician_id=line.clinician_id, interpreter_id=line.interpreter_id)
    visit = book_in(session, settings, planned, line.starts, actor, campaign_id=request.campaign_id)
    booked_in(session, request, visit, now)
    return visit.id
