"""The plan of who waits is worked out and kept for staff to look at; nothing of it is booked here."""

from datetime import date, time, timedelta

from sqlmodel import Session, select

from bot.accounts.rights import require
from bot.appointments.packing.packing import Plan, pack
from bot.appointments.packing.reading import Waiting, anybody_waits, read_waiting
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.waiting.requests import settle_requests
from bot.audit import SERVICE, Actor, record
from bot.clock import LONDON, london_today, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.rows import insert_many, insert_unless_known
from bot.settings import Settings
from bot.tables.appointments import VisitPlan, VisitPlanLine
from bot.tables.organisations import Practice

FURTHEST = timedelta(weeks=12)
LONGEST = timedelta(weeks=4)
AHEAD = timedelta(days=7)
"""How many days the plan of a night covers, from the day after it."""
EVENING = time(19)
"""From when on (London) the plan of that night is made."""


def plan_waiting(
    db: Database,
    settings: Settings,
    first_day: date,
    last_day: date,
    actor: Actor,
    practice: Practice | None = None,
) -> VisitPlan:
    """Work out who of those who wait could be seen on these days, with which interpreter, and keep it.

    :param first_day: in London, as is the last, which is among them.
    :param practice: plan for those of this practice; None: of all.
    :raises Refused: `bad-date`, or `not-allowed`.
    """
    _refuse_days(first_day, last_day)
    with db.write() as session:
        if actor != SERVICE:
            actor = require(session, actor, BOOK_VISITS, practice)
        settle_requests(session, utc_now())
    made = _make(db, first_day, last_day, actor, practice.id if practice else None, night=None)
    if made is None:
        raise RuntimeError("only a plan of a night is made once")
    return made


def plan_tonight(db: Database, settings: Settings) -> bool:
    """The job: from the evening on, the plan for the next seven days, once a night; whether it was made now."""
    now = utc_now().astimezone(LONDON)
    if now.time() < EVENING:
        return False
    with db.write() as session:
        if session.exec(select(VisitPlan.id).where(VisitPlan.night == now.date())).first() is not None:
            return False
        settle_requests(session, utc_now())
        if not anybody_waits(session):
            return False
    tomorrow = now.date() + timedelta(days=1)
    return _make(db, tomorrow, now.date() + AHEAD, SERVICE, None, night=now.date()) is not None


def next_days() -> tuple[date, date]:
    """The days for which a plan is made where nobody says which: the next seven, the first tomorrow."""
    return london_today() + timedelta(days=1), london_today() + AHEAD


def _refuse_days(first_day: date, last_day: date) -> None:
    today = london_today()
    if not today <= first_day <= last_day <= today + FURTHEST or last_day - first_day >= LONGEST:
        raise Refused(
            "bad-date",
            f"A plan is for at most four weeks, from today to {today + FURTHEST}. Choose two days between the two, "
            "the earlier one first.",
        )


def _make(
    db: Database, first_day: date, last_day: date, actor: Actor, practice_id: int | None, night: date | None
) -> VisitPlan | None:
    """Read, work it out with no transaction open, and keep it; None where that night has its plan already."""
    now = utc_now()
    with db.read() as session:
        waiting = read_waiting(session, first_day, last_day, now, practice_id)
    plan = pack(waiting.requests, waiting.pictures)
    with db.write() as session:
        made = insert_unless_known(
            session,
            VisitPlan,
            "night",
            first_day=first_day,
            last_day=last_day,
            requests=len(waiting.requests),
            placed=len(plan.placements),
            first_come=len(plan.queue),
            travel_minutes=plan.travel_minutes,
            night=night,
            made_at=now,
        )
        if made is not None:
            _keep_lines(session, made, plan, waiting)
            counts = {"requests": made.requests, "placed": made.placed}
            record(session, actor, "visits-planned", f"visit-plan:{made.id}", practice_id=practice_id, **counts)
    return made


def _keep_lines(session: Session, made: VisitPlan, plan: Plan, waiting: Waiting) -> None:
    placed = {each.request_id: each for each in plan.placements}
    insert_many(
        session,
        VisitPlanLine,
        [
            {
                "plan_id": made.id,
                "request_id": request.id,
                "practice_id": waiting.practices[request.id],
                "starts": where.starts if (where := placed.get(request.id)) else None,
                "ends": where.ends if where else None,
                "clinician_id": where.clinician_id if where else None,
                "interpreter_id": where.interpreter_id if where else None,
                "why": plan.why.get(request.id),
                "in_queue": request.id in plan.queue,
            }
            for request in waiting.requests
        ],
    )
