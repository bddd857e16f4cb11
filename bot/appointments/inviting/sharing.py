"""How many free times each group of people may be promised, each time counted for one group only. Pure.

Interpreted groups come first, into held times and then into open ones: the scarcest first, then evenly by how many
of each may still come. What is left is for the others. No group is given more than it has people while another could
use it. A time is counted with the interpreter who would really be booked, so all that is counted can be booked one
after the other, in the order in which it stands.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.appointments.joint.choosing import Asked, FreeSlot, Picture, Start, need_at, need_of, starts_of
from bot.interpreters.suiting import (
    IN_PERSON,
    Busy,
    Candidate,
    Need,
    first_failing,
    monday_of,
    static_failing,
    suit,
)

_A_DAY = timedelta(days=1)


class Waits(NamedTuple):
    """People who share times: what they ask of one, and how many of them may still take one."""

    key: str
    asked: Asked
    people: int


class Counted(NamedTuple):
    """A time counted for a group: its start in UTC, the ids of its slots, and the interpreter who would come."""

    key: str
    starts: datetime
    slots: tuple[int, ...]
    interpreter_id: int | None


def share(picture: Picture, groups: Sequence[Waits], until: datetime) -> list[Counted]:
    """Which free time is counted for which group, in an order in which all of them can be booked.

    :param until: times that start then or later are not counted.
    """
    left = _Left(picture)
    lines = [_line_of(picture, group, until) for group in groups]
    interpreted = [line for line in lines if line.group.asked.interpreted]
    others = [line for line in lines if not line.group.asked.interpreted]
    counted: list[Counted] = []
    for more_than_people in (False, True):
        for these in (interpreted, others):
            counted += _deal(these, left, more_than_people)
    return counted


@dataclass
class _Line:
    """A group with the starts it could have, the best first, and how far it has come in them.

    A start at which nobody could interpret stays so, as what is counted takes more and more; so no start is looked at
    again.
    """

    group: Waits
    starts: Sequence[Start]
    at_moment: dict[datetime, list[Start]]
    able: Sequence[int]
    at: int = 0
    given: int = 0

    @property
    def turn(self) -> tuple[float, int, str]:
        """Whose turn it is: the smallest first."""
        return self.given / max(self.group.people, 1), len(self.starts), self.group.key


def _line_of(picture: Picture, group: Waits, until: datetime) -> _Line:
    able = able_people(picture, group.asked)
    slots = {slot.id: slot for slot in picture.slots}
    starts = bookable_starts(picture, group.asked, able, until)
    at_moment = defaultdict(list)
    for start in sorted(starts, key=lambda start: start.first.id):
        at_moment[start.first.starts].append(start)
    ordered = sorted(starts, key=lambda start: _place(start, slots))
    return _Line(group, ordered, at_moment, [each.id for each in able])


def able_people(picture: Picture, asked: Asked) -> list[Candidate]:
    """Who could interpret for people at some time; nobody where nobody has to."""
    at_any_time = need_of(asked, asked.now, asked.now, picture.site.id)
    return [each for each in picture.candidates if asked.interpreted and static_failing(at_any_time, each) is None]


def bookable_starts(picture: Picture, asked: Asked, able: Sequence[Candidate], until: datetime) -> list[Start]:
    """The starts that people could have, each by itself."""
    starts = [start for start in starts_of(picture, asked) if start.first.starts < until]
    return [start for start in starts if not asked.interpreted or _anybody(picture, asked, start, able)]


def _anybody(picture: Picture, asked: Asked, start: Start, able: Sequence[Candidate]) -> bool:
    need = need_at(picture, asked, start)
    return any(first_failing(need, each, picture.travel) is None for each in able)


def _place(start: Start, slots: dict[int, FreeSlot]) -> tuple[bool, int, datetime, int]:
    """Held times first, then those that leave no slot alone, then by start."""
    is_open = any(slots[slot].kept is None for slot in start.slots)
    return is_open, start.leaves, start.first.starts, start.first.id


@dataclass
class _Left:
    """What nothing has been counted of yet: slots, and interpreters with what they would do by then."""

    picture: Picture
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._people = {each.id: each for each in self.picture.candidates}
        self._busy: dict[tuple[int, date], list[Busy]] = defaultdict(list)
        for each in self.picture.candidates:
            for visit in each.busy:
                self._busy[each.id, monday_of(visit.starts)].append(visit)
        self._of_clinician: dict[tuple[int | None, date], list[FreeSlot]] = defaultdict(list)
        for slot in self.picture.slots:
            self._of_clinician[slot.clinician_id, slot.starts.date()].append(slot)

    def able(self, numbers: Sequence[int], need: Need) -> list[Candidate]:
        """Interpreters by their ids, with what they do by then in the week of a time: nothing else decides."""
        weeks = {monday_of(need.starts - _A_DAY), monday_of(need.starts), monday_of(need.ends + _A_DAY)}
        return [
            replace(self._people[number], busy=[visit for week in weeks for visit in self._busy[number, week]])
            for number in numbers
        ]

    def has(self, start: Start) -> bool:
        """Whether all its slots are free still."""
        return self.taken.isdisjoint(start.slots)

    def take(self, start: Start, interpreter: Candidate | None) -> None:
        """Count a time: its clinician sees nobody else then, and its interpreter goes nowhere else."""
        begins, ends = start.first.starts, start.ends
        days = {(moment + ahead).date() for moment in (begins, ends) for ahead in (-_A_DAY, timedelta())}
        its = (slot for day in days for slot in self._of_clinician[start.first.clinician_id, day])
        self.taken.update(start.slots, (slot.id for slot in its if slot.starts < ends and begins < slot.ends))
        if interpreter is not None:
            visit = Busy(begins, ends, self.picture.site.id, IN_PERSON)
            self._busy[interpreter.id, monday_of(begins)].append(visit)


def _deal(lines: Sequence[_Line], left: _Left, more_than_people: bool) -> list[Counted]:
    """Give each group a time in turn until none can have more."""
    counted: list[Counted] = []
    waiting = [line for line in lines if more_than_people or line.given < line.group.people]
    while waiting:
        line = min(waiting, key=lambda line: line.turn)
        time = _next(line, left)
        if time is not None:
            counted.append(time)
            line.given += 1
        if time is None or (not more_than_people and line.given >= line.group.people):
            waiting.remove(line)
    return counted


def _next(line: _Line, left: _Left) -> Counted | None:
    """The next time of a group, with the slots and the interpreter that booking that start would take."""
    while line.at < len(line.starts):
        start = line.starts[line.at]
        if left.has(start) and (counted := _count(line, left, start.first.starts)) is not None:
            return counted
        line.at += 1
    return None


def _count(line: _Line, left: _Left, moment: datetime) -> Counted | None:
    """Take a start for a group; None where nobody could interpret then."""
    first = next(each for each in line.at_moment[moment] if left.has(each))
    asked, interpreter = line.group.asked, None
    if asked.interpreted:
        need = need_at(left.picture, asked, first)
        interpreter = suit(need, left.able(line.able, need), left.picture.travel).chosen
        if interpreter is None:
            return None
    left.take(first, interpreter)
    return Counted(line.group.key, moment, first.slots, interpreter.id if interpreter else None)
