"""Which free times suit a person, and with which interpreter, out of what was read. Pure.

Times are in UTC. A double is two slots of one session, the second from the end of the first. It is sought from the
start of a free run in steps of two, so that no slot is left alone where that can be helped.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import NamedTuple

from bot.interpreters.suiting import Candidate, Need, Rule, Travel, first_failing, static_failing, suit

CLINICIAN_SEX, HELD, NO_DOUBLE = "clinician-sex", "held", "no-double"
"""Rules that take away free starts; those of `suiting.Rule` leave out interpreters."""
FOR_INTERPRETED = ""
"""`FreeSlot.kept` of a slot that is held for visits with an interpreter in whatever language."""
_FURTHEST = {rule: place for place, rule in enumerate(Rule)}


class Leaves(IntEnum):
    """What a double leaves of its free run, the best first. An odd run keeps its last slot whatever one does."""

    NONE_ALONE = 0
    THE_LAST = 1
    ONE_ASTRAY = 2


class FreeSlot(NamedTuple):
    """A slot nobody has. `kept`: None for everybody, else the language it is held for (`FOR_INTERPRETED`)."""

    id: int
    session_id: int | None
    clinician_id: int | None
    starts: datetime
    ends: datetime
    kept: str | None


class SeenBy(NamedTuple):
    """A clinician."""

    id: int
    code: str
    name: str
    sex: str


class Place(NamedTuple):
    """A site."""

    id: int
    code: str
    name: str
    address: str


class FreeTime(NamedTuple):
    """A time that suits. `leaves`: whether taking it leaves a slot alone, which can take no double any more.

    `interpreter` is who would come, in `mode`; None where none is needed. `slots` are the ids of its slots.
    """

    starts: datetime
    ends: datetime
    clinic_id: int
    clinician: SeenBy | None
    site: Place
    mode: str
    interpreter: Candidate | None
    leaves: Leaves
    slots: tuple[int, ...]
    in_own_system: bool


@dataclass(frozen=True)
class Found:
    """Times in order of start; where there are none, by rule how many interpreters or free starts it left out."""

    times: list[FreeTime]
    why_none: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Asked:
    """What is asked of a time. `language` is None where nobody interprets; `speaks` is that of the person anyway.

    `keeping`: the interpreter who comes if that can be; `clinician_id`: none but this one. `prefers_sex`: that of the
    interpreter, where there is a choice.
    """

    interpreted: bool
    double: bool
    speaks: str | None
    clinician_sex: str | None
    interpreter_sex: str | None
    mode: str
    now: datetime
    clinician_id: int | None = None
    keeping: int | None = None
    prefers_sex: str | None = None


@dataclass(frozen=True)
class Picture:
    """All that was read: free slots by start, who could interpret, and what the person does else (`theirs`).

    `without_language`: how many interpreters do not speak it, who are not among the candidates.
    """

    clinic_id: int
    site: Place
    slots: Sequence[FreeSlot]
    clinicians: Mapping[int, SeenBy]
    candidates: Sequence[Candidate]
    travel: Travel
    theirs: Sequence[tuple[datetime, datetime]]
    without_language: int = 0


class Start(NamedTuple):
    """Where a visit of the length wanted could begin."""

    first: FreeSlot
    slots: tuple[int, ...]
    ends: datetime
    leaves: Leaves


@dataclass(frozen=True)
class Within:
    """Which starts are wanted: from, until (that moment is not among them), none but these, none of those."""

    from_: datetime | None = None
    until: datetime | None = None
    only: Collection[datetime] | None = None
    leaving_out: Collection[datetime] = ()

    def has(self, start: datetime) -> bool:
        """Whether a start is wanted."""
        return (
            (self.from_ is None or start >= self.from_)
            and (self.until is None or start < self.until)
            and (self.only is None or start in self.only)
            and start not in self.leaving_out
        )


def choose(picture: Picture, asked: Asked, limit: int, within: Within) -> Found:
    """The first times that suit, day by day, within a day those first that leave no slot alone; given by start."""
    starts = [start for start in starts_of(picture, asked) if within.has(start.first.starts)]
    at_any_time = need_of(asked, asked.now, asked.now, picture.site.id)
    able = [each for each in picture.candidates if static_failing(at_any_time, each) is None]
    times: dict[datetime, FreeTime] = {}
    for start in sorted(starts, key=_by_day):
        if len(times) == limit:
            break
        if start.first.starts not in times and _is_free(picture, start):
            found = _time_of(picture, asked, start, able)
            if found is not None:
                times[start.first.starts] = found
    if times:
        return Found([times[moment] for moment in sorted(times)])
    return Found([], why_none(picture, asked, starts, within))


def first_of(found: Found) -> FreeTime | None:
    """The time that is taken where any will do: one that leaves no slot alone, if that day has one."""
    return min(found.times, key=lambda time: (time.starts.date(), time.leaves, time.starts), default=None)


def starts_of(picture: Picture, asked: Asked) -> list[Start]:
    """Every start of a visit of that length in slots that this person may have."""
    usable = (slot for slot in picture.slots if failing_of(picture, asked, slot) is None)
    if not asked.double:
        return [Start(slot, (slot.id,), slot.ends, Leaves.NONE_ALONE) for slot in usable]
    return [start for run in _runs(usable) for start in _doubles(run)]


def _by_day(start: Start) -> tuple[date, Leaves, datetime, int]:
    slot = start.first
    return slot.starts.date(), start.leaves, slot.starts, slot.id


def failing_of(picture: Picture, asked: Asked, slot: FreeSlot) -> str | None:
    """The rule of slots by which this person cannot have one."""
    if asked.clinician_sex is not None and not _is_of(picture, slot, asked.clinician_sex):
        return CLINICIAN_SEX
    if asked.clinician_id is not None and slot.clinician_id != asked.clinician_id:
        return CLINICIAN_SEX
    if slot.kept is None or (asked.interpreted and slot.kept == FOR_INTERPRETED):
        return None
    return None if slot.kept == asked.speaks else HELD


def _is_of(picture: Picture, slot: FreeSlot, sex: str) -> bool:
    return slot.clinician_id is not None and picture.clinicians[slot.clinician_id].sex == sex


def _runs(slots: Iterable[FreeSlot]) -> Iterator[list[FreeSlot]]:
    """Slots of one session that follow each other without a gap."""
    open_runs: dict[tuple[int | None, int | None], list[FreeSlot]] = defaultdict(list)
    for slot in slots:
        key = (slot.session_id, slot.clinician_id)
        run = open_runs[key]
        if run and run[-1].ends != slot.starts:
            yield run
            open_runs[key] = run = []
        run.append(slot)
    yield from open_runs.values()


def _doubles(run: Sequence[FreeSlot]) -> Iterator[Start]:
    for at in range(len(run) - 1):
        first, second = run[at], run[at + 1]
        leaves = Leaves.ONE_ASTRAY if at % 2 else Leaves.THE_LAST if len(run) - at == 3 else Leaves.NONE_ALONE
        yield Start(first, (first.id, second.id), second.ends, leaves)


def _is_free(picture: Picture, start: Start) -> bool:
    """Whether the person has nothing else then."""
    return not any(begins < start.ends and start.first.starts < ends for begins, ends in picture.theirs)


def _time_of(picture: Picture, asked: Asked, start: Start, able: Sequence[Candidate]) -> FreeTime | None:
    slot = start.first
    interpreter = _interpreter_for(picture, asked, start, able) if asked.interpreted else None
    if asked.interpreted and interpreter is None:
        return None
    return FreeTime(
        starts=slot.starts,
        ends=start.ends,
        clinic_id=picture.clinic_id,
        clinician=None if slot.clinician_id is None else picture.clinicians[slot.clinician_id],
        site=picture.site,
        mode=asked.mode,
        interpreter=interpreter,
        leaves=start.leaves,
        slots=start.slots,
        in_own_system=slot.session_id is None,
    )


def _interpreter_for(picture: Picture, asked: Asked, start: Start, able: Sequence[Candidate]) -> Candidate | None:
    suited = suit(need_at(picture, asked, start), able, picture.travel)
    kept = next((each for each in suited.suitable if each.id == asked.keeping), None)
    return kept or suited.chosen


def need_at(picture: Picture, asked: Asked, start: Start) -> Need:
    """What an interpreter would have to do for a visit that begins there."""
    return need_of(asked, start.first.starts, start.ends, picture.site.id)


def need_of(asked: Asked, starts: datetime, ends: datetime, site_id: int) -> Need:
    """What an interpreter would have to do at that time."""
    return Need(
        language=asked.speaks or "",
        sex=asked.interpreter_sex,
        mode=asked.mode,
        starts=starts,
        ends=ends,
        site_id=site_id,
        now=asked.now,
        prefers=asked.prefers_sex,
    )


def why_none(picture: Picture, asked: Asked, starts: Sequence[Start], within: Within) -> Counter[str]:
    """What left no time: free starts that rules of slots took away, and interpreters, each counted once.

    An interpreter counts under the furthest rule, in the order of `Rule`, that they reached at any free time.
    """
    wanted = [slot for slot in picture.slots if within.has(slot.starts)]
    failing = Counter(rule for slot in wanted if (rule := failing_of(picture, asked, slot)))
    in_one = {slot_id for start in starts for slot_id in start.slots}
    if lone := sum(slot.id not in in_one and failing_of(picture, asked, slot) is None for slot in wanted):
        failing[NO_DOUBLE] = lone
    free = [start for start in starts if _is_free(picture, start)]
    if asked.interpreted and free:
        failing += Counter(rule.value for each in picture.candidates if (rule := _furthest(picture, asked, free, each)))
        failing += Counter({Rule.LANGUAGE.value: picture.without_language})
    return failing


def _furthest(picture: Picture, asked: Asked, starts: Sequence[Start], candidate: Candidate) -> Rule | None:
    reached: Rule | None = None
    for start in starts:
        rule = first_failing(need_at(picture, asked, start), candidate, picture.travel)
        if rule is not None and (reached is None or _FURTHEST[rule] > _FURTHEST[reached]):
            reached = rule
        if reached in (Rule.LANGUAGE, Rule.SEX, Rule.MODE, Rule.BLOCKED, Rule.AGENCY):
            break  # no other time gets further
    return reached
