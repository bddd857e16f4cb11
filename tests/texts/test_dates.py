"""Dates have weekday, day, month in words and year; times are written as each reader is used to."""

import re
from datetime import date, time, timedelta

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.dates_in_words import WEEKDAYS, format_date, format_day, format_time
from bot.texts.languages import LANGUAGES, WORDED

THURSDAY = date(2026, 12, 3)
YEAR_FIRST = {"hu"}


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
        ("hu", "2026. december 3., csütörtök"),
        ("sk", "štvrtok 3. decembra 2026"),
        ("bg", "четвъртък, 3 декември 2026 г."),
        ("es", "jueves, 3 de diciembre de 2026"),
        ("gu", "ગુરુવાર, 3 ડિસેમ્બર 2026"),
        ("ta", "வியாழன், 3 டிசம்பர் 2026"),
        ("pa-Arab", "جمعرات، 3 دسمبر 2026"),
        ("ps", "پنجشنبه، 3 دسمبر 2026"),
        ("ti", "ሓሙስ፡ 3 ታሕሳስ 2026"),
        ("ckb", "پێنجشەممە، 3ی مانگی 12ی 2026"),
        ("kmr", "pêncşem, 3ê meha 12, 2026"),
        ("zh-Hans", "2026年12月3日 星期四"),
    ],
)
def test_a_date_is_in_words_in_every_language(tag: str, written: str) -> None:
    assert format_date(THURSDAY, tag) == written


MONTH_AND_ITS_NUMBER = {"ckb": "مانگی {}", "kmr": "meha {}", "zh-Hans": "{}月"}
"""Where people call the months by number, the word for month stands beside it."""
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2099, 12, 31))


@given(st.sampled_from([tag for tag in WORDED if tag not in MONTH_AND_ITS_NUMBER]), DAYS)
def test_a_date_has_the_weekday_and_month_of_cldr_and_western_digits(tag: str, day: date) -> None:
    written = format_date(day, tag)
    locale = Locale.parse(LANGUAGES[tag].folder)
    assert WEEKDAYS.get(tag, locale.days["format"]["wide"])[day.weekday()] in written
    assert locale.months["format"]["wide"][day.month] in written
    in_order = f"{day.year}{day.day}" if tag in YEAR_FIRST else f"{day.day}{day.year}"
    assert [char for char in written if char.isdigit()] == list(in_order)


@given(st.sampled_from(sorted(MONTH_AND_ITS_NUMBER)), DAYS)
def test_a_month_called_by_its_number_has_the_word_for_month_beside_it(tag: str, day: date) -> None:
    month = MONTH_AND_ITS_NUMBER[tag].format(day.month)
    for written in (format_date(day, tag), format_day(day, tag)):
        assert Locale.parse(LANGUAGES[tag].folder).days["format"]["wide"][day.weekday()] in written
        assert month in written
    order = [day.year, day.month, day.day] if tag == "zh-Hans" else [day.day, day.month, day.year]
    assert [int(number) for number in re.findall("[0-9]+", format_date(day, tag))] == order


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
        ("hu", "december 3., csütörtök"),
        ("sk", "štvrtok 3. decembra"),
        ("bg", "четвъртък, 3 декември"),
        ("es", "jueves, 3 de diciembre"),
        ("gu", "ગુરુવાર, 3 ડિસેમ્બર"),
        ("ta", "வியாழன், 3 டிசம்பர்"),
        ("pa-Arab", "جمعرات، 3 دسمبر"),
        ("ps", "پنجشنبه، 3 دسمبر"),
        ("ti", "ሓሙስ፡ 3 ታሕሳስ"),
        ("ckb", "پێنجشەممە، 3ی مانگی 12"),
        ("kmr", "pêncşem, 3ê meha 12"),
        ("zh-Hans", "12月3日 星期四"),
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
    with pytest.raises(ValueError, match="language am"):
        format_date(THURSDAY, "am")
