"""What a plan has is booked line by line, looked at again, and said once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from bot.appointments.interpreted.interpreter_commands import interpreters
from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.packing.applying import Applied, apply_plan
from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.refusals import Refused
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import ClaimedTime, Visit, VisitPlan, VisitPlanLine, WaitingRequest
from bot.tables.campaigns import Campaign
from bot.tables.interpreters import AgencyPractice, Interpreter
from bot.tables.messaging import Message, OpenQuestion
from bot.tables.patients import Patient
from tests.appointments.clinics import DAY, at, make_clinic, make_clinician, make_session, make_site
from tests.appointments.packing.conftest import Hall
from tests.factories import make_account, make_practice
from tests.organisations.conftest import Ask
from tests.organisations.conftest import ask as ask


def apply(hall: Hall, plan: VisitPlan) -> Applied:
    return apply_plan(hall.db, hall.settings, plan.id or 0, CONSOLE, None)


def change(hall: Hall, table: Any, row_id: int | None, **changes: Any) -> None:
    with hall.db.write() as session:
        session.execute(update(table).where(table.id == row_id).values(**changes))


def test_what_is_planned_is_booked_and_the_people_are_told_as_usual(hall: Hall) -> None:
    first, second = hall.waits(), hall.waits(clinician_sex="F")
    plan = hall.plan()
    assert apply(hall, plan) == Applied(2, 0)
    visits = hall.visits()
    assert [visit.starts for visit in visits] == [at("09:00"), at("09:20")]
    assert [visit.patient_id for visit in visits] == [first.patient_id, second.patient_id]
    assert [(visit.language, visit.clinician_sex, visit.made_by) for visit in visits] == [
        ("ur", None, "console"),
        ("ur", "F", "console"),
    ]
    assert [line.visit_id for line in hall.lines(plan)] == [visit.id for visit in visits]
    assert [(each.state, each.visit_id) for each in hall.all(WaitingRequest)] == [
        ("booked", visit.id) for visit in visits
    ]
    told = [message for message in hall.all(Message) if message.patient_id]
    assert [message.patient_id for message in told] == [first.patient_id, second.patient_id]
    questions = hall.all(OpenQuestion)
    assert [(each.kind, each.patient_id) for each in questions] == [("visit", each.patient_id) for each in told]
    actions = [entry.action for entry in hall.all(AuditEntry)]
    assert actions.count("visit-booked") == 2
    assert actions[-1] == "plan-applied"


def test_what_is_booked_counts_for_the_campaign_of_the_request(hall: Hall) -> None:
    campaign = _campaign(hall)
    hall.waits(campaign_id=campaign)
    apply(hall, hall.plan())
    assert [visit.campaign_id for visit in hall.visits()] == [campaign]


def test_pressed_twice_it_changes_nothing(hall: Hall) -> None:
    hall.waits()
    hall.waits(language="pl")
    plan = hall.plan()
    assert apply(hall, plan) == Applied(1, 0)
    before = hall.count(AuditEntry), hall.count(Message)
    assert apply(hall, plan) == Applied(0, 0)
    assert (hall.count(Visit), hall.count(AuditEntry), hall.count(Message)) == (1, *before)


def test_two_who_press_at_once_book_each_line_once(hall: Hall) -> None:
    for _ in range(3):
        hall.waits()
    plan = hall.plan()
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: apply(hall, plan), range(4)))
    assert sum(each.applied for each in done) == 3
    assert sum(each.refused for each in done) == 0
    assert hall.count(Visit) == 3
    assert len({claim.cell for claim in hall.all(ClaimedTime, "cell") if claim.kind == "interpreter"}) == 12


def test_a_plan_and_a_newer_one_applied_at_once_book_nobody_twice(hall: Hall) -> None:
    for _ in range(3):
        hall.waits()
    plans = [hall.plan(), hall.plan()]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda plan: apply(hall, plan), plans))
    assert sum(each.applied for each in done) == 3
    assert sum(each.refused for each in done) == 3
    refused = {line.refused for plan in plans for line in hall.lines(plan) if line.visit_id is None}
    assert refused <= {"already-booked"}


def test_what_cannot_be_booked_any_more_keeps_why_and_the_rest_is_booked(hall: Hall) -> None:
    requests = [hall.waits() for _ in range(3)]
    plan = hall.plan()
    change(hall, WaitingRequest, requests[0].id, state="left")
    assert apply(hall, plan) == Applied(2, 1)
    assert [line.refused for line in hall.lines(plan)] == ["not-waiting", None, None]
    assert apply(hall, plan) == Applied(0, 0)
    assert hall.now_is(requests[0]).state == "left"


def test_a_time_that_somebody_else_has_been_given_is_not_booked_again(hall: Hall) -> None:
    request = hall.waits()
    plan = hall.plan()
    other = hall.ground.patient.nhs_number
    book_joint_visit(
        hall.db, hall.settings, VisitWanted("STATION", other, hall.ground.clinic.code, at("09:00")), CONSOLE
    )
    assert apply(hall, plan) == Applied(0, 1)
    assert [line.refused for line in hall.lines(plan)] == ["taken"]
    assert (hall.count(Visit), hall.now_is(request).state) == (1, "waiting")


def test_who_was_booked_or_asked_by_another_way_is_not_booked_again(hall: Hall) -> None:
    first, second = hall.waits(), hall.waits()
    plan = hall.plan()
    whose = hall.people[0].nhs_number
    book_joint_visit(
        hall.db, hall.settings, VisitWanted("STATION", whose, hall.ground.clinic.code, at("09:40")), CONSOLE
    )
    change(hall, WaitingRequest, second.id, state="asked")
    assert apply(hall, plan) == Applied(0, 2)
    assert [line.refused for line in hall.lines(plan)] == ["already-booked", "asked"]
    assert hall.now_is(first).state == "waiting", "the job of the waiting list ends it"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda hall: change(hall, Patient, hall.people[0].id, deceased=True), "not-suited"),
        (lambda hall: change(hall, Patient, hall.people[0].id, language="pl"), "not-suited"),
        (lambda hall: _left(hall), "not-suited"),
        (lambda hall: _no_agency(hall), "not-suited"),
        (lambda hall: hall.clock.move_to(at("09:10")), "past"),
    ],
)
def test_everything_is_looked_at_again(hall: Hall, spoil: Any, code: str) -> None:
    hall.waits()
    plan = hall.plan()
    spoil(hall)
    assert apply(hall, plan) == Applied(0, 1)
    assert [line.refused for line in hall.lines(plan)] == [code]
    assert hall.visits() == []
    assert hall.count(ClaimedTime) == 0


def _left(hall: Hall) -> None:
    [sana] = hall.all(Interpreter)
    change(hall, Interpreter, sana.id, left_at=at("08:00"))


def _no_agency(hall: Hall) -> None:
    with hall.db.write() as session:
        session.delete(session.get_one(AgencyPractice, (hall.agency.id, hall.ground.practice.id)))


def test_staff_apply_only_what_is_their_practices(hall: Hall) -> None:
    bridge = make_practice(hall.db, "BRIDGE")
    clinic = make_clinic(hall.db, bridge, make_site(hall.db, bridge))
    with hall.db.write() as session:
        session.add(AgencyPractice(agency_id=hall.agency.id, practice_id=bridge.id))
    make_session(hall.db, clinic, make_clinician(hall.db, bridge), "11:00", "11:20")
    hall.waits()
    hall.waits(clinic)
    plan = hall.plan()
    assert plan.placed == 2
    staff = actor_of(make_account(hall.db, Role.PRACTICE, practice=bridge))
    assert apply_plan(hall.db, hall.settings, plan.id or 0, staff, bridge) == Applied(1, 0)
    assert [visit.practice_id for visit in hall.visits()] == [bridge.id]
    for practice in (None, hall.ground.practice):
        with pytest.raises(Refused, match="staff or a lead"):
            apply_plan(hall.db, hall.settings, plan.id or 0, staff, practice)
    with pytest.raises(Refused) as refused:
        apply_plan(hall.db, hall.settings, 99, staff, bridge)
    assert refused.value.code == "unknown-plan"


def test_the_command_plans_for_all_and_says_who_stays_out(hall: Hall, ask: Ask) -> None:
    hall.waits()
    out = hall.waits(language="pl")
    [said] = ask(interpreters, "plan", "--from", str(DAY), "--to", str(DAY))
    assert said == {
        "requests": 2,
        "placed": 1,
        "first_come": 1,
        "unplaced": [{"request": out.id, "why": "language"}],
        "travel_minutes": 0,
    }
    assert hall.visits() == []


def test_the_command_books_when_it_is_asked_to(hall: Hall, ask: Ask) -> None:
    hall.waits()
    [said] = ask(interpreters, "plan", "--from", str(DAY), "--to", str(DAY), "--practice", "STATION", "--apply")
    assert (said["placed"], said["applied"], said["refused"]) == (1, 1, 0)
    assert hall.count(Visit) == 1


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [("2026-12-02", "2026-12-01", "bad-date"), ("tomorrow", "2026-12-01", "bad-date")],
)
def test_the_command_refuses_days_that_are_none(hall: Hall, ask: Ask, first: str, last: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(interpreters, "plan", "--from", first, "--to", last)
    assert refused.value.code == code
    assert hall.count(VisitPlanLine) == 0


def _campaign(hall: Hall) -> int:
    columns = {"practice_id": hall.ground.practice.id, "purpose": "cervical-screening"}
    made = {"criteria": "cervical-screening", "criteria_version": 1, "matched": 1, "created_at": utc_now()}
    with hall.db.write() as session:
        campaign = Campaign(**columns, **made)
        session.add(campaign)
    return campaign.id or 0
