"""Which interpreter suits a time: hard rules first, then an order that is the same for the same input. Pure.

Times are in UTC; hours are on the wall clock in London, so a visit in the night of a clock change counts by the wall.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from bot.clock import LONDON
from bot.interpreters.languages import Fit, speaks

IN_PERSON = "in-person"
CHANGE_MINUTES = 10
"""From a place to a phone or a screen, or back."""
_NOON = time(13)
"""Parts the two halves of a working day."""

Travel = Callable[[int | None, int | None], int]
"""Minutes between two sites by their ids; None is a place we do not know."""


class Rule(StrEnum):
    """Why an interpreter does not suit, in the order in which it is looked at."""

    LANGUAGE = "language"
    SEX = "sex"
    MODE = "mode"
    NOTICE = "notice"
    HOURS = "hours"
    TRAVEL = "travel"
    BLOCKED = "blocked"
    AGENCY = "agency"


class Busy(NamedTuple):
    """Something else that an interpreter does: where, and in which way."""

    starts: datetime
    ends: datetime
    site_id: int | None
    mode: str


@dataclass(frozen=True)
class Candidate:
    """An interpreter, with all that decides.

    `notice` is hours before the start by mode; a mode that is missing is not offered. `hours` are (weekday, opens,
    closes), 0 is Monday. `linked`: their agency serves the practice; `blocked`: the person does not want them;
    `known`: they have interpreted for this person.
    """

    id: int
    code: str
    name: str
    sex: str
    languages: frozenset[str]
    notice: Mapping[str, int]
    hours: Sequence[tuple[int, time, time]]
    away: Sequence[tuple[datetime, datetime]]
    linked: bool
    blocked: bool = False
    known: bool = False
    busy: Sequence[Busy] = ()


@dataclass(frozen=True)
class Need:
    """What is needed, and when. `sex` only where it was asked for; `site_id`: where the person is seen.

    `prefers`: the sex that comes first among those who suit; it keeps nobody out.
    """

    language: str
    sex: str | None
    mode: str
    starts: datetime
    ends: datetime
    site_id: int | None
    now: datetime
    prefers: str | None = None


@dataclass(frozen=True)
class Suited:
    """Who suits, the best first, and of everybody else, by code, the first rule that fails."""

    suitable: tuple[Candidate, ...]
    why: Mapping[str, Rule] = field(default_factory=dict)

    @property
    def chosen(self) -> Candidate | None:
        """The best, if anybody suits."""
        return self.suitable[0] if self.suitable else None


def suit(need: Need, candidates: Iterable[Candidate], travel: Travel) -> Suited:
    """Who of these can take it, and in which order they are asked."""
    suitable: list[Candidate] = []
    why: dict[str, Rule] = {}
    for candidate in candidates:
        failing = first_failing(need, candidate, travel)
        if failing is None:
            suitable.append(candidate)
        else:
            why[candidate.code] = failing
    return Suited(tuple(sorted(suitable, key=lambda candidate: _place(need, candidate))), why)


def first_failing(need: Need, candidate: Candidate, travel: Travel) -> Rule | None:
    """The first rule, in the order of `Rule`, by which this interpreter cannot take it; None: they can."""
    fixed = static_failing(need, candidate)
    if fixed in _BEFORE_TIME:
        return fixed
    return time_failing(need, candidate, travel) or fixed


def static_failing(need: Need, candidate: Candidate) -> Rule | None:
    """The first rule that fails whatever the time; None: another time may do."""
    if speaks(need.language, candidate.languages) is Fit.NO:
        return Rule.LANGUAGE
    if need.sex is not None and candidate.sex != need.sex:
        return Rule.SEX
    if need.mode not in candidate.notice:
        return Rule.MODE
    if candidate.blocked:
        return Rule.BLOCKED
    return None if candidate.linked else Rule.AGENCY


_BEFORE_TIME = (Rule.LANGUAGE, Rule.SEX, Rule.MODE)


def time_failing(need: Need, candidate: Candidate, travel: Travel) -> Rule | None:
    """The first rule that fails because of the time, for somebody who interprets in that mode."""
    if need.starts - need.now < timedelta(hours=candidate.notice[need.mode]):
        return Rule.NOTICE
    if not works(candidate.hours, need.starts, need.ends) or _is_away(need, candidate):
        return Rule.HOURS
    return clashes(need, candidate.busy, travel)


def clashes(need: Need, busy: Sequence[Busy], travel: Travel) -> Rule | None:
    """Whether something else is in the way: at that time (`hours`), or too near to get there (`travel`)."""
    if any(other.starts < need.ends and need.starts < other.ends for other in busy):
        return Rule.HOURS
    return None if _reaches(need, busy, travel) else Rule.TRAVEL


def works(hours: Sequence[tuple[int, time, time]], starts: datetime, ends: datetime) -> bool:
    """Whether the time lies wholly in one of these hours, by the clock on the wall in London."""
    first, last = _wall(starts), _wall(ends)
    if first.date() != last.date():
        return False
    weekday, earliest, latest = first.weekday(), *sorted((first.time(), last.time()))
    return any(day == weekday and opens <= earliest and latest <= closes for day, opens, closes in hours)


def _is_away(need: Need, candidate: Candidate) -> bool:
    return any(starts < need.ends and need.starts < ends for starts, ends in candidate.away)


def _reaches(need: Need, busy: Iterable[Busy], travel: Travel) -> bool:
    """Whether there is time to come from what is before and to get to what is after."""
    for other in busy:
        gap = max(need.starts - other.ends, other.starts - need.ends)
        if gap < timedelta(minutes=minutes_between(need.mode, need.site_id, other, travel)):
            return False
    return True


def minutes_between(mode: str, site_id: int | None, other: Busy, travel: Travel) -> int:
    """Minutes an interpreter needs between something else and a visit in that mode at that site."""
    if mode == IN_PERSON and other.mode == IN_PERSON:
        return travel(site_id, other.site_id)
    return CHANGE_MINUTES if IN_PERSON in (mode, other.mode) else 0


def _place(need: Need, candidate: Candidate) -> tuple[Fit, bool, bool, bool, float, str]:
    """Where a suitable interpreter stands in line: the smallest first. The code makes it total."""
    fit = speaks(need.language, candidate.languages)
    other = need.prefers is not None and candidate.sex != need.prefers
    return fit, other, not candidate.known, not _there(need, candidate), _load(need, candidate), candidate.code


def _there(need: Need, candidate: Candidate) -> bool:
    """Whether they are on that site in that half of the day anyway."""
    if need.mode != IN_PERSON or need.site_id is None:
        return False
    half = _half_day(need.starts)
    here = (other for other in candidate.busy if other.mode == IN_PERSON and other.site_id == need.site_id)
    return any(_half_day(other.starts) == half for other in here)


def _load(need: Need, candidate: Candidate) -> float:
    """Seconds of work in the week of that time, Monday to Sunday in London."""
    week = monday_of(need.starts)
    return sum(
        (other.ends - other.starts).total_seconds() for other in candidate.busy if monday_of(other.starts) == week
    )


def _half_day(moment: datetime) -> tuple[date, bool]:
    wall = _wall(moment)
    return wall.date(), wall.time() < _NOON


@lru_cache(maxsize=8192)
def monday_of(moment: datetime) -> date:
    """The first day of the week of that moment in London."""
    day = _wall(moment).date()
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=8192)
def _wall(moment: datetime) -> datetime:
    """What clocks in London show, without a zone: it is compared with hours that people write."""
    return moment.astimezone(LONDON).replace(tzinfo=None)
