"""When a text may go: at once, in the window, or on sending days (Europe/London)."""

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.policy import AT_ONCE_FOR
from bot.settings import Settings
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.factories import queue_staff_text
from tests.messaging.helpers import (
    claim,
    claim_one,
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
