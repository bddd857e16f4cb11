"""Times, days and weekdays as people write them: without an offset they are meant on the wall clock in London. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from bot.clock import LONDON
from bot.patients.cells import shown
from bot.refusals import Refused

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::00)?", re.ASCII)
_NO_SUCH_TIME = "{} does not exist in England: the clocks go forward then. Choose a time before or after that hour."


def read_time(written: str) -> datetime:
    """A moment in UTC, from ISO 8601. Of the hour that comes twice in October it is the first.

    :raises Refused: `bad-time`, it is none; `no-such-time`, the clocks leave it out.
    """
    moment = _moment(written)
    in_range(moment, written)  # no other year is known to every zone
    if moment.tzinfo is not None:
        return in_range(moment.astimezone(UTC), written)
    if (found := from_wall(moment)) is None:
        raise Refused("no-such-time", _NO_SUCH_TIME.format(moment.strftime("%H:%M on %Y-%m-%d")))
    return in_range(found, written)


def _moment(written: str) -> datetime:
    text = written.strip()
    try:
        if len(text) > len("2026-12-01"):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise _bad_time(written)


def in_range(moment: datetime, written: str) -> datetime:
    """The moment itself, when it is in this century. :raises Refused: `bad-time`."""
    if not 2000 <= moment.year < 2100:
        raise _bad_time(written)
    return moment


def _bad_time(written: str) -> Refused:
    return Refused("bad-time", f"{shown(written)} is not a time. Write it as 2026-12-03T09:20.")


def from_wall(wall: datetime) -> datetime | None:
    """The moment in UTC at which the clocks in London show a time without zone; None when they never do.

    Of the hour that comes twice it is the first.
    """
    moment = wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    return moment if moment.astimezone(LONDON).replace(tzinfo=None, fold=0) == wall.replace(fold=0) else None


def read_day(written: str) -> date:
    """A day, from ISO 8601. :raises Refused: `bad-date`, it is none, or in another century."""
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        day = date.min
    if not 2000 <= day.year < 2100:
        raise Refused("bad-date", f"{shown(written)} is not a date. Write it as 2026-12-03.")
    return day


def read_from(written: str) -> datetime:
    """The beginning of a stretch of time: a moment, or the first of a day in London."""
    return day_begins(read_day(written)) if _is_day(written) else read_time(written)


def read_until(written: str) -> datetime:
    """The end of a stretch of time: a moment, or the last of a day in London."""
    return day_begins(read_day(written) + timedelta(days=1)) if _is_day(written) else read_time(written)


def _is_day(written: str) -> bool:
    return len(written.strip()) <= len("2026-12-01")


def day_begins(day: date) -> datetime:
    """Midnight in London, in UTC."""
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)


def read_clock(written: str) -> time:
    """A time of day. :raises Refused: `bad-time`, it is none."""
    match = _CLOCK.fullmatch(written.strip())
    if match is None:
        raise Refused("bad-time", f"{shown(written)} is not a time of day. Write it as 09:00.")
    return time(int(match[1]), int(match[2]))


def read_weekdays(written: str) -> frozenset[int]:
    """Weekdays parted by commas, or a range of them; 0 is Monday. :raises Refused: `bad-days`, one is none."""
    days = frozenset(day for piece in written.lower().split(",") for day in _stretch(piece.strip(), written))
    if not days:
        raise _bad_days(written)
    return days


def _stretch(piece: str, written: str) -> Iterator[int]:
    first, dash, last = (word.strip() for word in piece.partition("-"))
    begin, end = _weekday(first, written), _weekday(last if dash else first, written)
    yield from ((begin + ahead) % 7 for ahead in range((end - begin) % 7 + 1))


def _weekday(word: str, written: str) -> int:
    for names in (WEEKDAYS, _FULL):
        if word in names:
            return names.index(word)
    raise _bad_days(written)


def _bad_days(written: str) -> Refused:
    return Refused("bad-days", f"{shown(written)} names no days. Write them as mon,wed,sat or mon-fri.")
