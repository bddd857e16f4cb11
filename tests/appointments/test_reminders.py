"""Reminders: when they go, what they say, and that each goes once and only while it is true."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from bot.appointments.by_text.reminder_times import remind_at, remind_of_call_at, write_to_who_did_not_come_at
from bot.appointments.by_text.reminders import remind
from bot.appointments.by_text.telling import tell_booked, withdraw_reminders
from bot.clock import LONDON
from bot.patients.optouts import record_opt_out
from bot.tables.appointments import Visit, VisitState
from bot.tables.messaging import Message
from bot.tables.patients import OptOutScope, PhoneStatus
from tests.appointments.talking import Talk, make_interpreter, wall
from tests.factories import make_partner
from tests.messaging.helpers import invite, london, make_campaign, with_changes

WINDOW = (8 * 60, 20 * 60)


@pytest.mark.parametrize(
    ("starts", "days", "goes"),
    [
        ("2026-12-03 09:30", 3, "2026-11-30 09:30"),
        ("2026-12-03 09:30", 1, "2026-12-02 09:30"),
        ("2026-12-03 19:45", 1, "2026-12-02 19:30"),
        ("2026-12-03 22:00", 1, "2026-12-02 19:30"),
        ("2026-12-03 07:50", 1, "2026-12-01 19:30"),
        ("2026-03-30 09:00", 3, "2026-03-27 09:00"),
        ("2026-10-26 09:00", 1, "2026-10-25 09:00"),
    ],
)
def test_a_reminder_goes_at_the_visits_own_time_moved_earlier_into_the_window(
    starts: str, days: int, goes: str
) -> None:
    assert wall(remind_at(london(starts).astimezone(UTC), days, WINDOW)) == goes


@pytest.mark.parametrize(
    ("starts", "goes"),
    [
        ("2026-12-03 14:00", "2026-12-03 12:00"),
        ("2026-12-03 10:00", "2026-12-03 08:00"),
        ("2026-12-03 09:30", "2026-12-02 19:30"),
        ("2026-12-03 22:30", "2026-12-03 19:30"),
    ],
)
def test_who_is_phoned_is_told_two_hours_before_or_the_evening_before(starts: str, goes: str) -> None:
    assert wall(remind_of_call_at(london(starts).astimezone(UTC), WINDOW)) == goes


@pytest.mark.parametrize(
    ("came_not", "written"),
    [
        ("2026-11-24 10:00", "2026-11-25 10:00"),
        ("2026-11-27 10:00", "2026-11-30 10:00"),
        ("2026-12-24 10:00", "2026-12-29 10:00"),
    ],
)
def test_who_did_not_come_is_written_to_at_ten_on_the_next_working_day(came_not: str, written: str) -> None:
    assert wall(write_to_who_did_not_come_at(london(came_not))) == written


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 365 * 24 * 60),
    st.integers(1, 28),
    st.tuples(st.integers(0, 24 * 60 - 31), st.integers(31, 24 * 60)).filter(lambda window: window[0] < window[1]),
)
def test_a_reminder_is_always_in_the_window_and_never_later_than_it_says(
    minutes: int, days: int, window: tuple[int, int]
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local = moment.astimezone(LONDON)
    goes = remind_at(moment, days, window).astimezone(LONDON)
    assert goes.date() <= local.date() - timedelta(days=days)
    skipped = goes.date() == date(2026, 3, 29) and goes.hour == 0
    assert skipped or window[0] <= goes.hour * 60 + goes.minute < window[1]


def reminded(talk: Talk, moment: str) -> list[str | None]:
    """Run the job at a moment, let what is due go out, and give what has been heard since the last time."""
    before = len(talk.heard())
    talk.at(moment)
    remind(talk.db, talk.settings)
    talk.sent()
    return talk.heard()[before:]


def test_two_reminders_go_the_first_asks_and_each_goes_once(talk: Talk) -> None:
    talk.visit("2026-12-03 09:30")
    moments = ("11-30 09:25", "11-30 09:30", "11-30 09:35", "12-02 09:29", "12-02 09:30")
    said = [reminded(talk, f"2026-{moment}") for moment in moments]
    assert said == [[], ["visit-reminder"], [], [], ["appointment-reminder"]]
    assert talk.questions() == [("visit", "open")]
    assert reminded(talk, "2026-12-03 08:00") == []


def test_run_twice_in_a_row_the_job_changes_nothing_the_second_time(talk: Talk) -> None:
    talk.visit("2026-12-03 09:30")
    talk.at("2026-11-30 09:30")
    assert [remind(talk.db, talk.settings) for _ in range(3)] == [1, 0, 0]


def test_the_second_reminder_promises_an_interpreter_only_where_one_is_booked(talk: Talk) -> None:
    talk.visit("2026-12-03 09:30", interpreter_state="seeking")
    other = talk.person()
    booked = {"interpreter_state": "booked", "interpreter_id": make_interpreter(talk.db).id}
    other.visit("2026-12-03 10:30", interpreter_mode="in-person", **booked)
    talk.at("2026-12-02 10:30")
    remind(talk.db, talk.settings)
    talk.sent()
    assert (talk.heard(), other.heard()) == (["appointment-reminder"], ["appointment-reminder-interpreter"])


def test_a_reminder_says_nothing_of_the_clinic(talk: Talk) -> None:
    english = talk.person(language="en")
    english.visit("2026-12-03 09:30")
    assert reminded(english, "2026-11-30 09:30") == ["visit-reminder"]
    body = english.last().body
    assert "Thursday 3 December 2026 at 9:30am" in body
    assert "Station Practice, 12 Station Road" in body
    assert talk.clinic.code not in body
    assert english.last().use_by == london("2026-12-03 08:30")


@pytest.mark.parametrize(
    ("booked", "said"),
    [
        ("2026-11-29 09:00", ["visit-reminder", "appointment-reminder"]),
        ("2026-11-29 10:00", ["appointment-reminder"]),
        ("2026-12-01 09:00", ["appointment-reminder"]),
        ("2026-12-01 10:00", []),
    ],
)
def test_no_reminder_follows_a_confirmation_within_a_day(talk: Talk, booked: str, said: list[str]) -> None:
    talk.at(booked)
    visit = talk.visit("2026-12-03 09:30")
    with talk.db.write() as session:
        tell_booked(session, talk.settings, session.get_one(Visit, visit.id))
    talk.sent()
    moments = [day for day in ("2026-11-30 09:30", booked, "2026-12-02 09:30") if day >= booked]
    assert [key for moment in moments for key in reminded(talk, moment)] == said


def test_a_visit_that_comes_late_to_us_without_a_confirmation_is_reminded_of_at_once(talk: Talk) -> None:
    talk.at("2026-12-01 15:00").visit("2026-12-03 09:30", kind="external", clinic_id=None)
    assert reminded(talk, "2026-12-01 15:05") == ["visit-reminder"]
    assert reminded(talk, "2026-12-01 15:10") == []


def test_what_was_said_of_a_time_is_not_said_again_because_something_else_changed(talk: Talk) -> None:
    visit = talk.visit("2026-12-03 09:30")
    reminded(talk, "2026-11-30 09:30")
    talk.changes(visit, sequence=1)
    assert reminded(talk, "2026-11-30 12:00") == []
    assert reminded(talk, "2026-12-02 09:30") == ["appointment-reminder"]


def test_a_moved_visit_has_its_reminders_anew(talk: Talk) -> None:
    visit = talk.visit("2026-12-03 09:30")
    reminded(talk, "2026-11-30 09:30")
    talk.changes(visit, sequence=1, starts=london("2026-12-08 14:00"), ends=london("2026-12-08 14:20"))
    assert reminded(talk, "2026-12-05 14:00") == ["visit-reminder"]
    assert reminded(talk, "2026-12-07 14:00") == ["appointment-reminder"]


def test_a_reminder_that_waits_is_taken_back_when_the_visit_changes(talk: Talk) -> None:
    visit = talk.visit("2026-12-03 09:30")
    talk.at("2026-11-30 09:30")
    remind(talk.db, talk.settings)
    with talk.db.write() as session:
        withdraw_reminders(session, session.get_one(Visit, visit.id))
    talk.sent()
    assert talk.heard() == []
    assert talk.questions() == [("visit", "expired")]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": VisitState.CANCELLED},
        {"state": VisitState.ARRIVED},
        {"to_move_since": london("2026-11-29 09:00")},
    ],
)
def test_no_reminder_of_what_is_not_to_come(talk: Talk, changes: dict[str, Any]) -> None:
    talk.visit("2026-12-03 09:30", **changes)
    assert reminded(talk, "2026-11-30 09:30") == []


@pytest.mark.parametrize(
    ("person", "scope"),
    [
        ({"phone_status": PhoneStatus.SHARED}, None),
        ({"phone_status": PhoneStatus.UNSAFE}, None),
        ({"texting_refused": True}, None),
        ({"deceased": True}, None),
        ({}, OptOutScope.ALL),
    ],
)
def test_who_may_not_be_texted_is_not_reminded(talk: Talk, person: dict[str, Any], scope: OptOutScope | None) -> None:
    one = talk.person(**person)
    one.visit("2026-12-03 09:30")
    if scope:
        with talk.db.write() as session:
            record_opt_out(session, practice_id=talk.practice.id or 0, phone=one.phone, scope=scope, source="reply")
    assert reminded(one, "2026-11-30 09:30") == []
    assert one.all(Message) == []


def test_who_wants_no_invitations_is_reminded_all_the_same(talk: Talk) -> None:
    talk.visit("2026-12-03 09:30")
    wish = {"practice_id": talk.practice.id or 0, "phone": talk.phone, "source": "reply"}
    with talk.db.write() as session:
        record_opt_out(session, scope=OptOutScope.OUTREACH, **wish)
    assert reminded(talk, "2026-11-30 09:30") == ["visit-reminder"]


def test_who_is_phoned_hears_so_three_days_and_two_hours_before(talk: Talk) -> None:
    talk.visit("2026-12-03 14:00", mode="telephone")
    said = [reminded(talk, moment) for moment in ("2026-11-30 14:00", "2026-12-02 14:00", "2026-12-03 12:00")]
    assert said == [["visit-by-phone"], [], ["visit-by-phone"]]


def test_a_practice_without_a_phone_number_still_reminds(talk: Talk) -> None:
    with talk.db.write() as session:
        practice = session.get_one(type(talk.practice), talk.practice.id)
        practice.phone = None
        session.add(practice)
    talk.visit("2026-12-03 09:30")
    assert reminded(talk, "2026-12-02 09:30") == ["visit-reminder"]


def test_other_days_can_be_set_and_none(talk: Talk) -> None:
    talk.visit("2026-12-03 09:30")
    talk.settings = with_changes(talk.settings, remind_before="none")
    assert reminded(talk, "2026-11-30 09:30") == []
    talk.settings = with_changes(talk.settings, remind_before="2d", send_window="08:00-20:00")
    assert reminded(talk, "2026-12-01 09:30") == ["visit-reminder"]
    assert reminded(talk, "2026-12-02 09:30") == []


def test_after_a_stop_of_the_service_only_the_last_reminder_goes(talk: Talk) -> None:
    talk.visit("2026-12-03 09:30")
    assert reminded(talk, "2026-12-02 15:00") == ["appointment-reminder"]


def test_a_reminder_that_asks_waits_behind_what_was_asked_a_moment_ago(talk: Talk) -> None:
    talk.at("2026-11-30 09:00")
    campaign = make_campaign(talk.db, talk.practice, make_partner(talk.db, talk.practice))
    invite(talk.db, talk.settings, talk.practice, talk.patient, campaign)
    talk.sent()
    talk.visit("2026-12-03 09:30")
    assert reminded(talk, "2026-11-30 09:30") == []
    assert reminded(talk, "2026-11-30 11:05") == ["visit-reminder"]


def test_many_visits_cost_no_more_statements(talk: Talk) -> None:
    for number in range(8):
        talk.person(phone=f"+44770090050{number}").visit("2026-12-03 09:30")
    talk.at("2026-11-30 09:30")
    counted: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    event.listen(talk.db.engine, "before_cursor_execute", count)
    assert remind(talk.db, talk.settings) == 8
    event.remove(talk.db.engine, "before_cursor_execute", count)
    assert len([said for said in counted if not said.startswith(("BEGIN", "COMMIT", "PRAGMA"))]) <= 10


def test_who_did_not_come_gets_one_kind_text_with_a_new_time_to_ask_for(talk: Talk) -> None:
    talk.visit("2026-11-24 09:30", state=VisitState.DID_NOT_ATTEND)
    assert reminded(talk, "2026-11-25 09:55") == []
    assert reminded(talk, "2026-11-25 10:00") == ["visit-not-attended"]
    assert reminded(talk, "2026-11-26 10:00") == []
    assert talk.questions() == [("new-time", "open")]


def test_who_has_another_visit_before_them_is_not_written_to(talk: Talk) -> None:
    talk.visit("2026-11-24 09:30", state=VisitState.DID_NOT_ATTEND)
    talk.visit("2026-12-09 09:30")
    assert reminded(talk, "2026-11-25 10:00") == []


def test_a_slip_that_was_put_right_is_not_written_about(talk: Talk) -> None:
    visit = talk.visit("2026-11-24 09:30", state=VisitState.DID_NOT_ATTEND)
    talk.changes(visit, state=VisitState.ATTENDED)
    assert reminded(talk, "2026-11-25 10:00") == []
