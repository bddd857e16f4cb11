"""What can be had at all, before anybody is placed: starts of visits, and who could interpret at which. Pure.

Starts are numbered in the order in which they are taken, and a set of them is the bits of an integer: who could be
seen when, and what cannot be together with what, is then worked out once and asked for many thousand times.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, reduce
from operator import or_
from typing import NamedTuple

from bot.appointments.joint.choosing import Asked, Picture, Start, need_of, starts_of
from bot.interpreters.suiting import (
    IN_PERSON,
    Busy,
    Candidate,
    Need,
    Travel,
    clashes,
    minutes_between,
    static_failing,
    time_failing,
)

Starts = int
"""A set of numbered starts: bit n is the start of that number."""
_FURTHEST = timedelta(hours=12)
"""What is further apart than this in no case keeps an interpreter from coming."""
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Request:
    """Somebody waits for a time in a clinic. `theirs`: when this person is seen anyway (UTC).

    `unwanted` and `known` are ids of interpreters: whom the person does not want, and who has interpreted for them.
    """

    id: int
    person: int
    clinic_id: int
    since: datetime
    asked: Asked
    theirs: tuple[tuple[datetime, datetime], ...] = ()
    unwanted: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()


class Place(NamedTuple):
    """A start in the clinic that offers it, with whatever decides whether two can both be."""

    start: Start
    clinic_id: int
    site_id: int

    @property
    def starts(self) -> datetime:
        """When it begins (UTC)."""
        return self.start.first.starts

    @property
    def clinician_id(self) -> int | None:
        """Who would see the person."""
        return self.start.first.clinician_id

    def as_busy(self) -> Busy:
        """The same as something an interpreter does."""
        return Busy(self.starts, self.start.ends, self.site_id, IN_PERSON)


class Ground:
    """Numbered starts of these clinics, and by request the starts at which each interpreter could come.

    :param pictures: by clinic, the free slots, in any order, and all interpreters with what they do else.
    """

    def __init__(self, requests: Sequence[Request], pictures: Mapping[int, Picture]) -> None:
        self.pictures = {clinic_id: _in_order(pictures[clinic_id]) for clinic_id in sorted(pictures)}
        self.interpreters_of = {
            clinic_id: {each.id: each for each in picture.candidates} for clinic_id, picture in self.pictures.items()
        }
        kinds = {(request.clinic_id, request.asked) for request in requests}
        found = {kind: starts_of(self.pictures[kind[0]], kind[1]) for kind in kinds}
        self.places = _numbered(found, self.pictures)
        self.travel = _kept(next(iter(self.pictures.values())).travel) if self.pictures else _nowhere
        self._of_kind = _starts_of_kinds(found, self.places)
        self.same_clinician, self.same_time, self.out_of_reach = _kept_apart(self.places, self.travel)
        self._free = _Freely(self.places, self.travel)
        self._able: dict[tuple[int, Asked], dict[int, Starts]] = {}

    def starts_for(self, request: Request) -> Starts:
        """Where a visit as this person asks for it could begin, were nobody placed and were interpreters everywhere."""
        return self._of_kind[request.clinic_id, request.asked] & ~self.taken_by(request)

    def taken_by(self, request: Request) -> Starts:
        """Starts at which this person is seen elsewhere."""
        taken = 0
        for begins, ends in request.theirs:
            for number in self._free.near(begins, ends):
                place = self.places[number]
                if begins < place.start.ends and place.starts < ends:
                    taken |= 1 << number
        return taken

    def pairs_of(self, request: Request) -> dict[int, Starts]:
        """By interpreter, the starts at which they could come for this person, were nobody placed yet."""
        able, wanted = self._pairs_of_kind(request.clinic_id, request.asked), self.starts_for(request)
        pairs = {whose: starts & wanted for whose, starts in able.items() if whose not in request.unwanted}
        return {whose: starts for whose, starts in pairs.items() if starts}

    def _pairs_of_kind(self, clinic_id: int, asked: Asked) -> dict[int, Starts]:
        kind = (clinic_id, asked)
        if kind not in self._able:
            at_any_time = need_of(asked, asked.now, asked.now, self.pictures[clinic_id].site.id)
            wanted = self._of_kind[kind]
            self._able[kind] = {
                each.id: self._free.starts_of(each, asked.now) & wanted
                for each in self.interpreters_of[clinic_id].values()
                if wanted and static_failing(at_any_time, each) is None
            }
        return self._able[kind]


def numbers_in(starts: Starts) -> Iterator[int]:
    """The numbers of a set, the smallest first."""
    while starts:
        lowest = starts & -starts
        yield lowest.bit_length() - 1
        starts ^= lowest


def _in_order(picture: Picture) -> Picture:
    slots = sorted(picture.slots, key=lambda slot: (slot.starts, slot.id))
    return replace(picture, slots=slots, candidates=sorted(picture.candidates, key=lambda each: each.code))


def _numbered(found: Mapping[tuple[int, Asked], Sequence[Start]], pictures: Mapping[int, Picture]) -> list[Place]:
    """Every start once, day by day, within a day those first that leave no slot alone, as a search has them."""
    places: dict[tuple[int, ...], Place] = {}
    for (clinic_id, _), starts in found.items():
        for start in starts:
            known = places.get(start.slots)
            if known is None or known.start.leaves < start.leaves:
                places[start.slots] = Place(start, clinic_id, pictures[clinic_id].site.id)
    return sorted(places.values(), key=lambda place: (place.starts.date(), place.start.leaves, *_when(place)))


def _when(place: Place) -> tuple[datetime, tuple[int, ...]]:
    return place.starts, place.start.slots


def _starts_of_kinds(
    found: Mapping[tuple[int, Asked], Sequence[Start]], places: Sequence[Place]
) -> dict[tuple[int, Asked], Starts]:
    bit = {place.start.slots: 1 << number for number, place in enumerate(places)}
    return {kind: sum(bit[start.slots] for start in starts) for kind, starts in found.items()}


def _kept_apart(places: Sequence[Place], travel: Travel) -> tuple[list[Starts], list[Starts], list[Starts]]:
    """For each start which others one clinician, one person and one interpreter cannot have beside it."""
    clinician, person, interpreter = ([1 << number for number in range(len(places))] for _ in range(3))
    minutes = {(one, other): _minutes(one, other, travel) for one in _sites(places) for other in _sites(places)}
    furthest = max(minutes.values(), default=0)
    in_time = sorted(range(len(places)), key=lambda number: _when(places[number]))
    begins = [int(place.starts.timestamp()) // 60 for place in places]
    ends = [int(place.start.ends.timestamp()) // 60 for place in places]
    for at, one in enumerate(in_time):
        first, until = places[one], ends[one]
        for other in in_time[at + 1 :]:
            gap = begins[other] - until
            if gap >= furthest:
                break
            second = places[other]
            if gap < minutes[first.site_id, second.site_id]:
                _mark(interpreter, one, other)
            if gap < 0:
                _mark(person, one, other)
                if _one_clinician(first, second):
                    _mark(clinician, one, other)
    return clinician, person, interpreter


def _sites(places: Sequence[Place]) -> list[int]:
    return sorted({place.site_id for place in places})


def _minutes(one: int, other: int, travel: Travel) -> int:
    return minutes_between(IN_PERSON, one, Busy(_SOME_TIME, _SOME_TIME, other, IN_PERSON), travel)


def _one_clinician(one: Place, other: Place) -> bool:
    if one.clinician_id is None or other.clinician_id is None:
        return not set(one.start.slots).isdisjoint(other.start.slots)
    return one.clinician_id == other.clinician_id


def _mark(apart: list[Starts], one: int, other: int) -> None:
    apart[one] |= 1 << other
    apart[other] |= 1 << one


def _kept(travel: Travel) -> Travel:
    """The same minutes, asked for once for each two sites."""
    return cache(travel)


def _nowhere(_one: int | None, _other: int | None) -> int:
    return 0


class _Freely:
    """When each interpreter is free to come, by their hours, notice, time away and by what they do else."""

    def __init__(self, places: Sequence[Place], travel: Travel) -> None:
        self._places, self._travel = places, travel
        self._at: dict[tuple[datetime, datetime], Starts] = defaultdict(int)
        for number, place in enumerate(places):
            self._at[place.starts, place.start.ends] |= 1 << number
        self._in_time = sorted(range(len(places)), key=lambda number: places[number].starts)
        self._begins = [places[number].starts for number in self._in_time]
        self._of_interpreter: dict[int, Starts] = {}

    def starts_of(self, candidate: Candidate, now: datetime) -> Starts:
        """All starts at which this interpreter could come."""
        if candidate.id not in self._of_interpreter:
            idle = replace(candidate, busy=())
            times = (numbers for time, numbers in self._at.items() if self._is_open(idle, *time, now))
            self._of_interpreter[candidate.id] = reduce(or_, times, 0) & ~self._kept_by(candidate, now)
        return self._of_interpreter[candidate.id]

    def _is_open(self, idle: Candidate, starts: datetime, ends: datetime, now: datetime) -> bool:
        return time_failing(_need(starts, ends, None, now), idle, self._travel) is None

    def _kept_by(self, candidate: Candidate, now: datetime) -> Starts:
        """Starts that they cannot reach from what they do else, or that are at that time."""
        kept = 0
        for number in set().union(*(self.near(other.starts, other.ends) for other in candidate.busy)):
            place = self._places[number]
            need = _need(place.starts, place.start.ends, place.site_id, now)
            if clashes(need, candidate.busy, self._travel) is not None:
                kept |= 1 << number
        return kept

    def near(self, begins: datetime, ends: datetime) -> Sequence[int]:
        """Starts not too far from a time for it to matter."""
        first = bisect_left(self._begins, begins - _FURTHEST)
        return self._in_time[first : bisect_left(self._begins, ends + _FURTHEST)]


def _need(starts: datetime, ends: datetime, site_id: int | None, now: datetime) -> Need:
    return Need(language="", sex=None, mode=IN_PERSON, starts=starts, ends=ends, site_id=site_id, now=now)
