"""A report held against what is stored: a verdict on every row, what it changes, what is missing. Stores nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.appointments.reports.columns import ReportField, ReportHeader
from bot.appointments.reports.grouping import group_rows, join_rows
from bot.appointments.reports.judging import ReportRules, RowOutcome, judge_report, problem_of
from bot.appointments.reports.matching import Change, Coverage, Known, Matching, coverage_of, match_report, overlaps
from bot.appointments.reports.reading import read_report
from bot.appointments.reports.times import in_words
from bot.clock import LONDON, london_today
from bot.lists.judging.row_reading import CellProblem
from bot.lists.judging.verdicts import Verdict
from bot.lists.reading.table import Row
from bot.rows import among, chunks
from bot.tables.appointments import Clinician, InterpreterState, ReportedVisit, Visit, VisitKind, VisitState
from bot.tables.patients import Patient

_NAMED = 10
_HIDDEN = (
    "Rows that are hidden in the workbook, by a filter for example: {number:,} (row {rows}). They are read like the "
    "others."
)
_OVERLAP = (
    "Row {row}: this person has another visit at that time, which begins {starts}. Both stand; look whether both are "
    "meant."
)


@dataclass(frozen=True)
class ReadReport:
    """The rows of a report, judged among themselves."""

    header: ReportHeader
    outcomes: list[RowOutcome]
    notes: list[str] = field(default_factory=list)


@dataclass
class Looked:
    """A report held against what is stored. `people` are those of the practice that it names, by NHS number."""

    header: ReportHeader
    outcomes: list[RowOutcome]
    matching: Matching
    coverage: Coverage | None
    people: dict[str, Patient]
    notes: list[str] = field(default_factory=list)
    overlapping: int = 0

    @property
    def problems(self) -> list[CellProblem]:
        """What was found wrong, row by row."""
        return [problem for outcome in self.outcomes for problem in outcome.problems]

    def counts(self) -> dict[str, int]:
        """The numbers alone: the verdicts add up to the rows; `stored` are visits that are new or changed."""
        verdicts = Counter(outcome.verdict for outcome in self.outcomes)
        changes = {change.value: self.matching.count(change) for change in Change}
        return {
            "rows": len(self.outcomes),
            "accepted": verdicts[Verdict.ACCEPTED],
            "fixed": verdicts[Verdict.FIXED],
            "rejected": verdicts[Verdict.REJECTED],
            "duplicates": verdicts[Verdict.DUPLICATE],
            "stored": sum(changes.values()) - changes[Change.UNCHANGED],
            **changes,
            "missing": len(self.matching.missing),
            "to_staff": len(self.matching.unclear) + len(self.matching.again),
            "overlapping": self.overlapping,
        }


def read_rows(content: bytes) -> ReadReport:
    """Read a report through and judge its rows among themselves.

    :raises Refused: it cannot be read as one.
    """
    report = read_report(content)
    hidden: list[int] = []
    rules = ReportRules(report.header, london_today(), report.epoch)
    outcomes = list(judge_report(_noting_hidden(report.rows(), hidden), rules))
    return ReadReport(report.header, group_rows(outcomes, report.header), _note_hidden(hidden))


def _noting_hidden(rows: Iterable[Row], hidden: list[int]) -> Iterable[Row]:
    for row in rows:
        if row.hidden:
            hidden.append(row.number)
        yield row


def _note_hidden(hidden: Sequence[int]) -> list[str]:
    if not hidden:
        return []
    rows = ", ".join(map(str, hidden[:_NAMED])) + (", …" if len(hidden) > _NAMED else "")
    return [_HIDDEN.format(number=len(hidden), rows=rows)]


def look_at(session: Session, practice_id: int, read: ReadReport, now: datetime) -> Looked:
    """Hold the rows of a report against people and visits of a practice."""
    people = _people(session, practice_id, [o.visit.nhs_number for o in read.outcomes if o.visit])
    outcomes = [_known_person(outcome, people, read.header) for outcome in read.outcomes]
    coverage = coverage_of(outcomes)
    refs = {outcome.ref for outcome in outcomes if outcome.ref}
    known = known_visits(session, practice_id, coverage, refs, now)
    outcomes = join_rows(outcomes, read.header, {each.ref for each in known if each.ref})
    visits = [o.visit for o in outcomes if o.visit and o.verdict is not Verdict.DUPLICATE]
    mentioned = {outcome.ref for outcome in outcomes if outcome.ref and outcome.visit is None}
    matching = match_report(visits, known, coverage, mentioned, now)
    looked = Looked(read.header, outcomes, matching, coverage, people, list(read.notes))
    _reject_ids_of_others(looked)
    _note_overlaps(looked, known, now)
    return looked


def _known_person(outcome: RowOutcome, people: dict[str, Patient], header: ReportHeader) -> RowOutcome:
    if outcome.visit is None or outcome.visit.nhs_number in people:
        return outcome
    message = "Nobody on your practice's list has this NHS number. Import your list of patients first."
    problem = problem_of(outcome, header, ReportField.NHS_NUMBER, "unknown-person", message)
    return outcome.becomes(Verdict.REJECTED, problem)


def _reject_ids_of_others(looked: Looked) -> None:
    rows = {visit.row for visit in looked.matching.of_another}
    message = "We know this appointment id as another person's visit, so we cannot know whose it is. Look it up."
    looked.outcomes = [
        o.becomes(Verdict.REJECTED, problem_of(o, looked.header, ReportField.REF, "id-of-another", message))
        if o.row in rows
        else o
        for o in looked.outcomes
    ]


def _note_overlaps(looked: Looked, known: Collection[Known], now: datetime) -> None:
    """Shown, never refused: the practice's own system has booked both."""
    ahead = [m.visit for m in looked.matching.rows if _stands(m.change, m.known) and m.visit.starts > now]
    spoken_of = {m.known.visit_id for m in looked.matching.rows if m.known}
    gone = {each.visit_id for each in (*looked.matching.missing, *looked.matching.unclear)}
    others = [each for each in known if each.live and each.visit_id not in spoken_of | gone]
    found = overlaps(ahead, others)
    looked.overlapping = len(found)
    looked.notes += [_OVERLAP.format(row=visit.row, starts=in_words(starts)) for visit, starts in found]


