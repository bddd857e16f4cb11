"""When a person is reminded of a visit: days are those of the calendar in London, hours those of its clocks. Pure.

A reminder never comes later than it says: what falls outside the sending window is moved earlier into it.
"""

from datetime import UTC, date, datetime, time, timedelta

from bot.clock import LONDON, is_bank_holiday

BEFORE_CLOSING = 30
"""Minutes: a reminder goes at the latest so long before the window closes, so that its answer is not left alone."""
BEFORE_A_CALL = timedelta(hours=2)
_MISSED_YOU_AT = time(10)
_WEEKEND = 5

Window = tuple[int, int]
"""Minutes of the London day between which texts that may wait are sent."""


def remind_at(starts: datetime, days: int, window: Window) -> datetime:
    """So many days before a visit, at its own time on the wall, moved earlier into the window (UTC)."""
    wall = starts.astimezone(LONDON)
    return _in_window(wall.date() - timedelta(days=days), wall.hour * 60 + wall.minute, window)


def remind_of_call_at(starts: datetime, window: Window) -> datetime:
    """Two hours before a visit by phone, or in the evening before where nothing is sent then (UTC)."""
    before = starts - BEFORE_A_CALL
    wall = before.astimezone(LONDON)
    opens, closes = window
    if opens <= wall.hour * 60 + wall.minute < closes:
        return before
    return _in_window(wall.date(), wall.hour * 60 + wall.minute, window)


def write_to_who_did_not_come_at(moment: datetime) -> datetime:
    """Ten o'clock on the working day after that moment (UTC)."""
    day = moment.astimezone(LONDON).date() + timedelta(days=1)
    while day.weekday() >= _WEEKEND or is_bank_holiday(day):
        day += timedelta(days=1)
    return datetime.combine(day, _MISSED_YOU_AT, LONDON).astimezone(UTC)


def _in_window(day: date, minute: int, window: Window) -> datetime:
    opens, closes = window
    latest = max(closes - BEFORE_CLOSING, opens)
    if minute < opens:
        day, minute = day - timedelta(days=1), latest
    return _on_the_wall(day, min(minute, latest))


def _on_the_wall(day: date, minute: int) -> datetime:
    """That time in UTC; in the night in which the clocks go forward, one that does not exist is an hour earlier."""
    wall = datetime.combine(day, time(minute // 60, minute % 60), LONDON)
    moment = wall.astimezone(UTC)
    skipped = moment.astimezone(LONDON).replace(tzinfo=None) != wall.replace(tzinfo=None)
    return moment - timedelta(hours=1) if skipped else moment
