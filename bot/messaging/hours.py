"""Hours of their own, in which alone some texts go: on top of the sending window and the sending days.

They are London wall time. Bank holidays and SEND_DAYS hold for them as for every invitation.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial

from bot.clock import LONDON, LONGEST_WAIT, first_open, in_window
from bot.settings import Settings

AFTER_SCHOOL = "after-school"
"""Not in school hours: the setting YOUTH_HOURS."""

Minutes = Mapping[int, tuple[tuple[int, int], ...]]
"""By weekday, Monday being 0: minutes of the day between which it is open, in pieces, the earliest first."""

HOURS: Mapping[str, Callable[[Settings], Minutes]] = {AFTER_SCHOOL: lambda settings: settings.youth_minutes}
"""All hours by their name."""


def known_hours(name: str | None) -> str | None:
    """The name, as a message keeps it. :raises ValueError: there are no hours of that name."""
    if name is not None and name not in HOURS:
        raise ValueError(f"there are no hours {name}")
    return name


def minutes_of(name: str, settings: Settings) -> Minutes:
    """The hours of that name, without what the sending window leaves of them."""
    return HOURS[name](settings) if name in HOURS else {}


def hours_open(moment: datetime, settings: Settings) -> frozenset[str]:
    """The names of the hours in which that moment is."""
    return frozenset(name for name in HOURS if is_open(name, moment, settings))


def is_open(name: str, moment: datetime, settings: Settings) -> bool:
    """Whether a text of these hours may go at that moment."""
    local = moment.astimezone(LONDON)
    minute = local.hour * 60 + local.minute
    in_hours = any(opens <= minute < closes for opens, closes in _pieces(name, settings, local.date()))
    return in_hours and in_window(moment, settings, outreach=True)


def next_opening_in(name: str, moment: datetime, settings: Settings) -> datetime:
    """The first moment from `moment` on, in UTC, at which a text of these hours may go.

    Where the settings leave none within four weeks, the end of these: then it is asked again.
    """
    window_opens, _ = settings.window_minutes

    def opens_at(day: date) -> list[int]:
        return [max(opens, window_opens) for opens, _ in _pieces(name, settings, day)]

    try:
        return first_open(moment, partial(is_open, name, settings=settings), opens_at)
    except ValueError:
        return moment + LONGEST_WAIT


def _pieces(name: str, settings: Settings, day: date) -> tuple[tuple[int, int], ...]:
    return minutes_of(name, settings).get(day.weekday(), ())
