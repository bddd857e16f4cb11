"""Time: stored in UTC, thought about in Europe/London."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from bot.settings import Settings

LONDON = ZoneInfo("Europe/London")
LONGEST_WAIT = timedelta(weeks=4)
"""Bank holidays can take the same weekday of two weeks running (Christmas and New Year), never of four."""


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def london_today() -> date:
    """Today's date on a wall calendar in England."""
    return utc_now().astimezone(LONDON).date()


def born_by(years: int, today: date) -> date:
    """The latest birth date of a person who is `years` old today, in full years.

    Somebody born on 29 February comes of age on 1 March in a year without one.
    """
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 2, 28)


@lru_cache(maxsize=16)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_bank_holiday(day: date) -> bool:
    """Whether England has a bank holiday on that day."""
    return day in _bank_holidays(day.year)


def is_sending_day(day: date, settings: Settings) -> bool:
    """Whether outreach may go on that day; `SEND_DAYS=all` knows no holidays."""
    if settings.send_every_day:
        return True
    return day.weekday() in settings.sending_weekdays and not is_bank_holiday(day)


def in_window(moment: datetime, settings: Settings, *, outreach: bool) -> bool:
    """Whether a text that may wait can go at that moment (Europe/London wall time)."""
    local = moment.astimezone(LONDON)
    if outreach and not is_sending_day(local.date(), settings):
        return False
    opens, closes = settings.window_minutes
    return opens <= local.hour * 60 + local.minute < closes


def next_opening(moment: datetime, settings: Settings, *, outreach: bool) -> datetime:
    """The first moment from `moment` on, in UTC, at which the sending window is open."""
    opens, _ = settings.window_minutes
    return first_open(moment, lambda at: in_window(at, settings, outreach=outreach), lambda _day: (opens,))


def first_open(
    moment: datetime, is_open: Callable[[datetime], bool], opens_at: Callable[[date], Iterable[int]]
) -> datetime:
    """The first moment from `moment` on, in UTC, at which `is_open`.

    :param opens_at: the minutes of a day in London at which it may open, the earliest first.
    :raises ValueError: it stays shut for four weeks.
    """
    if is_open(moment):
        return moment
    day = moment.astimezone(LONDON).date()
    for ahead in range(LONGEST_WAIT.days):
        for minute in opens_at(day + timedelta(days=ahead)):
            for opening in _openings(day + timedelta(days=ahead), minute):
                if opening > moment and is_open(opening):
                    return opening
    raise ValueError("SEND_DAYS leaves no sending day within four weeks")


def _openings(day: date, minute: int) -> Iterator[datetime]:
    """That minute of the wall clock in UTC: twice on the night the clocks go back, if it is in that hour."""
    for fold in (0, 1):
        wall = datetime.combine(day, time(minute // 60, minute % 60, fold=fold), tzinfo=LONDON)
        yield wall.astimezone(UTC)
