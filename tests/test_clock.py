"""The sending window by the wall clock of London, over bank holidays and the nights when clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.clock import LONDON, in_window, is_bank_holiday, is_sending_day, london_today, next_opening, utc_now
from bot.settings import Settings


def window(times: str = "08:00-20:00", days: str = "mon-sat") -> Settings:
    return Settings(secret_key="a-long-secret-for-tests-of-no-value", send_window=times, send_days=days)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def test_the_present_moment_is_aware_and_in_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_the_day_in_england_changes_at_midnight_of_its_own_clock() -> None:
    with time_machine.travel("2026-07-01T23:30:00Z", tick=False):
        assert london_today() == date(2026, 7, 2)
    with time_machine.travel("2026-12-01T23:30:00Z", tick=False):
        assert london_today() == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24 07:59", False),
        ("2026-11-24 08:00", True),
        ("2026-11-24 19:59", True),
        ("2026-11-24 20:00", False),
        ("2026-07-01 08:00", True),
        ("2026-07-01 20:00", False),
    ],
)
def test_the_window_is_by_the_wall_clock_in_summer_and_winter(moment: str, is_open: bool) -> None:
    assert in_window(london(moment).astimezone(UTC), window(), outreach=False) is is_open


def test_a_window_until_midnight_is_open_all_evening() -> None:
    assert in_window(london("2026-11-24 23:59"), window("08:00-24:00"), outreach=False)


BANK_HOLIDAYS = [date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)]


@pytest.mark.parametrize("day", BANK_HOLIDAYS)
def test_bank_holidays_of_england_are_known(day: date) -> None:
    assert is_bank_holiday(day)
    assert not is_sending_day(day, window(days="mon-sun"))
    assert is_sending_day(day, window(days="all"))


def test_a_bank_holiday_of_scotland_alone_is_a_sending_day() -> None:
    assert is_sending_day(date(2026, 11, 30), window())


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-10-24 21:00", "2026-10-25 08:00"),  # the clocks go back in the night
        ("2027-03-27 21:00", "2027-03-28 08:00"),  # the clocks go forward in the night
        ("2026-12-31 21:00", "2027-01-01 08:00"),
    ],
)
def test_the_morning_comes_at_eight_by_the_wall_clock_whatever_the_clocks_did(moment: str, opening: str) -> None:
    found = next_opening(london(moment), window(), outreach=False)
    assert (found, found.utcoffset()) == (london(opening), timedelta(0))


def test_an_hour_that_does_not_exist_opens_nothing_that_night() -> None:
    found = next_opening(london("2027-03-28 00:30"), window("01:00-01:45", "all"), outreach=False)
    assert found == london("2027-03-29 01:00")


def test_an_hour_that_comes_twice_opens_twice() -> None:
    first_pass = london("2026-10-25 00:30")
    opening = next_opening(first_pass, window("01:30-02:00", "all"), outreach=False)
    assert opening == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    between = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert next_opening(between, window("01:30-02:00", "all"), outreach=False) == between + timedelta(minutes=20)


@pytest.mark.parametrize("days", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
def test_one_sending_day_a_week_is_enough_even_over_christmas_and_easter(days: str) -> None:
    settings = window(days=days)
    for start in (date(2026, 12, 10), date(2011, 4, 15), date(2029, 12, 10)):
        for ahead in range(30):
            moment = datetime(start.year, start.month, start.day, 21, tzinfo=UTC) + timedelta(days=ahead)
            assert next_opening(moment, settings, outreach=True) > moment


FIRST = datetime(2026, 10, 20, tzinfo=UTC)
MOMENTS = st.integers(0, 170 * 24 * 60 * 60).map(lambda seconds: FIRST + timedelta(seconds=seconds))
MINUTES = st.tuples(st.integers(0, 1438), st.integers(1, 1440)).filter(lambda pair: pair[0] < pair[1])


@hypothesis_settings(max_examples=80, deadline=None)
@given(moment=MOMENTS, minutes=MINUTES, outreach=st.booleans(), days=st.sampled_from(["all", "mon-sat", "tue,thu"]))
def test_the_next_opening_is_the_first_moment_at_which_the_window_is_open(
    moment: datetime, minutes: tuple[int, int], outreach: bool, days: str
) -> None:
    times = "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes)
    settings = window(times, days)
    opening = next_opening(moment, settings, outreach=outreach)
    assert opening >= moment
    assert in_window(opening, settings, outreach=outreach)
    start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    closed = range(0, min(int((opening - start).total_seconds() // 60), 3000), 7)
    assert not any(in_window(start + timedelta(minutes=step), settings, outreach=outreach) for step in closed)
