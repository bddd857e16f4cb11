"""Dates as lists write them: always day first, as in England; of an instant the day in London. Pure."""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.clock import LONDON
from bot.lists.reading.table import EPOCH_1900
from bot.patients.cells import plain_digits, shown

OLDEST_YEARS = 130
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = {word: number for number, name in enumerate(_MONTH_NAMES, 1) for word in (name, name[:3])} | {"sept": 9}
_TIME = re.compile(
    r"(?:T|\s+)(\d{1,2}:\d{2})(?::\d{2}(?:[.,]\d+)?)?(?:\s*([ap]m))?(?:\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?$", re.I
)
_USUAL = re.compile(r"(\d\d)/(\d\d)/(\d{4})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})")
_NAMED_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s/.\-]*([a-z]{3,9})\.?,?[\s/.\-]*(\d{4}|\d{2})", re.I)
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})")
_YEAR_FIRST_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{4,5})(?:\.\d+)?")
_YEARS = range(1880, 2100)  # four digits that are rather a year than a day


class DateReading(NamedTuple):
    """`value`, or None with the `code` and a sentence; `fixed` names how an incomplete date was read."""

    value: date | None
    code: str | None = None
    message: str = ""
    fixed: str | None = None


def read_birth_date(cell: str, today: date, epoch: date = EPOCH_1900) -> DateReading:
    """Read a date of birth.

    A year of two digits is the latest that is not in the future.

    :param today: the date in England; nobody is born after it, or more than 130 years before it.
    :param epoch: the day from which the list's day numbers count.
    """
    if not cell:
        return DateReading(None, "birth-date-missing", "There is no date of birth.")
    reading = read_date(cell, today, epoch)
    if reading.value is None:
        return reading
    if reading.value > today:
        return DateReading(None, "birth-date-future", f"{shown(cell)} is in the future.")
    if reading.value < years_before(today, OLDEST_YEARS):
        return DateReading(None, "birth-date-too-old", f"{shown(cell)} is more than {OLDEST_YEARS} years ago.")
    return reading


def read_date(cell: str, today: date, epoch: date = EPOCH_1900) -> DateReading:
    """Read a date in one of the shapes that lists use, day first.

    A time after it is left out, unless it has a zone: then the date is that of the instant in London.
    """
    if usual := _USUAL.fullmatch(cell):
        return _make(cell, int(usual[3]), int(usual[2]), int(usual[1]))
    text = plain_digits(cell)
    time = _TIME.search(text)
    if time is None:
        return _read_day(cell, text.strip(), today, epoch)
    reading = _read_day(cell, text[: time.start()].strip(), today, epoch)
    zone = time[3]
    return reading._replace(value=_in_london(reading.value, time[1], time[2], zone)) if zone else reading


def _in_london(day: date | None, clock: str, half: str | None, zone: str) -> date | None:
    if day is None:
        return None
    offset = "+00:00" if zone[0] not in "+-" else f"{zone[:3]}:{zone[-2:] if len(zone) > 3 else '00'}"
    hours, minutes = map(int, clock.split(":"))
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return datetime.fromisoformat(f"{day.isoformat()}T{hours:02}:{minutes:02}{offset}").astimezone(LONDON).date()
    except (ValueError, OverflowError):
        return day


def _read_day(cell: str, text: str, today: date, epoch: date) -> DateReading:
    if match := _YEAR_FIRST.fullmatch(text) or _YEAR_FIRST_PLAIN.fullmatch(text):
        year, month, day = map(int, match.groups())
        return _make(cell, year, month, day)
    if match := _DAY_FIRST.fullmatch(text):
        return _with_year(cell, match[3], int(match[2]), int(match[1]), today)
    if match := _NAMED_MONTH.fullmatch(text):
        return _with_year(cell, match[3], _month(match[2]), int(match[1]), today)
    if (match := _SERIAL.fullmatch(text)) and _is_day_number(match[1], epoch):
        value = epoch + timedelta(days=int(match[1]))
        return DateReading(value, fixed="spreadsheet-day", message=_read_as(cell, value))
    return _not_a_date(cell)


def _is_day_number(digits: str, epoch: date) -> bool:
    """Counted from 1904, people over 90 were born on a day of four digits; counted from 1900, nobody alive was."""
    return len(digits) == 5 or (epoch != EPOCH_1900 and int(digits) not in _YEARS)


def years_before(day: date, years: int) -> date:
    """The same day that many years earlier; 1 March where 29 February does not exist."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def _month(word: str) -> int:
    return _MONTHS.get(word.lower(), 0)


def _with_year(cell: str, year: str, month: int, day: int, today: date) -> DateReading:
    if len(year) == 4:
        return _make(cell, int(year), month, day)
    this_century = _make(cell, today.year // 100 * 100 + int(year), month, day)
    if this_century.value is not None and this_century.value <= today:
        value = this_century.value
    else:
        last_century = _make(cell, today.year // 100 * 100 - 100 + int(year), month, day)
        if last_century.value is None:
            return last_century
        value = last_century.value
    return DateReading(value, fixed="two-digit-year", message=_read_as(cell, value))


def _make(cell: str, year: int, month: int, day: int) -> DateReading:
    try:
        return DateReading(date(year, month, day))
    except ValueError:
        return _not_a_date(cell)


def _read_as(cell: str, value: date) -> str:
    return f"{shown(cell)} was read as {value.day} {_MONTH_NAMES[value.month - 1].title()} {value.year}."


def _not_a_date(cell: str) -> DateReading:
    return DateReading(None, "not-a-date", f"{shown(cell)} is not a date. Day first, please: 25/12/1990.")
