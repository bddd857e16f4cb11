"""Time: stored in UTC, thought about in Europe/London."""

from collections.abc import Iterator
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
    if in_window(moment, settings, outreach=outreach):
        return moment
    opens, _ = settings.window_minutes
    day = moment.astimezone(LONDON).date()
    for ahead in range(LONGEST_WAIT.days):
        for opening in _openings(day + timedelta(days=ahead), opens):
            if opening > moment and in_window(opening, settings, outreach=outreach):
                return opening
    raise ValueError("SEND_DAYS leaves no sending day within four weeks")


def _openings(day: date, minute: int) -> Iterator[datetime]:
    """That minute of the wall clock in UTC: twice on the night the clocks go back, if it is in that hour."""
    for fold in (0, 1):
        wall = datetime.combine(day, time(minute // 60, minute % 60, fold=fold), tzinfo=LONDON)
        yield wall.astimezone(UTC)
