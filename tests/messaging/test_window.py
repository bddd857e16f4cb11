"""When a text may go: at once, in the window, or on sending days (Europe/London)."""

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.claiming import anything_due
from bot.messaging.policy import AT_ONCE_FOR
from bot.settings import Settings
from bot.tables.messaging import Kind, Message, Outcome, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.factories import queue_staff_text
from tests.messaging.helpers import (
    claim,
    claim_one,
    end,
    inbox,
    london,
    queue_kind,
    reload,
    with_changes,
)

WAITS = [Kind.ANSWER, Kind.QUESTION, Kind.NOTICE, Kind.REMINDER, Kind.OUTREACH]
NEVER_WAITS = [Kind.EMERGENCY, Kind.RECEIPT]
EVENING, MORNING = "2026-11-24 21:40", "2026-11-25 08:00"


@pytest.fixture
def day(settings: Settings) -> Settings:
    """Texts go from 8am to 8pm, invitations from Monday to Saturday."""
    return with_changes(settings, send_window="08:00-20:00", send_days="mon-sat")


@pytest.mark.parametrize("kind", WAITS)
def test_in_the_evening_texts_that_may_wait_wait_for_the_morning(
    db: Database, day: Settings, practice: Practice, alice: Patient, kind: Kind
) -> None:
    with time_machine.travel(london(EVENING), tick=False):
        message = queue_kind(db, day, practice, alice, kind)
        assert claim(db, day) == []
    with time_machine.travel(london("2026-11-25 07:59"), tick=False):
        assert claim(db, day) == []
    with time_machine.travel(london(MORNING), tick=False):
        assert claim_one(db, day).message_id == message.id


@pytest.mark.parametrize("kind", NEVER_WAITS)
def test_an_emergency_text_and_a_receipt_go_at_any_hour(
    db: Database, day: Settings, practice: Practice, alice: Patient, kind: Kind
) -> None:
    with time_machine.travel(london("2026-12-25 03:00"), tick=False):
        message = queue_kind(db, day, practice, alice, kind)
        assert claim_one(db, day).message_id == message.id


@pytest.mark.parametrize(("minutes", "goes"), [(0, True), (29, True), (31, False)])
def test_an_answer_goes_at_once_for_thirty_minutes_after_the_person_wrote(
    db: Database, day: Settings, practice: Practice, alice: Patient, minutes: int, goes: bool
) -> None:
    with time_machine.travel(london(EVENING), tick=False) as clock:
        queue_kind(db, day, practice, alice, Kind.ANSWER, at_once_until=utc_now() + AT_ONCE_FOR)
        clock.shift(minutes * 60)
        assert bool(claim(db, day)) is goes


CLOSED_DAYS = [
    ("2026-11-29 12:00", "2026-11-30 08:00"),  # a Sunday
    ("2026-12-25 12:00", "2026-12-29 08:00"),  # Friday; Boxing Day on Saturday, its substitute on Monday
    ("2027-03-26 12:00", "2027-03-27 08:00"),  # Good Friday
    ("2027-03-28 12:00", "2027-03-30 08:00"),  # Easter Sunday, the night the clocks went forward, and Monday
]


@pytest.mark.parametrize(("closed", "opens"), CLOSED_DAYS)
def test_invitations_wait_for_a_sending_day_and_reminders_do_not(
    db: Database, day: Settings, practice: Practice, alice: Patient, closed: str, opens: str
) -> None:
    with time_machine.travel(london(closed), tick=False):
        invitation = queue_kind(db, day, practice, alice, Kind.OUTREACH)
        reminder = queue_kind(db, day, practice, alice, Kind.REMINDER)
        assert claim_one(db, day).message_id == reminder.id
    assert reload(db, invitation).not_before == london(opens)


def test_a_text_that_a_colleague_sends_now_does_not_wait(
    db: Database, day: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london(EVENING), tick=False):
        message = queue_staff_text(db, day, practice, alice, at_once=True)
        assert claim_one(db, day).message_id == message.id


def test_a_text_whose_time_runs_out_overnight_is_dropped_in_the_morning_and_said(
    db: Database, day: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london(EVENING), tick=False):
        queue_kind(db, day, practice, alice, Kind.REMINDER, use_by=london("2026-11-25 07:30"))
        assert claim(db, day) == []
    with time_machine.travel(london(MORNING), tick=False):
        assert claim(db, day) == []
    assert inbox(db) == ["too-late"]


