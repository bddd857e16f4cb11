"""Working days, Monday to Friday without England's bank holidays, and when held slots open to everybody. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from bot.clock import LONDON, is_bank_holiday

RELEASED_AT = time(8)
"""On the wall clock in London."""

_ONE_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Whether offices work on that day."""
    return day.weekday() < 5 and not is_bank_holiday(day)


def working_days_before(day: date, count: int) -> date:
    """The working day that lies so many working days before a day; with 0 the day itself, or the last before it."""
    while count > 0 or not is_working_day(day):
        day -= _ONE_DAY
        count -= is_working_day(day)
    return day


def released_at(day: date, release_days: int) -> datetime:
    """When the held slots of a day (London) open to everybody, in UTC."""
    opens = working_days_before(day, release_days)
    return datetime.combine(opens, RELEASED_AT, tzinfo=LONDON).astimezone(UTC)


def last_released_day(now: datetime, release_days: int) -> date:
    """The last day (London) whose held slots are open to everybody at `now`."""
    day = now.astimezone(LONDON).date() - _ONE_DAY
    while released_at(day + _ONE_DAY, release_days) <= now:
        day += _ONE_DAY
    return day
