"""How long an interpreter who is asked has time to answer. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from bot.clock import LONDON

ANSWER_WITHIN = timedelta(minutes=30)
"""Counted only in the hours in which people may be asked."""
ANSWER_WITHIN_WHEN_EARLY = timedelta(hours=24)
EARLY = timedelta(days=3)
"""A visit further away than this leaves a day to think."""
OPENS, CLOSES = time(8), time(20)
"""On the wall clock in London."""


def lapses_at(asked_at: datetime, visit_starts: datetime) -> datetime:
    """When the time to answer is over (UTC); never after the visit has begun.

    :param asked_at: when it was asked, UTC; `visit_starts` is UTC too.
    """
    if visit_starts - asked_at > EARLY:
        return asked_at + ANSWER_WITHIN_WHEN_EARLY
    return min(_after_asking_hours(asked_at, ANSWER_WITHIN), visit_starts)


def asked_from(moment: datetime) -> datetime:
    """When an ask of that moment may be texted: at once, or when the day begins (UTC)."""
    opens, closes = _asking_hours(moment.astimezone(LONDON).date())
    if moment < opens:
        return opens
    return moment if moment < closes else _asking_hours(_next_day(moment))[0]


def _after_asking_hours(moment: datetime, left: timedelta) -> datetime:
    start = asked_from(moment)
    _, closes = _asking_hours(start.astimezone(LONDON).date())
    if start + left <= closes:
        return start + left
    return _after_asking_hours(closes, left - (closes - start))


def _asking_hours(day: date) -> tuple[datetime, datetime]:
    opens, closes = (datetime.combine(day, wall, LONDON).astimezone(UTC) for wall in (OPENS, CLOSES))
    return opens, closes


def _next_day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date() + timedelta(days=1)