def test_putting_a_night_of_texts_off_until_morning_is_one_statement(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    day = with_changes(settings, send_window="08:00-20:00")
    with time_machine.travel(london("2026-11-24 21:00"), tick=False):
        for _ in range(20):
            queue_kind(db, settings, practice, alice, Kind.OUTREACH)
        statements: list[str] = []

        def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
            statements.append(sql)

        event.listen(db.engine, "before_cursor_execute", note)
        assert claim(db, day) == []
        event.remove(db.engine, "before_cursor_execute", note)
    assert len([sql for sql in statements if sql.startswith("UPDATE message")]) <= 2
    with db.read() as session:
        waits = set(session.exec(select(col(Message.not_before))))
    assert waits == {london("2026-11-25 08:00")}


WIDENED = [
    ("2026-11-24 21:40", {"send_window": "08:00-22:00"}),  # open later in the evening
    ("2026-11-24 05:10", {"send_window": "05:00-20:00"}),  # open earlier in the morning
    ("2026-11-29 12:00", {"send_days": "all"}),  # a Sunday
    ("2026-12-25 12:00", {"send_days": "all"}),  # a bank holiday
    ("2026-10-25 20:30", {"send_window": "08:00-22:00", "send_days": "all"}),  # the clocks went back that night
    ("2027-03-27 23:30", {"send_window": "00:00-24:00"}),  # they go forward in that night
]


@pytest.mark.parametrize(("closed", "changes"), WIDENED)
def test_a_wider_window_lets_go_what_waits_already(
    db: Database, day: Settings, practice: Practice, alice: Patient, closed: str, changes: dict[str, str]
) -> None:
    wider = with_changes(day, **changes)
    with time_machine.travel(london(closed), tick=False) as clock:
        invitation = queue_kind(db, day, practice, alice, Kind.OUTREACH)
        assert claim(db, day) == []
        assert not anything_due(db, day, utc_now())
        clock.shift(60)
        assert anything_due(db, wider, utc_now())
        assert claim_one(db, wider).message_id == invitation.id


NARROWED = [
    ("2026-11-24 12:00", {"send_window": "08:00-11:00"}, "2026-11-25 08:00"),
    ("2026-11-24 12:00", {"send_window": "14:00-20:00"}, "2026-11-24 14:00"),
    ("2026-11-28 12:00", {"send_days": "mon-fri"}, "2026-11-30 08:00"),  # a Saturday
    ("2026-10-24 12:00", {"send_window": "09:00-11:00", "send_days": "all"}, "2026-10-25 09:00"),  # clocks go back
    ("2027-03-27 12:00", {"send_window": "09:00-11:00", "send_days": "all"}, "2027-03-28 09:00"),  # and forward
]


@pytest.mark.parametrize(("now", "changes", "opens"), NARROWED)
def test_a_narrower_window_keeps_back_what_was_queued_before(
    db: Database, day: Settings, practice: Practice, alice: Patient, now: str, changes: dict[str, str], opens: str
) -> None:
    narrower = with_changes(day, **changes)
    with time_machine.travel(london(now), tick=False):
        invitation = queue_kind(db, day, practice, alice, Kind.OUTREACH)
        assert claim(db, narrower) == []
    with time_machine.travel(london(opens).timestamp() - 60, tick=False):
        assert claim(db, narrower) == []
    with time_machine.travel(london(opens), tick=False):
        assert claim_one(db, narrower).message_id == invitation.id


def test_what_waits_for_an_opening_that_is_none_any_more_waits_for_the_next(
    db: Database, day: Settings, practice: Practice, alice: Patient
) -> None:
    later = with_changes(day, send_window="10:00-20:00")
    with time_machine.travel(london(EVENING), tick=False):
        invitation = queue_kind(db, day, practice, alice, Kind.OUTREACH)
        assert claim(db, day) == []
    with time_machine.travel(london(MORNING), tick=False):
        assert claim(db, later) == []
    assert reload(db, invitation).not_before == london("2026-11-25 10:00")


def test_a_text_that_waits_for_its_second_try_is_not_hurried_by_an_open_window(
    db: Database, day: Settings, practice: Practice, alice: Patient
) -> None:
    wider = with_changes(day, send_window="00:00-24:00", send_days="all")
    with time_machine.travel(london(EVENING), tick=False) as clock:
        invitation = queue_kind(db, day, practice, alice, Kind.OUTREACH)
        claim(db, day)
        clock.shift(60)
        end(db, claim_one(db, wider), Outcome.REFUSED, error_code=20429)
        assert reload(db, invitation).state == State.QUEUED
        assert claim(db, wider) == []


def test_a_wider_window_hurries_no_text_that_still_has_to_wait(
    db: Database, day: Settings, practice: Practice, alice: Patient
) -> None:
    wider = with_changes(day, send_window="08:00-22:00")
    with time_machine.travel(london("2026-11-29 21:00"), tick=False) as clock:  # a Sunday
        queue_kind(db, day, practice, alice, Kind.OUTREACH)
        reminder = queue_kind(db, day, practice, alice, Kind.REMINDER)
        assert claim(db, day) == []
        clock.shift(60)
        assert claim_one(db, wider).message_id == reminder.id
