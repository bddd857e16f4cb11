"""Working hours as people write them: `mon 08:30-11:00; tue-thu 9-17`, on the wall clock in London. Pure."""

import re
from collections.abc import Iterable
from datetime import time
from itertools import groupby

Hours = tuple[int, time, time]
"""Weekday (0 is Monday), opens, closes."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENTRY = re.compile(
    r"([a-z]+)(?:\s*-\s*([a-z]+))?\s+(\d{1,2})(?:[:.](\d\d))?\s*-\s*(\d{1,2})(?:[:.](\d\d))?", re.IGNORECASE
)
_DASHES = str.maketrans("–—", "--")
LAST_MINUTE = time(23, 59)


def read_hours(written: str) -> list[Hours]:
    """Hours of a week in order; those that touch or overlap are one.

    :raises ValueError: says which piece cannot be read.
    """
    pieces = (piece.strip() for piece in re.split(r"[;,\n]", written.translate(_DASHES)))
    return _joined(hours for piece in pieces if piece for hours in _read_piece(piece))


def _read_piece(piece: str) -> Iterable[Hours]:
    found = _ENTRY.fullmatch(piece)
    if found is None:
        raise ValueError(piece)
    first, last, *clock = found.groups()
    start = _day(first, piece)
    days = range(start, (_day(last, piece) if last else start) + 1)
    opens, closes = _time(clock[0], clock[1], piece), _time(clock[2], clock[3], piece)
    if opens >= closes or not days:
        raise ValueError(piece)
    return [(day, opens, closes) for day in days]


def _day(word: str, piece: str) -> int:
    if len(word) >= len(DAYS[0]) and word.lower()[:3] in DAYS:
        return DAYS.index(word.lower()[:3])
    raise ValueError(piece)


def _time(hour: str, minute: str | None, piece: str) -> time:
    if (hour, minute or "00") == ("24", "00"):
        return LAST_MINUTE
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise ValueError(piece) from None


def _joined(hours: Iterable[Hours]) -> list[Hours]:
    joined: list[Hours] = []
    for day, opens, closes in sorted(hours):
        if joined and joined[-1][0] == day and opens <= joined[-1][2]:
            _, begun, until = joined.pop()
            joined.append((day, begun, max(until, closes)))
        else:
            joined.append((day, opens, closes))
    return joined


def hours_in_words(hours: Iterable[Hours]) -> str:
    """The same, as an import reads it: `mon 08:30-11:00; mon 13:00-17:00; tue 09:00-12:00`."""
    return "; ".join(f"{DAYS[day]} {opens:%H:%M}-{closes:%H:%M}" for day, opens, closes in sorted(hours))


def by_day(hours: Iterable[Hours]) -> list[tuple[int, list[tuple[time, time]]]]:
    """The hours of each weekday on which there are any."""
    grouped = groupby(sorted(hours), key=lambda each: each[0])
    return [(day, [(opens, closes) for _, opens, closes in each]) for day, each in grouped]
