"""What becomes of one row of an appointment report: a visit, or why none, with reasons by cell. Pure.

A row is rejected only when we cannot know who or when. Every other wrong cell is fixed, with a reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.appointments.reports.columns import ReportField, ReportHeader
from bot.appointments.reports.times import (
    FARTHEST,
    LONGEST,
    USUAL_LENGTH,
    Clock,
    WhenCell,
    in_words,
    moment_of,
    no_such_time,
    not_a_time,
    read_length,
    read_when,
)
from bot.appointments.reports.words import Status, read_mode, read_status
from bot.clock import LONDON
from bot.lists.judging.row_reading import CellProblem
from bot.lists.judging.verdicts import Verdict
from bot.lists.reading.table import EPOCH_1900, Row
from bot.patients.cells import LONGEST_CELL, clean, is_scientific, shown
from bot.patients.nhs_numbers import read_nhs_number
from bot.tables.interpreters import Mode

LONGEST_NAME = 100
"""Letters of an appointment id, and of the name of a clinic, clinician or place."""
FURTHEST_LAST = (Status.BOOKED, Status.ARRIVED, Status.DID_NOT_ATTEND, Status.ATTENDED, Status.CANCELLED)
"""Where several columns say how a visit stands, the one that goes furthest is believed."""


class VisitIn(NamedTuple):
    """A visit as one row describes it. `starts` and `ends` are UTC; `status` None: the row says nothing of it.

    `ref` is the id by which the practice's own system knows it, "" where it has none.
    """

    row: int
    nhs_number: str
    starts: datetime
    ends: datetime
    ref: str = ""
    clinician: str = ""
    clinic: str = ""
    site: str = ""
    status: Status | None = None
    mode: Mode = Mode.IN_PERSON


class RowOutcome(NamedTuple):
    """The verdict on one row. `visit` is there unless it is rejected; what else is known of it stands beside.

    `named`: whom the file names there. `ref`, `day` and the names tell what the report speaks of all the same.
    """

    row: int
    verdict: Verdict
    visit: VisitIn | None
    problems: tuple[CellProblem, ...] = ()
    named: str = ""
    ref: str = ""
    day: date | None = None
    clinic: str = ""
    clinician: str = ""

    def becomes(self, verdict: Verdict, problem: CellProblem | None = None) -> "RowOutcome":
        """The same row, judged otherwise."""
        problems = (*self.problems, problem) if problem else self.problems
        return self._replace(
            verdict=verdict, visit=None if verdict is Verdict.REJECTED else self.visit, problems=problems
        )


@dataclass(frozen=True)
class ReportRules:
    """What all rows are read by: the header, today's date in England, day 0."""

    header: ReportHeader
    today: date
    epoch: date = EPOCH_1900


@dataclass
class _Reading:
    """One row while it is read: its cells, clean, and what was found wrong so far."""

    number: int
    cells: Sequence[str]
    rules: ReportRules
    problems: list[CellProblem] = field(default_factory=list)

    def texts(self, name: ReportField) -> list[str]:
        """Every cell of that field which says something."""
        places = self.rules.header.places.get(name, ())
        return [self.cells[place] for place in places if place < len(self.cells) and self.cells[place]]

    def text(self, name: ReportField) -> str:
        """The first of them, else ''."""
        return next(iter(self.texts(name)), "")

    def add(self, name: ReportField, code: str, message: str) -> None:
        """Note a reason on a cell."""
        self.problems.append(CellProblem(self.number, self.rules.header.heading(name), code, message))


def judge_report(rows: Iterable[Row], rules: ReportRules) -> Iterator[RowOutcome]:
    """A verdict on each row by itself."""
    for row in rows:
        yield _judge(_begin(row, rules), row)


def problem_of(outcome: RowOutcome, header: ReportHeader, name: ReportField, code: str, message: str) -> CellProblem:
    """A reason that only the other rows, or what is stored, bring to a row."""
    return CellProblem(outcome.row, header.heading(name), code, message)


