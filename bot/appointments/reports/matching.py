"""Which rows of a report are visits that we know, which are new, and which visits the report lacks. Pure.

A visit is known by the report's own id. Without one it is known by its person and start; and where exactly one visit
of a person and clinician is gone and exactly one has come, it was moved. Everything else is for people to say.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from bot.appointments.reports.judging import RowOutcome, VisitIn
from bot.appointments.reports.words import STATE_OF, Status
from bot.clock import LONDON
from bot.lists.reading.columns import squash
from bot.tables.appointments import VISIT_MOVES, VisitState


class Change(StrEnum):
    """What a row changes."""

    NEW = "new"
    MOVED = "moved"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Known(NamedTuple):
    """A visit as we have it. `ours`: booked here; `reported`: an earlier report had it; `needs`: an interpreter.

    `clinic`, `clinician` and `site` are as the last report wrote them, or by our own names.
    """

    visit_id: int
    nhs_number: str
    starts: datetime
    ends: datetime
    ref: str = ""
    mode: str = ""
    state: str = VisitState.BOOKED
    given_up_by: str | None = None
    ours: bool = False
    reported: bool = True
    clinic: str = ""
    clinician: str = ""
    site: str = ""
    needs: bool = False
    name: str = ""

    @property
    def live(self) -> bool:
        """Whether it is not off."""
        return self.state != VisitState.CANCELLED


class Matched(NamedTuple):
    """A row, what it changes, and the visit it is; None where it is a new one, or speaks of none."""

    visit: VisitIn
    change: Change
    known: Known | None = None


@dataclass(frozen=True)
class Coverage:
    """The days and the clinics of which a report speaks; None: it does not say clinics, or clinicians."""

    first_day: date
    last_day: date
    clinics: frozenset[str] | None
    clinicians: frozenset[str] | None

    def has(self, known: Known) -> bool:
        """Whether the report should have that visit."""
        if not self.first_day <= known.starts.astimezone(LONDON).date() <= self.last_day:
            return False
        if self.clinics is not None:
            return squash(known.clinic) in self.clinics
        return self.clinicians is None or squash(known.clinician) in self.clinicians


@dataclass
class Matching:
    """What a report comes to. `again`: taken out by a person's wish, yet still there; `freed`: their ids pass over."""

    rows: list[Matched] = field(default_factory=list)
    missing: list[Known] = field(default_factory=list)
    unclear: list[Known] = field(default_factory=list)
    again: list[Known] = field(default_factory=list)
    freed: list[Known] = field(default_factory=list)
    of_another: list[VisitIn] = field(default_factory=list)

    def count(self, change: Change) -> int:
        """How many rows change that."""
        return sum(matched.change is change for matched in self.rows)


def coverage_of(outcomes: Sequence[RowOutcome]) -> Coverage | None:
    """Of what a report speaks, its rejected rows too; None where no day can be read."""
    days = [outcome.day for outcome in outcomes if outcome.day]
    if not days:
        return None
    clinics = frozenset(squash(outcome.clinic) for outcome in outcomes)
    clinicians = frozenset(squash(outcome.clinician) for outcome in outcomes)
    return Coverage(min(days), max(days), _stated(clinics), _stated(clinicians))


def _stated(names: frozenset[str]) -> frozenset[str] | None:
    return names if any(names) else None


def match_report(
    visits: Sequence[VisitIn],
    known: Collection[Known],
    coverage: Coverage | None,
    mentioned: Collection[str],
    now: datetime,
) -> Matching:
    """Hold the rows that count against the visits we know.

    :param known: all those of the report's days, and all whose ids it mentions.
    :param mentioned: ids of rows that were rejected; their visits are not missing.
    """
    return _Match(known, coverage, frozenset(mentioned), now).match(visits)