def _stands(change: Change, known: Known | None) -> bool:
    return change is Change.NEW or (known is not None and known.live)


def _people(session: Session, practice_id: int, numbers: Iterable[str]) -> dict[str, Patient]:
    found: dict[str, Patient] = {}
    for piece in chunks(sorted(set(numbers))):
        theirs = select(Patient).where(
            Patient.practice_id == practice_id, among(session, col(Patient.nhs_number), piece)
        )
        found |= {patient.nhs_number: patient for patient in session.exec(theirs)}
    return found


def known_visits(
    session: Session, practice_id: int, coverage: Coverage | None, refs: Collection[str], now: datetime
) -> list[Known]:
    """The visits of a practice on the days of a report, and those whose ids it mentions."""
    found: dict[int, Known] = {}
    if coverage is not None:
        opens, closes = (
            datetime.combine(day, time(), LONDON) for day in (coverage.first_day, coverage.last_day + timedelta(days=1))
        )
        found |= _known(session, practice_id, and_(col(Visit.starts) >= opens, col(Visit.starts) < closes), now)
    for piece in chunks(sorted(refs)):
        found |= _known(session, practice_id, among(session, col(Visit.external_ref), piece), now)
    return [found[visit_id] for visit_id in sorted(found)]


_COLUMNS: tuple[Any, ...] = (
    col(Visit.id),
    col(Patient.nhs_number),
    col(Visit.starts),
    col(Visit.ends),
    col(Visit.external_ref),
    col(Visit.mode),
    col(Visit.state),
    col(Visit.given_up_by),
    col(Visit.kind),
    col(Visit.interpreter_state),
    col(Patient.interpreter),
    col(Patient.given_name),
    col(Patient.surname),
    col(ReportedVisit.visit_id).label("reported"),
    col(ReportedVisit.clinic),
    func.coalesce(col(ReportedVisit.clinician), col(Clinician.name), "").label("clinician"),
    col(ReportedVisit.site),
)


def _known(session: Session, practice_id: int, which: ColumnElement[bool], now: datetime) -> dict[int, Known]:
    statement = (
        select_columns(*_COLUMNS)
        .join_from(Visit, Patient, col(Patient.id) == col(Visit.patient_id))
        .outerjoin(ReportedVisit, col(ReportedVisit.visit_id) == col(Visit.id))
        .outerjoin(Clinician, col(Clinician.id) == col(Visit.clinician_id))
        .where(col(Visit.practice_id) == practice_id, which)
    )
    return {row.id: _as_known(row, now) for row in session.execute(statement)}


def _as_known(row: Any, now: datetime) -> Known:
    lacks = row.interpreter_state == InterpreterState.NOT_NEEDED and row.state == VisitState.BOOKED
    return Known(
        row.id,
        row.nhs_number,
        row.starts,
        row.ends,
        row.external_ref or "",
        row.mode,
        row.state,
        row.given_up_by,
        ours=row.kind == VisitKind.OURS,
        reported=row.reported is not None,
        clinic=row.clinic or "",
        clinician=row.clinician,
        site=row.site or "",
        needs=lacks and row.interpreter is True and row.starts > now,
        name=f"{row.given_name} {row.surname}".strip(),
    )
