"""A clinician is away on a day: who is moved without asking, who is offered times, and who is left to staff."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from bot.appointments.timetable import withdrawing
from bot.appointments.timetable.slot_commands import sessions
from bot.appointments.timetable.slots import make_slots
from bot.appointments.timetable.withdrawing import Withdrawn, withdraw_session
from bot.audit import CONSOLE
from bot.patients.optouts import record_opt_out
from bot.refusals import Refused
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import Clinician, Offer, Slot, Visit
from bot.tables.patients import OptOutScope, Patient
from tests.appointments.clinics import make_clinician, make_session
from tests.appointments.conftest import Ask
from tests.appointments.talking import Talk, wall
from tests.factories import make_account, make_practice

DAY = date(2026, 12, 1)
REASON = "Flu"


def withdraw(talk: Talk, day: date = DAY) -> Withdrawn:
    return withdraw_session(talk.db, talk.settings, "NURSE", day, REASON, CONSOLE)


def colleague_works(talk: Talk, opens: str, closes: str, day: date = DAY, **changes: Any) -> Clinician:
    colleague = make_clinician(talk.db, talk.practice, **changes)
    make_session(talk.db, talk.clinic, colleague, opens, closes, day)
    return colleague


def test_a_visit_goes_to_a_colleague_within_two_hours_without_asking_and_the_person_is_told(talk: Talk):
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    colleague = colleague_works(talk, "10:30", "11:30")
    assert withdraw(talk) == Withdrawn(moved=1, told=1)
    moved = talk.now_is(visit)
    assert (wall(moved.starts), moved.clinician_id) == ("2026-12-01 10:30", colleague.id)
    assert (moved.to_move_since, moved.sequence) == (None, 1)
    talk.sent()
    assert talk.heard()[-1] == "visit-moved"


def test_of_several_times_the_nearest_is_taken(talk: Talk):
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    colleague_works(talk, "08:00", "11:00")
    withdraw(talk)
    assert wall(talk.now_is(visit).starts) == "2026-12-01 09:20"


@pytest.mark.parametrize(("starts", "moved"), [("11:20", True), ("11:30", False), ("07:20", True), ("07:10", False)])
def test_two_hours_is_the_most_that_anybody_is_moved(talk: Talk, starts: str, moved: bool):
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    ends = f"{int(starts[:2])}:{int(starts[3:]) + 10}".zfill(5)
    colleague_works(talk, starts, ends)
    done = withdraw(talk)
    assert done == (Withdrawn(moved=1, told=1) if moved else Withdrawn(offered=1, told=1))
    assert wall(talk.now_is(visit).starts) == (f"2026-12-01 {starts}" if moved else "2026-12-01 09:20")


def test_whoever_asked_for_a_woman_is_not_moved_to_a_man(talk: Talk):
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    talk.changes(visit, clinician_sex="F")
    colleague_works(talk, "09:00", "10:00", sex="M")
    assert withdraw(talk) == Withdrawn(to_staff=1)
    assert talk.now_is(visit).to_move_since is not None
    assert talk.sent().heard() == ["visit-booked"]


def test_without_a_time_near_by_three_are_offered_and_the_visit_stays_until_one_is_taken(talk: Talk):
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    talk.opens("2026-12-03 09:00-12:00", "2026-12-04 14:00-16:00", "2026-12-08 09:00-12:00")
    assert withdraw(talk) == Withdrawn(offered=1, told=1)
    assert (talk.now_is(visit).state, talk.now_is(visit).to_move_since is not None) == ("booked", True)
    talk.sent()
    assert talk.heard()[-2:] == ["visit-off", "visit-times"]
    assert len(talk.times()) == 3
    talk.clock.shift(60)
    talk.says("1")
    taken = talk.now_is(visit)
    assert taken.to_move_since is None
    assert wall(taken.starts) != "2026-12-01 09:20"


def test_whoever_cannot_be_texted_is_left_to_staff(talk: Talk):
    talk.opens("2026-12-01 09:00-10:00", "2026-12-03 09:00-12:00")
    without_phone = talk.person(phone=None)
    without_phone.booked("2026-12-01 09:20")
    talk.booked("2026-12-01 09:40")
    with talk.db.write() as session:
        whose = {"practice_id": talk.practice.id or 0, "phone": talk.phone}
        record_opt_out(session, **whose, scope=OptOutScope.ALL, source="staff")  # type: ignore[arg-type]
    colleague_works(talk, "09:00", "10:00")
    assert withdraw(talk) == Withdrawn(to_staff=2)


def test_counts_add_up_and_said_again_nobody_is_told_twice(talk: Talk):
    talk.opens("2026-12-01 09:00-10:00", "2026-12-03 09:00-12:00")
    for starts in ("09:00", "09:20", "09:30"):
        talk.person(phone=f"+4477009001{starts[-2:]}").booked(f"2026-12-01 {starts}")
    talk.person(phone=None).booked("2026-12-01 09:50")
    colleague_works(talk, "09:00", "09:10")
    done = withdraw(talk)
    assert done == Withdrawn(moved=1, offered=2, to_staff=1, told=3)
    assert withdraw(talk) == Withdrawn(offered=2, to_staff=1)
    with talk.db.read() as session:
        assert len(session.exec(select(Offer.id).where(Offer.state == "held")).all()) <= 6


def test_a_visit_booked_elsewhere_is_left_to_staff(talk: Talk):
    visit = talk.visit("2026-12-01 09:20", kind="external")
    assert withdraw(talk) == Withdrawn(to_staff=1)
    assert talk.now_is(visit).to_move_since is not None


def test_only_what_is_still_to_come_of_that_day_goes(talk: Talk):
    talk.opens("2026-12-01 09:00-10:00", "2026-12-02 09:00-10:00")
    talk.booked("2026-12-02 09:00")
    talk.at("2026-12-01 09:25")
    assert withdraw(talk) == Withdrawn()
    with talk.db.read() as session:
        withdrawn = session.exec(select(Slot).where(col(Slot.withdrawn_at).is_not(None))).all()
    assert len(withdrawn) == 3
    assert {slot.withdrawn_why for slot in withdrawn} == {REASON}


def test_the_daily_job_does_not_bring_the_slots_back(talk: Talk):
    talk.opens("2026-12-01 09:00-10:00")
    withdraw(talk)
    made = make_slots(talk.db, talk.settings)
    assert (made.made, made.left_out["closure"]) == (0, 6)


def test_a_reminder_of_a_visit_that_cannot_be_does_not_go(talk: Talk):
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    with talk.db.write() as session:
        session.get_one(Patient, talk.patient.id).phone_status = "unsafe"
    assert withdraw(talk) == Withdrawn(to_staff=1)
    assert ("visit", "open") not in talk.questions()
    assert talk.now_is(visit).state == "booked"


@pytest.mark.parametrize(
    ("day", "reason", "code"),
    [(date(2026, 11, 23), REASON, "bad-date"), (DAY, " ", "bad-reason"), (DAY, "x" * 201, "bad-reason")],
)
def test_what_cannot_be_is_refused(talk: Talk, day: date, reason: str, code: str):
    with pytest.raises(Refused) as caught:
        withdraw_session(talk.db, talk.settings, "NURSE", day, reason, CONSOLE)
    assert caught.value.code == code
    with pytest.raises(Refused, match="There is no clinician"):
        withdraw_session(talk.db, talk.settings, "NOBODY", DAY, REASON, CONSOLE)


def test_staff_of_another_practice_withdraw_nothing(talk: Talk):
    outsider = actor_of(make_account(talk.db, Role.LEAD, practice=make_practice(talk.db, "BRIDGE")))
    with pytest.raises(Refused, match="Only staff"):
        withdraw_session(talk.db, talk.settings, "NURSE", DAY, REASON, outsider)


def test_the_command_answers_with_counts(talk: Talk, ask: Ask):
    talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    words = ("--clinician", "NURSE", "--date", "2026-12-01", "--reason", REASON)
    assert ask(sessions, "withdraw", *words) == [{"moved": 0, "offered": 0, "to_staff": 1, "told": 0}]


def test_a_visit_that_was_given_up_meanwhile_is_not_touched(talk: Talk, monkeypatch: pytest.MonkeyPatch):
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    monkeypatch.setattr(withdrawing, "in_one_step", given_up_first(talk, visit, withdrawing.in_one_step))
    assert withdraw(talk) == Withdrawn()
    assert talk.now_is(visit).state == "cancelled"


def given_up_first(talk: Talk, visit: Visit, really: Callable[..., Any]) -> Callable[..., Any]:
    """Before the second transaction somebody gives the visit up."""
    times = 0

    def run(*given: Any) -> Any:
        nonlocal times
        times += 1
        if times == 2:
            talk.changes(visit, state="cancelled", to_move_since=None)
        return really(*given)

    return run