class _Match:
    def __init__(
        self, known: Collection[Known], coverage: Coverage | None, mentioned: frozenset[str], now: datetime
    ) -> None:
        self.result = Matching()
        self._by_ref = {each.ref: each for each in known if each.ref}
        self._left = {each.visit_id: each for each in known if each.live}
        self._coverage, self._mentioned, self._now = coverage, mentioned, now

    def match(self, visits: Sequence[VisitIn]) -> Matching:
        """First by ids, then by person and start, then what was moved."""
        others = [visit for visit in visits if not self._is_known_by_ref(visit)]
        at: dict[tuple[str, datetime], list[Known]] = defaultdict(list)
        for each in self._left.values():
            at[each.nhs_number, each.starts].append(each)
        others.sort(key=lambda visit: (visit.status is Status.CANCELLED, visit.row))  # what stands is known first
        others = [visit for visit in others if not self._is_known_by_time(visit, at)]
        theirs: dict[tuple[str, str], list[Known]] = defaultdict(list)
        for each in self._left.values():
            theirs[each.nhs_number, squash(each.clinician)].append(each)
        for whose, group in self._by_clinician(others).items():
            self._move(group, [each for each in theirs[whose] if self._is_gone(each)])
        gone = [each for each in self._left.values() if self._is_gone(each)]
        self.result.missing = sorted(gone, key=lambda each: (each.starts, each.visit_id))
        self.result.rows.sort(key=lambda matched: matched.visit.row)
        return self.result

    def _is_known_by_ref(self, visit: VisitIn) -> bool:
        found = self._by_ref.get(visit.ref) if visit.ref else None
        if found is None:
            return False
        self._left.pop(found.visit_id, None)
        if found.nhs_number != visit.nhs_number and found.live:
            self.result.of_another.append(visit)
            self.result.unclear.append(found)
        elif not found.live:
            return self._was_off(visit, found)
        else:
            self._note(visit, found)
        return True

    def _was_off(self, visit: VisitIn, found: Known) -> bool:
        """Whether a visit that is off stays so; else the row is of a new one, and the id passes over to it."""
        if visit.status not in (None, Status.BOOKED):
            self._add(visit, Change.UNCHANGED, found)
            return True
        same = found.nhs_number == visit.nhs_number and found.starts == visit.starts
        if same and found.given_up_by == "person" and visit.starts > self._now:
            self.result.again.append(found)
            self._add(visit, Change.UNCHANGED, found)
            return True
        self.result.freed.append(found)
        return False

    def _is_known_by_time(self, visit: VisitIn, at: dict[tuple[str, datetime], list[Known]]) -> bool:
        there = [each for each in at[visit.nhs_number, visit.starts] if each.visit_id in self._left]
        fits = [each for each in there if not (visit.ref and each.ref) and _may_be(visit, each)]
        if not fits:
            return False
        found = min(fits, key=lambda each: (squash(each.clinician) != squash(visit.clinician), each.visit_id))
        del self._left[found.visit_id]
        self._note(visit, found)
        return True

    def _by_clinician(self, visits: Sequence[VisitIn]) -> dict[tuple[str, str], list[VisitIn]]:
        groups: dict[tuple[str, str], list[VisitIn]] = defaultdict(list)
        for visit in visits:
            if visit.status is Status.CANCELLED:
                self._add(visit, Change.UNCHANGED, None)
            else:
                groups[visit.nhs_number, squash(visit.clinician)].append(visit)
        return groups

    def _move(self, group: Sequence[VisitIn], gone: Sequence[Known]) -> None:
        """Of one person and clinician: one gone and one come, both still ahead and without an id, is one moved."""
        come = [visit for visit in group if not visit.ref and visit.starts > self._now]
        moved = come if len(come) == len(gone) == 1 else []
        if moved:
            del self._left[gone[0].visit_id]
            self._note(come[0], gone[0])
        elif come and gone:
            self.result.unclear.extend(gone)
            for each in gone:
                del self._left[each.visit_id]
        for visit in group:
            if visit not in moved:
                self._add(visit, Change.NEW, None)

    def _is_gone(self, known: Known) -> bool:
        """Whether the report should have a visit, and has it not."""
        if not known.reported or known.state != VisitState.BOOKED or known.starts <= self._now:
            return False
        return self._coverage is not None and self._coverage.has(known) and known.ref not in self._mentioned

    def _note(self, visit: VisitIn, found: Known) -> None:
        """What a row changes of the visit it is. One booked here it neither moves nor takes off: people do."""
        if found.ours and (visit.starts != found.starts or visit.status is Status.CANCELLED):
            self.result.unclear.append(found)
            self._add(visit, Change.UNCHANGED, found)
            return
        self._add(visit, change_of(visit, found), found)

    def _add(self, visit: VisitIn, change: Change, known: Known | None) -> None:
        self.result.rows.append(Matched(visit, change, known))


def _may_be(visit: VisitIn, known: Known) -> bool:
    """Whether a row can be of a visit at its time: what is off with one clinician may stand with another."""
    mine, theirs = squash(visit.clinician), squash(known.clinician)
    return visit.status is not Status.CANCELLED or not mine or not theirs or mine == theirs


def change_of(visit: VisitIn, known: Known) -> Change:
    """What a row changes of a visit that stands."""
    if visit.status is not Status.CANCELLED and visit.starts != known.starts:
        return Change.MOVED
    if next_state(visit, known) != known.state or (not known.reported) or (visit.ref and visit.ref != known.ref):
        return Change.CHANGED
    if known.ours:
        return Change.UNCHANGED
    mine = (visit.ends, visit.mode.value, visit.clinic, visit.clinician, visit.site)
    same = mine == (known.ends, known.mode, known.clinic, known.clinician, known.site) and not known.needs
    return Change.UNCHANGED if same else Change.CHANGED


_FURTHER = {VisitState.BOOKED: 0, VisitState.ARRIVED: 1, VisitState.DID_NOT_ATTEND: 2, VisitState.ATTENDED: 3}


def next_state(visit: VisitIn, known: Known) -> str:
    """How the visit stands by the row: a report never takes back what was seen here, save that it was moved."""
    if visit.status is None or visit.status is Status.NONE:
        return known.state
    said, now = STATE_OF[visit.status], VisitState(known.state)
    if said is VisitState.CANCELLED:
        return said if VISIT_MOVES.may(now, said) else now
    if visit.starts != known.starts:
        return said
    return said if VISIT_MOVES.may(now, said) and _FURTHER[said] > _FURTHER[now] else now


class _Span(NamedTuple):
    starts: datetime
    ends: datetime
    visit: VisitIn | None


def overlaps(visits: Iterable[VisitIn], known: Iterable[Known]) -> list[tuple[VisitIn, datetime]]:
    """Rows at whose time the same person has another visit, in the report or here, with the start of that one."""
    spans: dict[str, list[_Span]] = defaultdict(list)
    for visit in visits:
        spans[visit.nhs_number].append(_Span(visit.starts, visit.ends, visit))
    for each in known:
        spans[each.nhs_number].append(_Span(each.starts, each.ends, None))
    pairs = (pair for of_person in spans.values() for pair in pairwise(sorted(of_person, key=lambda span: span[:2])))
    found = [
        (second.visit, first.starts) if second.visit else (first.visit, second.starts)
        for first, second in pairs
        if second.starts < first.ends
    ]
    return sorted(((visit, starts) for visit, starts in found if visit), key=lambda pair: pair[0].row)