def _begin(row: Row, rules: ReportRules) -> _Reading:
    """Of a row that is broken off somewhere, what stands before the fault."""
    torn = row.fault is not None and len(row.cells) != len(rules.header.headings)
    cells = row.cells[: row.sure] if torn else row.cells
    return _Reading(row.number, [clean(cell) if len(cell) <= LONGEST_CELL else "" for cell in cells], rules)


def _judge(reading: _Reading, row: Row) -> RowOutcome:
    if row.fault is not None:
        reading.problems.append(CellProblem(row.number, "", row.fault.code, row.fault.message))
    status = _status(reading)
    if status is Status.NONE:
        reading.problems.clear()
        word = shown(reading.text(ReportField.STATUS))
        reading.add(ReportField.STATUS, "not-booked", f"{word} is no time that somebody has booked: left out.")
        return _outcome(reading, None, None)
    number = _nhs_number(reading)
    when = _when(reading)
    starts = _starts(reading, when)
    if number is None or starts is None or (row.fault is not None and row.fault.unusable):
        return _outcome(reading, None, _spoken_of(reading, when.day))
    visit = VisitIn(
        row.number,
        number,
        starts,
        starts + _length(reading, starts),
        _ref(reading),
        _name(reading, ReportField.CLINICIAN),
        _name(reading, ReportField.CLINIC),
        _name(reading, ReportField.SITE),
        status,
        read_mode(" ".join(reading.texts(ReportField.MODE))),
    )
    return _outcome(reading, visit, when.day)


def _spoken_of(reading: _Reading, day: date | None) -> date | None:
    """The day, where it may be one of the report's: one that was written wrongly makes no report any longer."""
    return None if day is None or _too_far(reading, day) else day


def _too_far(reading: _Reading, day: date) -> bool:
    return abs(day - reading.rules.today) > FARTHEST


def _outcome(reading: _Reading, visit: VisitIn | None, day: date | None) -> RowOutcome:
    verdict = Verdict.REJECTED if visit is None else Verdict.FIXED if reading.problems else Verdict.ACCEPTED
    return RowOutcome(
        reading.number,
        verdict,
        visit,
        tuple(reading.problems),
        shown(reading.text(ReportField.NHS_NUMBER)),
        visit.ref if visit else reading.text(ReportField.REF)[:LONGEST_NAME],
        day,
        reading.text(ReportField.CLINIC)[:LONGEST_NAME],
        reading.text(ReportField.CLINICIAN)[:LONGEST_NAME],
    )


def _nhs_number(reading: _Reading) -> str | None:
    found = {read_nhs_number(cell) for cell in reading.texts(ReportField.NHS_NUMBER)} or {read_nhs_number("")}
    if len(found) > 1:
        words = " and ".join(map(shown, reading.texts(ReportField.NHS_NUMBER)))
        message = f"Two columns say different things: {words}. We cannot know who this is. Leave one."
        reading.add(ReportField.NHS_NUMBER, "nhs-number-several", message)
        return None
    [number] = found
    if number.code:
        reading.add(ReportField.NHS_NUMBER, number.code, number.message)
    return number.number


def _when(reading: _Reading) -> WhenCell:
    """The day and time, wherever they stand; what stands in the column of times is no day."""
    today, epoch = reading.rules.today, reading.rules.epoch
    found = {
        name: [read_when(cell, today, epoch) for cell in reading.texts(name)]
        for name in (ReportField.START, ReportField.TIME, ReportField.DATE)
    }
    of_days = (*found[ReportField.START], *found[ReportField.DATE])
    day = next((cell for cell in of_days if cell.day), WhenCell())
    of_times = (*found[ReportField.START], *found[ReportField.TIME], *found[ReportField.DATE])
    clock = next((cell.clock for cell in of_times if cell.clock), None)
    return WhenCell(day.day, clock, day.note)


def _starts(reading: _Reading, when: WhenCell) -> datetime | None:
    """The start in UTC, or None with the reason noted."""
    if when.day is None or when.clock is None:
        _note_no_time(reading, when)
        return None
    if _too_far(reading, when.day):
        message = f"{when.day.day} {when.day:%B} {when.day.year} is more than five years off. Look up the right day."
        reading.add(_column_of_day(reading), "date-too-far", message)
        return None
    starts = moment_of(when.day, when.clock._replace(at=when.clock.at.replace(second=0)))
    if starts is None:
        reading.add(_column_of_time(reading), "no-such-time", no_such_time(when.day, when.clock))
    elif when.note:
        reading.add(_column_of_day(reading), *when.note)
    return starts


