"""A calendar's file, read back by the rules of RFC 5545."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.appointments.calendars.calendars import Event, write_calendar
from tests.appointments.reading_calendars import read_calendar

LONDON = ZoneInfo("Europe/London")
EVENT = Event(
    uid="K4M927T7@texts.example.org",
    sequence=2,
    changed_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    starts=datetime(2026, 7, 1, 9, tzinfo=UTC),
    ends=datetime(2026, 7, 1, 9, 20, tzinfo=UTC),
    title="Urdu, in person, 20 minutes",
    place="Station House, 12 Station Road",
)


def test_a_summer_visit_stands_at_its_time_on_the_wall() -> None:
    written = write_calendar("Interpreting", [EVENT]).decode()
    assert "DTSTART;TZID=Europe/London:20260701T100000\r\n" in written
    assert "LOCATION:Station House\\, 12 Station Road\r\n" in written
    assert written.count("BEGIN:VTIMEZONE") == 1
    assert "RDATE" not in written
    assert "METHOD" not in written


def test_the_zone_has_two_rules_that_outlook_reads() -> None:
    written = write_calendar("Interpreting", []).decode()
    rules = [set(line[6:].split(";")) for line in written.splitlines() if line.startswith("RRULE:")]
    assert rules == [{"FREQ=YEARLY", f"BYMONTH={month}", "BYDAY=-1SU"} for month in (10, 3)]


def test_what_will_not_take_place_says_so_and_takes_no_time() -> None:
    [event] = read_calendar(write_calendar("a", [Event(**{**vars(EVENT), "off": True})]))
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CANCELLED", "TRANSPARENT", "2")


def test_the_second_half_past_one_in_october_is_not_the_first() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    events = [
        Event(**{**vars(EVENT), "starts": start, "ends": start + timedelta(minutes=20)})
        for start in (first, first + timedelta(hours=1))
    ]
    assert [event["starts"] for event in read_calendar(write_calendar("a", events))] == [
        first,
        first + timedelta(hours=1),
    ]


@pytest.mark.parametrize(
    "words", ["a;b,c\\d", "two\nlines", "two\r\nlines", "پنجابی " * 30, "😀" * 40, "BEGIN:VEVENT\r\nX:1"]
)
def test_words_come_back_as_they_were_and_no_line_is_too_long(words: str) -> None:
    written = write_calendar("a", [Event(**{**vars(EVENT), "words": words})])
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    [event] = read_calendar(written)
    assert event["DESCRIPTION"] == words.replace("\r\n", "\n")


@given(st.text(), st.text())
def test_whatever_stands_in_it_makes_no_line_of_its_own(title: str, place: str) -> None:
    written = write_calendar(title, [Event(**{**vars(EVENT), "title": title, "place": place})])
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    [event] = read_calendar(written)
    assert event["UID"] == EVENT.uid


def test_the_same_events_make_the_same_octets() -> None:
    assert write_calendar("a", [EVENT]) == write_calendar("a", [EVENT])
