"""Slots of a practice's own system as a file writes them, CSV or FHIR R4 (Schedule and Slot, as BaRS has them). Pure.

A row says when, and by which words the clinic and the clinician are called; who is meant by them is asked later.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.appointments.reports.times import moment_of, no_such_time, not_a_time, read_when
from bot.appointments.timetable.making import CELL_SECONDS, Times, times_between
from bot.clock import LONDON
from bot.lists.judging.row_reading import CellProblem
from bot.lists.reading.named_rows import NamedRow, read_named_rows
from bot.lists.reading.table import EPOCH_1900
from bot.patients.cells import plain_digits, shown

CLINIC, CLINICIAN, START, END, KIND, LANGUAGE, REFERENCE = (
    *("Clinic", "Clinician", "Start", "End"),
    *("Kind", "Language", "Reference"),
)
LENGTH, DAY, STATUS = "Minutes", "Date", "Status"
HEADINGS: Mapping[str, Sequence[str]] = {
    CLINIC: ("clinic code", "clinic name", "session", "session name", "session type", "rota", "service"),
    CLINICIAN: ("clinician code", "clinician name", "session holder", "practitioner", "doctor", "nurse", "staff"),
    START: ("starts", "start time", "slot start", "slot start time", "start date/time", "date/time", "from", "time"),
    END: ("ends", "end time", "slot end", "slot end time", "end date/time", "to", "finish"),
    LENGTH: ("length", "duration", "slot length", "slot duration", "duration mins", "length mins"),
    DAY: ("day", "slot date", "session date", "start date"),
    KIND: ("slot kind", "held", "kept for"),
    LANGUAGE: ("held language", "language tag", "kept for language"),
    REFERENCE: ("ref", "slot id", "slot reference", "external reference", "identifier", "id"),
    STATUS: ("slot status", "free/busy"),
}
NEEDED = (START,)
LONGEST = timedelta(hours=24)
LONGEST_REFERENCE = 100
_SHORT_BY_A_SECOND = re.compile(r"(\d{1,2}[:.]\d{2})[:.]59(?!\d)")
_LENGTH = re.compile(r"(\d{1,4})(?:\.0+)?\s*(?:m|mins?|minutes?)?\.?", re.I)
_AHEAD = timedelta(days=3 * 366)


@dataclass
class SlotRow:
    """One slot as the file has it. `bookable`: it says free. `mistaken`: it says that it was entered by mistake.

    `clinic` and `clinician` are the words either may be known by; `sure` says that nothing else can be meant.
    `schedule` parts the slots of which no two may overlap; where a file has none, all of a clinician are one.
    `unusable`: one of its problems is such that nothing of it can be stored.
    """

    row: int
    times: Times | None = None
    clinic: Sequence[str] = ()
    clinician: Sequence[str] = ()
    sure: bool = True
    kind: str = ""
    language: str = ""
    reference: str = ""
    schedule: str = ""
    bookable: bool = True
    mistaken: bool = False
    unusable: bool = False
    problems: list[CellProblem] = field(default_factory=list)

    def reject(self, column: str, code: str, message: str) -> None:
        """Nothing of this row is stored, for this reason; the first one counts."""
        if not self.unusable:
            self.problems = [CellProblem(self.row, column, code, message)]
        self.unusable = True

    def note(self, column: str, code: str, message: str) -> None:
        """Something was repaired or set aside."""
        if not self.unusable:
            self.problems.append(CellProblem(self.row, column, code, message))


def read_csv(content: bytes, today: date) -> list[SlotRow]:
    """The rows of a CSV file or workbook.

    :param today: in London; a year of two digits is near it.
    :raises Refused: it is no such file, or has no column for the start.
    """
    return [_csv_row(row, today) for row in read_named_rows(content, HEADINGS, NEEDED).rows]


def _csv_row(named: NamedRow, today: date) -> SlotRow:
    row = SlotRow(
        named.number,
        clinic=tuple(filter(None, [named.cell(CLINIC)])),
        clinician=tuple(filter(None, [named.cell(CLINICIAN)])),
        kind=named.cell(KIND),
        language=named.cell(LANGUAGE),
        reference=named.cell(REFERENCE),
    )
    if named.fault is not None:
        row.reject("", named.fault.code, named.fault.message)
    starts = _moment(row, START, named.cell(START), named.cell(DAY), None, today)
    ends = starts and _end(row, named, starts, today)
    if starts and ends:
        set_times(row, starts, ends, START, END)
    read_status(row, STATUS, named.cell(STATUS) or "free")
    _check_reference(row)
    return row


def _end(row: SlotRow, named: NamedRow, starts: datetime, today: date) -> datetime | None:
    """The end, or the start and the length where no end is given."""
    if written := named.cell(END):
        return _moment(row, END, written, named.cell(DAY), starts.astimezone(LONDON).date(), today)
    if not (length := named.cell(LENGTH)):
        row.reject(END, "no-end", "There is no end. Give the end of each slot, or its length in minutes.")
        return None
    match = _LENGTH.fullmatch(plain_digits(length))
    if match is None:
        row.reject(LENGTH, "bad-length", f"{shown(length)} is no length in minutes.")
        return None
    return starts + timedelta(minutes=int(match[1]))


def _moment(row: SlotRow, column: str, cell: str, on: str, day: date | None, today: date) -> datetime | None:
    """A moment in UTC: of a cell with both day and time, or a time on a day that stands elsewhere."""
    short = _SHORT_BY_A_SECOND.search(cell)
    found = read_when(_SHORT_BY_A_SECOND.sub(r"\1", cell), today + _AHEAD, EPOCH_1900)
    day = found.day or (read_when(on, today + _AHEAD, EPOCH_1900).day if on else None) or day
    if day is None or found.clock is None:
        row.reject(column, "bad-time", not_a_time(cell) if cell else "There is no time.")
        return None
    if (moment := moment_of(day, found.clock)) is None:
        row.reject(column, "no-such-time", no_such_time(day, found.clock))
        return None
    if found.note:
        row.note(column, *found.note)
    return moment + timedelta(minutes=1) if short else moment


def set_times(row: SlotRow, starts: datetime, ends: datetime, start_column: str, end_column: str) -> None:
    """Take up when it is, or reject it for that; an end one second short is read as the next slot's start."""
    if ends.second == 59:
        ends += timedelta(seconds=1)
    if ends <= starts:
        row.reject(end_column, "end-before-start", "The end is not after the start. Correct the one or the other.")
    elif ends - starts > LONGEST:
        row.reject(end_column, "too-long", "A slot over 24 hours long is none. Correct its end.")
    elif any(int(moment.timestamp()) % CELL_SECONDS or moment.microsecond for moment in (starts, ends)):
        row.reject(start_column, "off-the-grid", "A slot begins and finishes at a multiple of five minutes, as 09:05.")
    else:
        row.times = times_between(starts.astimezone(UTC), ends.astimezone(UTC))


