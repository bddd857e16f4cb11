"""When a visit is, as reports write it: a day, a time, both in one cell; how long it takes. Pure.

Days and times are the wall clock's in London, save where a time says its zone. Moments come out in UTC.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from bot.clock import LONDON
from bot.lists.judging.dates import read_date
from bot.patients.cells import plain_digits, shown

USUAL_LENGTH = timedelta(minutes=10)
"""Of a visit of which nothing else is said."""
LONGEST = timedelta(hours=8)
FARTHEST = timedelta(days=5 * 365)
"""A day farther off, before or after today, was written wrongly."""
_AHEAD = timedelta(days=3 * 365)
"""A year of two digits is at most so far ahead."""
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[\s,.]+", re.I)
_CLOCK = r"(\d{1,2})(?:[:.h]?(\d{2}))?(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\.?)?"
_ZONE = r"\s*(Z|UTC|GMT|BST|[+-]\d{2}:?\d{2})?"
_TIME_ALONE = re.compile(_CLOCK + _ZONE, re.I)
_AFTER_A_DAY = re.compile(
    r"(?:T|[\s,]+(?:at\s+)?)(\d{1,2})(?:[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)?\s*([ap]\.?m\.?)?" + _ZONE + "$",
    re.I,
)
_MINUTES = re.compile(r"(\d{1,3})(?:\.0+)?\s*(?:m|mins?|minutes?)?\.?", re.I)
_HOURS_AND_MINUTES = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")


class Clock(NamedTuple):
    """A time of day as written; `zone` is minutes east of Greenwich, None for the wall clock in London."""

    at: time
    zone: int | None = None


class WhenCell(NamedTuple):
    """What one cell says of when: a day, a time, both or neither. `note` says how an odd day was read."""

    day: date | None = None
    clock: Clock | None = None
    note: tuple[str, str] | None = None


def read_when(cell: str, today: date, epoch: date) -> WhenCell:
    """Read a cell that may hold a day, a time, or both."""
    text = _WEEKDAY.sub("", plain_digits(cell).strip())
    if clock := read_clock(text):
        return WhenCell(clock=clock)
    after = _AFTER_A_DAY.search(text)
    if after and (clock := _clock(after)) and (found := _read_day(text[: after.start()], today, epoch)).day:
        return found._replace(clock=clock)
    return _read_day(text, today, epoch)


def _read_day(text: str, today: date, epoch: date) -> WhenCell:
    found = read_date(text.strip(" ,"), today + _AHEAD, epoch)
    return WhenCell(found.value, note=(found.fixed, found.message) if found.fixed else None)


def read_clock(text: str) -> Clock | None:
    """A time by itself: 09:30, 9.30am, 0930, 9am, 09:30:00, 09:30Z. A bare number of two digits is none."""
    match = _TIME_ALONE.fullmatch(text.strip())
    return _clock(match) if match and (match[2] or match[4]) else None


def _clock(match: re.Match[str]) -> Clock | None:
    hour, minute, second = (int(match[place] or 0) for place in (1, 2, 3))
    half, zone = (match[4] or "").lower(), match[5]
    if match[2] is None and not half:
        return None
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return Clock(time(hour, minute, second), _minutes_east(zone)) if max(minute, second) < 60 and hour < 24 else None


def _minutes_east(zone: str | None) -> int | None:
    if not zone:
        return None
    if zone[0] not in "+-":
        return 60 if zone.upper() == "BST" else 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return -minutes if zone[0] == "-" else minutes


def moment_of(day: date, clock: Clock) -> datetime | None:
    """That day and time in UTC; None for a time that the clocks leave out in March. Of a repeated one the first."""
    if clock.zone is not None:
        return datetime.combine(day, clock.at, UTC) - timedelta(minutes=clock.zone)
    moment = datetime.combine(day, clock.at, LONDON).astimezone(UTC)
    return moment if moment.astimezone(LONDON).time() == clock.at else None


def read_length(cell: str) -> timedelta | None:
    """How long a visit takes: 20, 20 mins, 0:20. None when it cannot be read, or is no time at all."""
    text = plain_digits(cell).strip()
    if match := _MINUTES.fullmatch(text):
        minutes = int(match[1])
    elif match := _HOURS_AND_MINUTES.fullmatch(text):
        minutes = int(match[1]) * 60 + int(match[2])
    else:
        return None
    length = timedelta(minutes=minutes)
    return length if timedelta(0) < length <= LONGEST else None


def in_words(moment: datetime) -> str:
    """A moment as a message quotes it: 24 November 2026, 09:30."""
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%B} {local.year}, {local:%H:%M}"


def no_such_time(day: date, clock: Clock) -> str:
    """What is said of a time that does not exist."""
    return (
        f"{clock.at:%H:%M} does not exist on {day.day} {day:%B} {day.year}: the clocks go forward then. "
        "Look up the right time."
    )


def not_a_time(cell: str) -> str:
    """What is said of a cell in which no time can be read."""
    return f"{shown(cell)} is not a day and time that we can read. Write 24/11/2026 and 09:30."