def _note_no_time(reading: _Reading, when: WhenCell) -> None:
    name = _column_of_day(reading) if when.day is None else _column_of_time(reading)
    if cell := reading.text(name):
        code = "not-a-date" if when.day is None else "time-missing"
        reading.add(name, code, not_a_time(cell))
    else:
        code, what = ("date-missing", "day") if when.day is None else ("time-missing", "time")
        reading.add(name, code, f"There is no {what}, so we cannot know when this is.")


def _column_of_day(reading: _Reading) -> ReportField:
    return ReportField.DATE if reading.text(ReportField.DATE) else _first(reading, ReportField.START, ReportField.DATE)


def _column_of_time(reading: _Reading) -> ReportField:
    return _first(reading, ReportField.TIME, ReportField.START, ReportField.DATE)


def _first(reading: _Reading, *names: ReportField) -> ReportField:
    return next((name for name in names if name in reading.rules.header.places), names[-1])


def _length(reading: _Reading, starts: datetime) -> timedelta:
    """As the row says it, by its minutes or by its end; ten minutes where it says nothing that can be read."""
    if cell := reading.text(ReportField.LENGTH):
        length = read_length(cell)
        if length is None and not reading.text(ReportField.END):
            message = f"{shown(cell)} is no length that we can read: taken as 10 minutes. Write minutes, such as 20."
            reading.add(ReportField.LENGTH, "length-unreadable", message)
        if length is not None:
            return length
    return _length_by_end(reading, starts) if reading.text(ReportField.END) else USUAL_LENGTH


def _length_by_end(reading: _Reading, starts: datetime) -> timedelta:
    cell = reading.text(ReportField.END)
    ends = _end_of(read_when(cell, reading.rules.today, reading.rules.epoch), starts)
    if ends is None:
        message = f"{shown(cell)} is no end that we can read: the visit is taken to last 10 minutes."
        reading.add(ReportField.END, "end-unreadable", message)
    elif not timedelta(0) < ends - starts <= LONGEST:
        message = f"{shown(cell)} is no possible end of a visit at {in_words(starts)}: taken to last 10 minutes."
        reading.add(ReportField.END, "end-impossible", message)
    else:
        return timedelta(minutes=-(-(ends - starts) // timedelta(minutes=1)))
    return USUAL_LENGTH


def _end_of(found: WhenCell, starts: datetime) -> datetime | None:
    clock: Clock | None = found.clock
    return None if clock is None else moment_of(found.day or starts.astimezone(LONDON).date(), clock)


def _ref(reading: _Reading) -> str:
    ref = reading.text(ReportField.REF)
    if is_scientific(ref):
        message = f"A spreadsheet has rounded this id to {shown(ref)}, so it was not used. Format the column as text."
        reading.add(ReportField.REF, "id-rounded", message)
        return ""
    if len(ref) > LONGEST_NAME:
        reading.add(ReportField.REF, "id-too-long", f"An id has at most {LONGEST_NAME} letters: this was not used.")
        return ""
    return ref


def _name(reading: _Reading, name: ReportField) -> str:
    text = reading.text(name)
    if len(text) > LONGEST_NAME:
        reading.add(name, "name-too-long", f"Only the first {LONGEST_NAME} letters were kept.")
    return text[:LONGEST_NAME]


def _status(reading: _Reading) -> Status | None:
    """The word that goes furthest; one that is not known says nothing."""
    words = reading.texts(ReportField.STATUS)
    found = [status for word in words if (status := read_status(word))]
    if words and not found:
        message = f"{shown(words[0])} is not a word for how a visit stands that we know: passed over."
        reading.add(ReportField.STATUS, "status-unknown", message)
    booked = [status for status in found if status is not Status.NONE]
    return max(booked, key=FURTHEST_LAST.index) if booked else next(iter(found), None)
