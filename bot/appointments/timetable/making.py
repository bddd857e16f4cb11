"""Slots from sessions: rules on the wall clock in London become times in UTC. Pure: rules in, slots out.

A time that does not exist, because the clocks go forward, is left out and counted; of the hour that comes twice in
October the first is used.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from bot.appointments.written_times import day_begins, from_wall
from bot.clock import is_bank_holiday

CELL_SECONDS = 300
OPEN, HELD = "open", "held"
"""Kinds of slots, as `tables.appointments.SlotKind` has them."""

_ONE_DAY = timedelta(days=1)


class LeftOut(StrEnum):
    """Why a session's time became no slot. `closure`: the site is closed, or its clinician away that day."""

    BANK_HOLIDAY = "bank-holiday"
    CLOSURE = "closure"
    NO_SUCH_TIME = "no-such-time"
    IN_USE = "in-use"


@dataclass(frozen=True)
class Rota:
    """A session with what its clinic and its site say of it.

    `closures` are first and last days, `away` the days on which the clinician is away.
    """

    session_id: int
    clinic_id: int
    clinician_id: int | None
    weekdays: frozenset[int]
    opens: time
    closes: time
    starts_on: date
    until: date | None
    every: int
    minutes: int
    held_all: bool = False
    held_first: int = 0
    held_language: str | None = None
    bank_holidays: bool = False
    closures: Sequence[tuple[date, date]] = ()
    away: Collection[date] = ()

    @property
    def whose(self) -> int:
        """Who cannot be in two sessions at once: the clinician, or at an event the clinic itself, below zero."""
        return -self.clinic_id if self.clinician_id is None else self.clinician_id


class Times(NamedTuple):
    """A slot's start and end in UTC, and its cells of five minutes, the end not among them."""

    starts: datetime
    ends: datetime
    first_cell: int
    end_cell: int


class Step(NamedTuple):
    """A slot that a session's rules ask for."""

    times: Times
    kind: str
    language: str | None


class NewSlot(NamedTuple):
    """A slot to be stored, of the session whose rota it follows."""

    rota: Rota
    step: Step


class DayTimes(NamedTuple):
    """The times of one day; `missing` is how many of them do not exist."""

    times: tuple[Times, ...]
    missing: int


@dataclass
class Taken:
    """What is there already.

    `made` are the live slots of sessions, by session and first cell; `cells` says who has each cell of a clinician: a
    session's id, or `OTHERS` for a visit or a slot that came from elsewhere.
    """

    made: set[tuple[int, int]] = field(default_factory=set)
    cells: dict[tuple[int, int], int] = field(default_factory=dict)

    def take(self, whose: int, first_cell: int, end_cell: int, owner: int) -> None:
        """These cells are taken."""
        for cell in range(first_cell, end_cell):
            self.cells[whose, cell] = owner

    def is_free(self, rota: Rota, times: Times) -> bool:
        """Whether nobody but that session has any of the cells."""
        whose, own, get = rota.whose, rota.session_id, self.cells.get
        return all(get((whose, cell), own) == own for cell in range(times.first_cell, times.end_cell))


OTHERS = 0


@dataclass
class Made:
    """What a making made, and how many times were left out for which reason."""

    slots: list[NewSlot] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(map(str, LeftOut), 0)))


def make(rotas: Iterable[Rota], first: date, last: date, now: datetime, taken: Taken) -> Made:
    """The slots that are not there yet from the first day to the last, those that have begun left out.

    :param taken: what is there already; what is made is added to it.
    """
    made = Made()
    for rota in rotas:
        for day in days_of(rota, first, last):
            _make_day(rota, day, now, taken, made)
    return made


def _make_day(rota: Rota, day: date, now: datetime, taken: Taken, made: Made) -> None:
    steps, missing = steps_of(rota, day)
    if why := why_shut(rota, day):
        made.left_out[why] += sum(step.times.starts > now for step in steps)
        return
    made.left_out[LeftOut.NO_SUCH_TIME] += missing
    for step in steps:
        times = step.times
        if times.starts <= now or (rota.session_id, times.first_cell) in taken.made:
            continue
        if not taken.is_free(rota, times):
            made.left_out[LeftOut.IN_USE] += 1
            continue
        taken.take(rota.whose, times.first_cell, times.end_cell, rota.session_id)
        made.slots.append(NewSlot(rota, step))


def days_of(rota: Rota, first: date, last: date) -> Iterator[date]:
    """The days on which a session comes, closed or not."""
    day = max(first, rota.starts_on)
    last = last if rota.until is None else min(last, rota.until)
    while day <= last:
        if day.weekday() in rota.weekdays and weeks_between(rota.starts_on, day) % rota.every == 0:
            yield day
        day += _ONE_DAY


def weeks_between(one: date, other: date) -> int:
    """How many Mondays lie between two days: 0 in one week."""
    return ((other.toordinal() - 1) // 7) - ((one.toordinal() - 1) // 7)


def why_shut(rota: Rota, day: date) -> LeftOut | None:
    """Why a session does not take place on one of its days."""
    if day in rota.away or any(first <= day <= last for first, last in rota.closures):
        return LeftOut.CLOSURE
    if not rota.bank_holidays and is_bank_holiday(day):
        return LeftOut.BANK_HOLIDAY
    return None


def steps_of(rota: Rota, day: date) -> tuple[list[Step], int]:
    """The slots of one day with their kind, and how many of its times do not exist."""
    found, missing = times_of(day, rota.opens, rota.closes, rota.minutes)
    held = len(found) if rota.held_all else rota.held_first
    language = rota.held_language
    kept = [Step(times, HELD, language) for times in found[:held]]
    return kept + [Step(times, OPEN, None) for times in found[held:]], missing


@lru_cache(maxsize=4096)
def times_of(day: date, opens: time, closes: time, minutes: int) -> DayTimes:
    """The grid of a session on one day; a last step that is not whole is no slot."""
    walls = list(_walls(day, opens, closes, minutes))
    begins = day_begins(day)
    if day_begins(day + _ONE_DAY) - begins == _ONE_DAY:
        found: list[datetime | None] = [begins + (wall - datetime.combine(day, time())) for wall in walls]
    else:
        found = [_whole(wall, minutes) for wall in walls]
    times = tuple(times_from(starts, minutes) for starts in found if starts is not None)
    return DayTimes(times, len(found) - len(times))


def _walls(day: date, opens: time, closes: time, minutes: int) -> Iterator[datetime]:
    step, wall, end = timedelta(minutes=minutes), datetime.combine(day, opens), datetime.combine(day, closes)
    while wall + step <= end:
        yield wall
        wall += step


def _whole(wall: datetime, minutes: int) -> datetime | None:
    """The start in UTC of a step of which the clocks show every minute; in October some of them twice."""
    length = timedelta(minutes=minutes - 1)
    first, last = from_wall(wall), from_wall(wall + length)
    return first if first is not None and last is not None and last - first >= length else None


def times_from(starts: datetime, minutes: int) -> Times:
    """A slot of so many minutes from a moment on."""
    return times_between(starts, starts + timedelta(minutes=minutes))


def times_between(starts: datetime, ends: datetime) -> Times:
    """A slot between two moments, in UTC."""
    first, end = (int(moment.timestamp()) // CELL_SECONDS for moment in (starts, ends))
    return Times(starts.astimezone(UTC), ends.astimezone(UTC), first, end)
