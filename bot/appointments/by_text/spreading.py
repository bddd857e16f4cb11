"""Which of many free times are offered: on different days and at different parts of the day. Pure.

People come who can: three times of one morning are no choice to whoever works in the morning.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from bot.appointments.joint.choosing import Leaves
from bot.clock import LONDON

OFFERED = 3
_NEAR = timedelta(days=14)
"""How much later than the first a time may be for the sake of another part of the day."""
_NOON, _EVENING, _WEEKEND = 12, 17, 5


class Part(StrEnum):
    """A part of the day in London. A day of the weekend is one of its own."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    WEEKEND = "weekend"


class Timed(Protocol):
    """A free time, in UTC, and whether taking it leaves a slot alone."""

    @property
    def starts(self) -> datetime: ...
    @property
    def ends(self) -> datetime: ...
    @property
    def leaves(self) -> Leaves: ...


Time = TypeVar("Time", bound=Timed)


def part_of(moment: datetime) -> Part:
    """The part of the day in which a moment lies."""
    wall = moment.astimezone(LONDON)
    if wall.weekday() >= _WEEKEND:
        return Part.WEEKEND
    return Part.MORNING if wall.hour < _NOON else Part.AFTERNOON if wall.hour < _EVENING else Part.EVENING


def spread(times: Sequence[Time], wanted: int = OFFERED) -> list[Time]:
    """Up to so many of these times, by start, none beside another at once.

    Each is the earliest of those on a day and at a part of the day that no other has, as far as there are such.
    """
    chosen: list[Time] = []
    left = sorted(times, key=lambda time: time.starts)
    while left and len(chosen) < wanted:
        best = min(left, key=lambda time: _order(time, chosen))
        chosen.append(best)
        left = [time for time in left if time.ends <= best.starts or best.ends <= time.starts]
    return sorted(chosen, key=lambda time: time.starts)


def _order(time: Timed, chosen: Sequence[Timed]) -> tuple[bool, bool, int, bool, datetime]:
    far = bool(chosen) and time.starts - min(other.starts for other in chosen) > _NEAR
    day = any(time.starts.astimezone(LONDON).date() == other.starts.astimezone(LONDON).date() for other in chosen)
    part = any(part_of(time.starts) == part_of(other.starts) for other in chosen)
    return time.leaves is Leaves.ONE_ASTRAY, far, day + part, day, time.starts