def read_status(row: SlotRow, column: str, written: str) -> None:
    """Whether it can be booked, by the words FHIR has for it."""
    word = re.sub(r"[\W_]+", "-", written).strip("-").casefold()
    if word == "entered-in-error":
        row.bookable, row.mistaken = False, True
        row.note(column, "entered-in-error", "It was entered by mistake, so it cannot be booked.")
    elif word.startswith("busy"):
        row.bookable = False
        row.note(column, "not-bookable", "It is busy in the practice's own system, so it cannot be booked.")
    elif word not in ("free", "available", "open", "bookable"):
        row.reject(column, "bad-status", f"{shown(written) or 'Nothing'} does not say whether the slot is free.")


def _check_reference(row: SlotRow) -> None:
    if len(row.reference) > LONGEST_REFERENCE:
        row.reject(REFERENCE, "long-reference", f"A reference has at most {LONGEST_REFERENCE} letters.")


def overlapping(rows: Sequence[SlotRow]) -> Iterator[SlotRow]:
    """The rows whose time another one of the same schedule has. A busy one keeps its time, then the first."""
    taken: set[tuple[str, int]] = set()
    for row in sorted(rows, key=lambda row: (row.bookable, row.row)):
        if row.times is None or row.unusable or row.mistaken:
            continue
        cells = {(row.schedule, cell) for cell in range(row.times.first_cell, row.times.end_cell)}
        if cells & taken:
            yield row
        else:
            taken |= cells
