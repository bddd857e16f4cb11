"""Sessions: slots for twelve weeks at once, none twice, and what happens when hours change."""

from datetime import date, time
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from bot.appointments.timetable.sessions import overlap
from bot.appointments.timetable.slot_commands import sessions
from bot.appointments.timetable.slots import make_slots
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import ClinicSession, Slot, Visit
from bot.tables.organisations import Practice
from tests.appointments.conftest import Ask
from tests.appointments.test_making import rota
from tests.appointments.world import (
    TOMORROW,
    make_clinic,
    make_clinician,
    make_session,
    put_visit,
    slots_of,
)
from tests.factories import make_patient, make_practice

MONDAYS = ("--days", "mon", "--from", "09:00", "--to", "12:00", "--start", "2026-11-30")


def added(ask: Ask, *more: str) -> Any:
    (said,) = ask(sessions, "add", "--clinic", "GENERAL", "--clinician", "KHAN", *MONDAYS, *more)
    return said


def refusal(ask: Ask, *more: str) -> str:
    with pytest.raises(Refused) as caught:
        added(ask, *more)
    assert caught.value.message.count(".") <= 2
    return caught.value.code


@pytest.fixture
def clinic(db: Database, practice: Practice) -> Any:
    make_clinician(db, practice, "KHAN")
    return make_clinic(db, practice, "GENERAL")


def test_a_session_has_its_slots_for_twelve_weeks_at_once(ask: Ask, clinic: Any):
    # 11 Mondays up to 16 February, less 28 December, the substitute for Boxing Day.
    said = added(ask)
    assert said["slots"] == 11 * 18
    assert set(said) == {"session", "slots"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--from", "12:00"), "bad-session"),
        (("--from", "13:00"), "bad-session"),
        (("--from", "09:03", "--to", "09:23"), "bad-session"),
        (("--from", "09:05"), "does-not-fit"),
        (("--from", "nine"), "bad-time"),
        (("--days", "mon,funday"), "bad-days"),
        (("--days", ""), "bad-days"),
        (("--start", "2026-11-23"), "past"),
        (("--start", "soon"), "bad-date"),
        (("--until", "2026-11-29"), "bad-session"),
        (("--start", "2026-12-01", "--until", "2026-12-02"), "bad-session"),
        (("--every", "0"), "bad-session"),
        (("--clinic", "NOWHERE"), "unknown-clinic"),
        (("--clinician", "NOBODY"), "unknown-clinician"),
    ],
)
def test_a_session_that_cannot_be_is_refused_and_nothing_is_stored(
    ask: Ask, db: Database, clinic: Any, more: tuple[str, ...], code: str
):
    assert refusal(ask, *more) == code
    with db.read() as session:
        assert session.exec(select(ClinicSession)).all() == []
        assert session.exec(select(Slot)).all() == []


def test_today_counts_while_the_session_goes_on(ask: Ask, clinic: Any):
    today = ("--days", "tue", "--start", "2026-11-24", "--until", "2026-11-24")
    with time_machine.travel("2026-11-24T12:30:00Z"):
        assert refusal(ask, *today) == "bad-session"
    with time_machine.travel("2026-11-24T11:00:00Z"):
        assert added(ask, *today)["slots"] == 5


def test_a_clinician_of_another_practice_is_refused(ask: Ask, db: Database, clinic: Any):
    make_clinician(db, make_practice(db, "BRIDGE"), "OTHER")
    assert refusal(ask, "--clinician", "OTHER") == "another-practice"


def test_sessions_of_one_clinician_may_not_overlap_in_any_clinic(
    ask: Ask, db: Database, practice: Practice, clinic: Any
):
    added(ask)
    make_clinic(db, practice, "SECOND")
    assert refusal(ask, "--clinic", "SECOND", "--from", "11:50", "--to", "13:00") == "overlaps"
    assert added(ask, "--clinic", "SECOND", "--from", "12:00", "--to", "13:00")["slots"] == 11 * 6


def test_sessions_of_alternating_weeks_do_not_overlap():
    one, other = rota(every=2, starts_on=date(2026, 11, 30)), rota(every=2, starts_on=date(2026, 12, 7))
    assert not overlap(one, other)
    assert overlap(one, rota(every=3, starts_on=date(2026, 12, 7)))
    assert not overlap(one, rota(every=3, starts_on=date(2026, 12, 7), until=date(2026, 12, 10)))
    assert not overlap(rota(until=date(2026, 3, 1)), rota(starts_on=date(2026, 3, 2)))


