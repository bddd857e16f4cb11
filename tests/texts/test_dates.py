"""Dates have weekday, day, month in words and year; times are written as each reader is used to."""

from datetime import date, time, timedelta

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.dates_in_words import format_date, format_day, format_time
from bot.texts.languages import LANGUAGES, WORDED

THURSDAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("en", "Thursday 3 December 2026"),
        ("pl", "czwartek, 3 grudnia 2026"),
        ("ro", "joi, 3 decembrie 2026"),
        ("ur", "جمعرات، 3 دسمبر 2026"),
        ("pa-Guru", "ਵੀਰਵਾਰ, 3 ਦਸੰਬਰ 2026"),
        ("bn", "বৃহস্পতিবার, 3 ডিসেম্বর 2026"),
        ("ar", "الخميس، 3 ديسمبر 2026"),
        ("so", "Khamiis, 3 Diseembar 2026"),
        ("ru", "четверг, 3 декабря 2026 года"),
        ("uk", "четвер, 3 грудня 2026 року"),
        ("fa", "پنجشنبه 3 دسامبر 2026"),
        ("tr", "3 Aralık 2026 Perşembe"),
        ("pt", "quinta-feira, 3 de dezembro de 2026"),
    ],
)
def test_a_date_is_in_words_in_every_language(tag: str, written: str) -> None:
    assert format_date(THURSDAY, tag) == written


@given(st.sampled_from(WORDED), st.dates(min_value=date(2020, 1, 1), max_value=date(2099, 12, 31)))
def test_a_date_has_the_weekday_and_month_of_cldr_and_western_digits(tag: str, day: date) -> None:
    written = format_date(day, tag)
    locale = Locale.parse(LANGUAGES[tag].folder)
    assert locale.days["format"]["wide"][day.weekday()] in written
    assert locale.months["format"]["wide"][day.month] in written
    assert [char for char in written if char.isdigit()] == list(f"{day.day}{day.year}")


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("en", "Thursday 3 December"),
        ("pl", "czwartek, 3 grudnia"),
        ("ro", "joi, 3 decembrie"),
        ("ur", "جمعرات، 3 دسمبر"),
        ("pa-Guru", "ਵੀਰਵਾਰ, 3 ਦਸੰਬਰ"),
        ("bn", "বৃহস্পতিবার, 3 ডিসেম্বর"),
        ("ar", "الخميس، 3 ديسمبر"),
        ("so", "Khamiis, 3 Diseembar"),
        ("ru", "четверг, 3 декабря"),
        ("uk", "четвер, 3 грудня"),
        ("fa", "پنجشنبه 3 دسامبر"),
        ("tr", "3 Aralık Perşembe"),
        ("pt", "quinta-feira, 3 de dezembro"),
    ],
)
def test_a_day_of_the_next_weeks_has_no_year(tag: str, written: str) -> None:
    assert format_day(THURSDAY, tag) == written


def test_a_month_without_its_year_stands_alone_in_persian() -> None:
    day = date(2026, 1, 14)
    assert (format_day(day, "fa"), format_date(day, "fa")) == ("چهارشنبه 14 ژانویه", "چهارشنبه 14 ژانویهٔ 2026")


@pytest.mark.parametrize("tag", WORDED)
def test_every_day_of_a_year_reads_differently(tag: str) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert len({format_date(day, tag) for day in days}) == 365
    assert len({format_day(day, tag) for day in days}) == 365


@pytest.mark.parametrize(
    ("clock", "english", "polish"),
    [
        (time(9, 0), "9am", "9:00"),
        (time(10, 30), "10:30am", "10:30"),
        (time(12, 0), "midday", "12:00"),
        (time(0, 0), "midnight", "0:00"),
        (time(12, 5), "12:05pm", "12:05"),
        (time(0, 5), "12:05am", "0:05"),
        (time(17, 45), "5:45pm", "17:45"),
    ],
)
def test_a_time_is_as_the_nhs_writes_it_in_english_and_24_hours_elsewhere(
    clock: time, english: str, polish: str
) -> None:
    assert format_time(clock, "en") == english
    assert format_time(clock, "pl") == polish


def test_a_language_without_a_pattern_is_refused_rather_than_guessed() -> None:
    with pytest.raises(ValueError, match="language ckb"):
        format_date(THURSDAY, "ckb")
