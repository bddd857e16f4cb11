"""The plan is read, kept and made once a night."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, update

from bot.appointments.packing.planning import plan_tonight, plan_waiting
from bot.appointments.packing.reading import read_waiting
from bot.appointments.packing.retention import forget_old_plans
from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.refusals import Refused
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import OfferState, SiteTravel, Slot, VisitPlan, VisitPlanLine, WaitingRequest
from bot.tables.interpreters import AgencyPractice, BlockedInterpreter, Interpreter
from tests.appointments.clinics import (
    DAY,
    at,
    make_clinic,
    make_clinician,
    make_interpreter,
    make_offer,
    make_session,
    make_site,
    make_visit,
)
from tests.appointments.packing.conftest import Hall
from tests.factories import make_account, make_practice
from tests.messaging.helpers import london


def test_who_waits_is_put_into_free_times_with_an_interpreter(hall: Hall) -> None:
    hall.waits()
    hall.waits(language="pl")
    plan = hall.plan()
    assert (plan.requests, plan.placed, plan.first_come, plan.travel_minutes) == (2, 1, 1, 0)
    assert (plan.first_day, plan.last_day, plan.night) == (DAY, DAY, None)
    first, second = hall.lines(plan)
    assert (first.starts, first.ends, first.why) == (at("09:00"), at("09:20"), None)
    assert (first.clinician_id, first.in_queue) == (hall.ground.clinician.id, True)
    assert (second.starts, second.why, second.in_queue) == (None, "language", False)
    assert hall.visits() == [], "nothing is booked"
    assert [entry.action for entry in hall.all(AuditEntry)] == ["visits-planned"]


def test_only_who_needs_an_interpreter_waits_and_can_be_seen_there_is_planned(hall: Hall) -> None:
    hall.waits(interpreter=False)
    hall.waits(interpreter=None)
    hall.waits(deceased=True)
    asked, left = hall.waits(), hall.waits()
    women = make_clinic(hall.db, hall.ground.practice, hall.ground.site, women_only=True)
    event_ = make_clinic(hall.db, hall.ground.practice, hall.ground.site, places=20, purpose="event")
    hall.waits(women, sex="M")
    hall.waits(event_)
    _change(hall, WaitingRequest, asked.id, state="asked")
    _change(hall, WaitingRequest, left.id, state="left")
    assert hall.plan().requests == 0


def test_what_a_person_an_interpreter_or_a_clinician_has_already_is_in_the_way(hall: Hall) -> None:
    [sana] = _interpreters(hall)
    make_visit(
        hall.db, hall.ground, starts=at("09:00"), ends=at("09:20"), interpreter_id=sana, interpreter_mode="in-person"
    )
    request = hall.waits()
    make_visit(
        hall.db, hall.ground, starts=at("09:20"), ends=at("09:40"), patient_id=request.patient_id, clinic_id=None
    )
    [line] = hall.lines(hall.plan())
    assert line.starts == at("09:40")
    offered = make_offer(hall.db, hall.ground, starts=at("09:50"), ends=at("10:10"), interpreter_id=sana)
    [line] = hall.lines(hall.plan())
    assert line.why == "hours"
    _change(hall, type(offered), offered.id, state=OfferState.EXPIRED)
    assert hall.plan().placed == 1


def test_travel_that_was_said_counts_and_so_does_what_nobody_said(hall: Hall) -> None:
    [sana] = _interpreters(hall)
    far = make_site(hall.db, hall.ground.practice)
    make_visit(
        hall.db, hall.ground, site_id=far.id, starts=at("08:20"), ends=at("08:50"),
        interpreter_id=sana, interpreter_mode="in-person",
    )  # fmt: skip
    hall.waits()
    [line] = hall.lines(hall.plan())
    assert line.starts == at("09:20")
    pair = sorted((hall.ground.site.id or 0, far.id or 0))
    with hall.db.write() as session:
        session.add(SiteTravel(one_id=pair[0], other_id=pair[1], minutes=10))
    [line] = hall.lines(hall.plan())
    assert line.starts == at("09:00")
    with hall.db.write() as session:
        session.execute(update(SiteTravel).values(minutes=60))
    [line] = hall.lines(plan := hall.plan())
    assert (line.starts, plan.travel_minutes) == (None, 0)
    assert line.why == "travel"


def test_whom_the_person_does_not_want_and_whose_agency_does_not_serve_stays_away(hall: Hall) -> None:
    [sana] = _interpreters(hall)
    request = hall.waits()
    with hall.db.write() as session:
        blocked = BlockedInterpreter(patient_id=request.patient_id, interpreter_id=sana, made_at=utc_now())
        session.add(blocked)
    assert [line.why for line in hall.lines(hall.plan())] == ["blocked"]
    hall.waits()
    assert [line.why for line in hall.lines(hall.plan())] == ["blocked", None]
    with hall.db.write() as session:
        session.delete(session.get_one(AgencyPractice, (hall.agency.id, hall.ground.practice.id)))
    assert [line.why for line in hall.lines(hall.plan())] == ["blocked", "agency"]


def test_who_has_been_before_comes_again(hall: Hall) -> None:
    zara = make_interpreter(hall.db, hall.agency, code="ZARA")
    request = hall.waits()
    long_ago = utc_now() - timedelta(days=60)
    before = {"starts": long_ago, "ends": long_ago + timedelta(minutes=20), "made_at": long_ago}
    make_visit(hall.db, hall.ground, patient_id=request.patient_id, interpreter_id=zara.id, state="attended", **before)
    [line] = hall.lines(hall.plan())
    assert line.interpreter_id == zara.id


def test_a_time_within_the_notice_of_its_clinic_is_not_planned(hall: Hall) -> None:
    _change(hall, type(hall.ground.clinic), hall.ground.clinic.id, notice_hours=24 * 30)
    hall.waits()
    assert [line.why for line in hall.lines(hall.plan())] == ["nothing-free"]


def test_one_plan_covers_all_practices_whose_interpreters_are_the_same(hall: Hall) -> None:
    bridge = make_practice(hall.db, "BRIDGE")
    with hall.db.write() as session:
        session.add(AgencyPractice(agency_id=hall.agency.id, practice_id=bridge.id))
    site, nurse = make_site(hall.db, bridge), make_clinician(hall.db, bridge)
    clinic = make_clinic(hall.db, bridge, site)
    make_session(hall.db, clinic, nurse, "09:00", "09:20")
    hall.waits()
    hall.waits(clinic)
    with hall.db.write() as session:
        session.add(SiteTravel(one_id=hall.ground.site.id or 0, other_id=site.id or 0, minutes=10))
    assert (hall.plan().requests, hall.plan(practice=bridge).requests) == (2, 1)
    first, second = hall.lines(plan := hall.plan())
    assert (first.starts, first.practice_id) == (at("09:40"), hall.ground.practice.id)
    assert (second.starts, second.practice_id) == (at("09:00"), bridge.id)
    assert (plan.placed, plan.first_come, plan.travel_minutes) == (2, 1, 10)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (DAY, DAY - timedelta(days=1)),
        (date(2026, 11, 23), DAY),
        (DAY, DAY + timedelta(days=28)),
        (DAY + timedelta(days=100), DAY + timedelta(days=101)),
    ],
)
def test_no_plan_is_made_for_days_that_cannot_be(hall: Hall, first: date, last: date) -> None:
    with pytest.raises(Refused) as refused:
        plan_waiting(hall.db, hall.settings, first, last, CONSOLE)
    assert refused.value.code == "bad-date"


def test_only_staff_plan_and_only_for_their_practice(hall: Hall) -> None:
    staff = actor_of(make_account(hall.db, Role.PRACTICE, practice=hall.ground.practice))
    plan_waiting(hall.db, hall.settings, DAY, DAY, staff, hall.ground.practice)
    for actor, practice in ((staff, None), (staff, make_practice(hall.db, "BRIDGE"))):
        with pytest.raises(Refused, match="staff or a lead"):
            plan_waiting(hall.db, hall.settings, DAY, DAY, actor, practice)


@pytest.mark.parametrize("number", [3, 60])
def test_it_takes_as_many_statements_for_three_as_for_sixty(hall: Hall, number: int) -> None:
    for _ in range(number):
        hall.waits()
    statements: list[str] = []
    listener = partial(_note, statements)
    event.listen(hall.db.engine, "before_cursor_execute", listener)
    with hall.db.read() as session:
        waiting = read_waiting(session, DAY, DAY, utc_now(), None)
    event.remove(hall.db.engine, "before_cursor_execute", listener)
    assert len(waiting.requests) == number
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 11


def _note(statements: list[str], *given: Any) -> None:
    statements.append(given[2])


def test_every_evening_there_is_one_plan_for_the_next_seven_days(hall: Hall) -> None:
    hall.waits()
    assert not plan_tonight(hall.db, hall.settings)
    hall.clock.move_to(london("2026-11-24 19:00"))
    assert plan_tonight(hall.db, hall.settings)
    assert not plan_tonight(hall.db, hall.settings)
    [plan] = hall.all(VisitPlan)
    assert (plan.first_day, plan.last_day, plan.night) == (date(2026, 11, 25), DAY, date(2026, 11, 24))
    assert plan.placed == 1
    hall.clock.move_to(london("2026-11-25 19:00"))
    assert plan_tonight(hall.db, hall.settings)


def test_in_the_evening_nothing_is_planned_while_nobody_waits(hall: Hall) -> None:
    hall.clock.move_to(london("2026-11-24 20:00"))
    hall.waits(interpreter=False)
    assert not plan_tonight(hall.db, hall.settings)
    assert hall.all(VisitPlan) == []


def test_two_clocks_make_one_plan_a_night(hall: Hall) -> None:
    hall.waits()
    hall.clock.move_to(london("2026-11-24 19:00"))
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: plan_tonight(hall.db, hall.settings), range(4)))
    assert sorted(made) == [False, False, False, True]
    assert hall.count(VisitPlan) == 1
    assert hall.count(VisitPlanLine) == 1


def test_plans_of_over_thirty_days_ago_are_gone(hall: Hall) -> None:
    hall.waits()
    old, new = hall.plan(), hall.plan()
    _change(hall, VisitPlan, old.id, made_at=utc_now() - timedelta(days=30, minutes=1))
    _change(hall, VisitPlan, new.id, made_at=utc_now() - timedelta(days=30))
    assert forget_old_plans(hall.db, hall.settings) == 1
    assert [plan.id for plan in hall.all(VisitPlan)] == [new.id]
    assert [line.plan_id for line in hall.all(VisitPlanLine, "plan_id")] == [new.id]
    assert hall.count(Slot) == 6


def _interpreters(hall: Hall) -> list[int]:
    return [each.id for each in hall.all(Interpreter)]


def _change(hall: Hall, table: Any, row_id: int | None, **changes: Any) -> None:
    with hall.db.write() as session:
        session.execute(update(table).where(table.id == row_id).values(**changes))
