from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lists.judging.dates import read_birth_date, read_date, years_before

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "written",
    [
        *("25/12/1990", "25-12-1990", "25.12.1990", "25 12 1990", "25-Dec-1990", "25 Dec 1990", "25 December 1990"),
        *("25th December, 1990", "25dec1990", "1990-12-25", "1990/12/25", "19901225", "25/12/1990 00:00"),
        *("1990-12-25T00:00:00Z", "1990-12-25 10:30:00.000", "25/12/1990 9:15 PM"),
    ],
)
def test_the_usual_shapes_are_simply_read(written: str) -> None:
    reading = read_birth_date(written, TODAY)
    assert reading.value == date(1990, 12, 25)
    assert reading.fixed is None


def test_the_day_always_comes_first() -> None:
    assert read_birth_date("03/04/1985", TODAY).value == date(1985, 4, 3)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("25/12/90", date(1990, 12, 25)),
        ("25/12/30", date(1930, 12, 25)),
        ("23/11/26", TODAY),
        ("29/02/00", date(2000, 2, 29)),
    ],
)
def test_a_year_of_two_digits_is_the_latest_that_is_not_in_the_future(written: str, value: date) -> None:
    reading = read_birth_date(written, TODAY)
    assert (reading.value, reading.fixed) == (value, "two-digit-year")


def test_a_spreadsheets_day_number_is_turned_into_its_date_and_said() -> None:
    reading = read_birth_date("33232", TODAY)
    assert (reading.value, reading.fixed) == (date(1990, 12, 25), "spreadsheet-day")
    assert reading.message == "33232 was read as 25 December 1990."
    assert read_date("46115.5", TODAY).value == date(2026, 4, 3)


@pytest.mark.parametrize(
    "written", ["13/25/1990", "31/02/2000", "29/02/1900", "1985", "1 Foo 1990", "yes", "250390", "0/0/0"]
)
def test_what_is_no_date_says_how_to_write_one(written: str) -> None:
    reading = read_birth_date(written, TODAY)
    assert reading.code == "not-a-date"
    assert reading.message == f"{written} is not a date. Day first, please: 25/12/1990."


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "birth-date-missing"),
        ("24/11/2026", "birth-date-future"),
        ("99999", "birth-date-future"),
        ("22/11/1896", "birth-date-too-old"),
    ],
)
def test_a_date_on_which_nobody_alive_was_born_is_refused(written: str, code: str) -> None:
    assert read_birth_date(written, TODAY).code == code


def test_somebody_of_130_and_somebody_born_today_are_believed() -> None:
    assert read_birth_date("23/11/1896", TODAY).value is not None
    assert read_birth_date("23/11/2026", TODAY).value == TODAY


def test_years_before_a_leap_day_fall_on_the_first_of_march() -> None:
    assert years_before(date(2028, 2, 29), 130) == date(1898, 3, 1)
    assert years_before(date(2028, 2, 29), 16) == date(2012, 2, 29)


@given(st.dates(date(1900, 1, 1), TODAY))
def test_every_date_is_read_back_from_each_shape(day: date) -> None:
    for shape in ("%d/%m/%Y", "%d-%b-%Y", "%d %B %Y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y %H:%M"):
        assert read_birth_date(day.strftime(shape), TODAY).value == day


@given(st.one_of(st.text(), st.from_regex(r"[0-9]{1,8}[/.\- ][0-9a-zA-Z]{1,9}[/.\- ][0-9]{1,5}", fullmatch=True)))
def test_any_text_gives_a_date_or_a_reason(text: str) -> None:
    reading = read_birth_date(text, TODAY)
    assert (reading.value is None) == (reading.code is not None)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        *(("1985-06-14T23:00:00.000Z", date(1985, 6, 15)), ("1985-06-14T23:00:00+00:00", date(1985, 6, 15))),
        *(("1985-06-15T00:00:00+01:00", date(1985, 6, 15)), ("1985-06-14T22:59:59Z", date(1985, 6, 14))),
        *(("1985-12-14T23:59Z", date(1985, 12, 14)), ("1985-12-14T23:30:00-0500", date(1985, 12, 15))),
        *(("1970-01-14T23:00:00Z", date(1970, 1, 15)), ("14/06/1985 11:30 PM UTC", date(1985, 6, 15))),
        *(("1985-06-14 23:00:00", date(1985, 6, 14)), ("14 June 1985 23:00 GMT", date(1985, 6, 15))),
        *(("1985-06-14T99:00Z", date(1985, 6, 14)), ("1985-06-15T00:30:00+05", date(1985, 6, 14))),
    ],
)
def test_of_an_instant_the_day_in_london_counts(written: str, day: date) -> None:
    assert read_date(written, TODAY).value == day
