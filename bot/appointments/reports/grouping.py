"""Rows of one report that speak of the same visit: one counts, or none where they cannot all be true. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from bot.appointments.reports.columns import ReportField, ReportHeader
from bot.appointments.reports.judging import FURTHEST_LAST, RowOutcome, VisitIn, problem_of
from bot.appointments.reports.words import Status
from bot.lists.judging.row_reading import CellProblem
from bot.lists.judging.verdicts import Verdict
from bot.lists.reading.columns import squash

_Key = tuple[str, ...]
_COUNTED = (Verdict.ACCEPTED, Verdict.FIXED)


def group_rows(outcomes: Sequence[RowOutcome], header: ReportHeader) -> list[RowOutcome]:
    """The same rows: of those with one appointment id, or of one person at one time with one clinician, one counts."""
    groups: dict[_Key, list[RowOutcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.visit is not None:
            groups[_key(outcome.visit)].append(outcome)
    judged = {found.row: found for group in groups.values() if len(group) > 1 for found in _settle(group, header)}
    return [judged.get(outcome.row, outcome) for outcome in outcomes]


def _key(visit: VisitIn) -> _Key:
    return (visit.ref,) if visit.ref else ("", visit.nhs_number, visit.starts.isoformat(), squash(visit.clinician))


def _settle(group: list[RowOutcome], header: ReportHeader) -> Iterable[RowOutcome]:
    visits = [(outcome, visit) for outcome in group if (visit := outcome.visit)]
    rows = " and ".join(str(outcome.row) for outcome in group)
    if len({visit.nhs_number for _, visit in visits}) > 1:
        message = f"Rows {rows} give this id to different people, so we cannot know whose it is."
        return _reject(group, header, "id-of-several", message)
    live = {visit.starts for _, visit in visits if visit.status is not Status.CANCELLED}
    if len(live) > 1:
        message = f"Rows {rows} give different times for this id, so we cannot know when it is."
        return _reject(group, header, "id-twice", message)
    counts = max(visits, key=lambda found: _weight(found[1], live))[0]
    return [outcome for outcome in (found.becomes(Verdict.DUPLICATE) for found in group) if outcome.row != counts.row]


def _reject(group: list[RowOutcome], header: ReportHeader, code: str, message: str) -> list[RowOutcome]:
    return [
        outcome.becomes(Verdict.REJECTED, problem_of(outcome, header, ReportField.REF, code, message))
        for outcome in group
    ]


def _weight(visit: VisitIn, live: set[datetime]) -> tuple[bool, int, int]:
    """What is not cancelled counts before what is, then what goes furthest, then the last row."""
    further = FURTHEST_LAST.index(visit.status) if visit.status else -1
    return visit.status is not Status.CANCELLED if live else True, further, visit.row


def join_rows(outcomes: Sequence[RowOutcome], header: ReportHeader, known: Collection[str]) -> list[RowOutcome]:
    """The same rows: slots of one person and clinician that follow each other without a gap are one visit.

    :param known: ids of visits that we know; what is known by itself stays so.
    """
    groups: dict[_Key, list[tuple[RowOutcome, VisitIn]]] = defaultdict(list)
    for outcome in outcomes:
        visit = outcome.visit
        if visit and visit.clinician and outcome.verdict in _COUNTED and visit.status is not Status.CANCELLED:
            key = (visit.nhs_number, squash(visit.clinician), squash(visit.clinic))
            groups[key].append((outcome, visit))
    judged: dict[int, RowOutcome] = {}
    for group in groups.values():
        judged |= _join(sorted(group, key=lambda found: found[1].starts), header, known)
    return [judged.get(outcome.row, outcome) for outcome in outcomes]


def _join(
    group: Sequence[tuple[RowOutcome, VisitIn]], header: ReportHeader, known: Collection[str]
) -> dict[int, RowOutcome]:
    joined: dict[int, RowOutcome] = {}
    head, visit = group[0]
    for outcome, next_visit in group[1:]:
        if next_visit.starts != visit.ends or next_visit.ref in known:
            head, visit = outcome, next_visit
            continue
        visit = visit._replace(ends=next_visit.ends)
        joined[head.row] = head._replace(visit=visit)
        message = f"This follows row {head.row} with the same clinician and without a gap, so they are one visit."
        problem = CellProblem(outcome.row, header.heading_of_time(), "joined", message)
        joined[outcome.row] = outcome.becomes(Verdict.DUPLICATE, problem)
    return joined