def test_an_event_has_places_and_no_clinician(ask: Ask, db: Database, practice: Practice, clinic: Any):
    make_clinic(db, practice, "OPEN-DAY", purpose="event", places=20, slot_minutes=180)
    assert refusal(ask, "--clinic", "OPEN-DAY") == "event-has-none"
    (said,) = ask(sessions, "add", "--clinic", "OPEN-DAY", *MONDAYS, "--until", "2026-11-30")
    assert said["slots"] == 1
    with pytest.raises(Refused, match="Say which clinician"):
        ask(sessions, "add", "--clinic", "GENERAL", *MONDAYS)


def test_a_session_that_is_over_has_no_free_slot_and_its_visits_are_to_be_moved(
    ask: Ask, db: Database, settings: Settings, practice: Practice, clinic: Any
):
    number = added(ask)["session"]
    visit = put_visit(db, slots_of(db, clinic)[4], make_patient(db, practice))
    assert ask(sessions, "end", str(number)) == [{"session": number, "slots": 0, "withdrawn": 198, "to_move": 1}]
    assert slots_of(db, clinic) == []
    assert make_slots(db, settings).made == 0
    with db.read() as session:
        assert session.get_one(Visit, visit.id).to_move_since is not None


def test_a_session_with_a_last_day_keeps_its_slots_until_then(ask: Ask, db: Database, clinic: Any):
    number = added(ask)["session"]
    ask(sessions, "end", str(number), "--after", "2026-12-07")
    assert len(slots_of(db, clinic)) == 36
    with pytest.raises(Refused, match="is past"):
        ask(sessions, "end", str(number), "--after", "2026-11-01")


def test_changed_hours_touch_free_slots_at_once(ask: Ask, db: Database, practice: Practice, clinic: Any):
    number = added(ask, "--until", "2026-11-30")["session"]
    early, late = slots_of(db, clinic)[0], slots_of(db, clinic)[12]
    kept, lost = (put_visit(db, slot, make_patient(db, practice)) for slot in (late, early))
    hours = ("--days", "mon", "--from", "10:00", "--to", "13:00", "--start", "2026-11-30", "--until", "2026-11-30")
    (said,) = ask(sessions, "change", str(number), *hours)
    assert said == {"session": number, "slots": 6, "withdrawn": 6, "to_move": 1}
    assert [slot.id for slot in slots_of(db, clinic)].count(late.id) == 1
    with db.read() as session:
        assert session.get_one(Visit, kept.id).to_move_since is None
        assert session.get_one(Visit, lost.id).to_move_since is not None


def test_a_session_cannot_be_changed_into_one_that_overlaps(ask: Ask, db: Database, clinic: Any):
    added(ask)
    number = added(ask, "--from", "13:00", "--to", "15:00")["session"]
    hours = ("--days", "mon", "--from", "11:00", "--to", "15:00", "--start", "2026-11-30")
    with pytest.raises(Refused, match="overlaps session"):
        ask(sessions, "change", str(number), *hours)
    with db.read() as session:
        assert session.get_one(ClinicSession, number).opens == time(13)
    assert len(slots_of(db, clinic)) == 11 * (18 + 12)


def test_where_somebody_is_booked_no_other_slot_is_made_until_the_visit_is_moved(
    ask: Ask, db: Database, settings: Settings, practice: Practice, clinic: Any
):
    number = added(ask, "--until", "2026-11-30")["session"]
    visit = put_visit(db, slots_of(db, clinic)[0], make_patient(db, practice))
    ask(sessions, "end", str(number))
    assert added(ask, "--until", "2026-11-30")["slots"] == 17
    assert make_slots(db, settings).left_out["in-use"] == 1
    with db.write() as session:
        session.get_one(Visit, visit.id).state = "cancelled"
    assert make_slots(db, settings).made == 1


def test_slots_of_a_session_are_made_once(db: Database, settings: Settings, practice: Practice):
    make_session(db, make_clinic(db, practice), starts_on=TOMORROW)
    first, second = (make_slots(db, settings) for _ in range(2))
    assert (first.made, second.made) == (0, 0)
    assert set(first.left_out) == {"bank-holiday", "closure", "no-such-time", "in-use"}


def test_sessions_are_listed_until_they_are_over(ask: Ask, db: Database, clinic: Any):
    number = added(ask, "--days", "mon,sat", "--every", "2", "--until", "2027-01-30")["session"]
    assert ask(sessions, "list", "--clinic", "GENERAL") == [
        {
            "session": number,
            "clinic": "GENERAL",
            "clinician": "KHAN",
            "days": "mon,sat",
            "from": "09:00",
            "to": "12:00",
            "start": "2026-11-30",
            "until": "2027-01-30",
            "every": 2,
        }
    ]
    ask(sessions, "end", str(number))
    assert ask(sessions, "list", "--clinic", "GENERAL") == []
