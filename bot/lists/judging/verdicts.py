"""What becomes of one row of a list: accepted, fixed, rejected or duplicate, with reasons by cell. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from bot.lists.judging.cell_readers import birth_date_of, codes_of, nhs_number_of, note_extra_cells, readers_of
from bot.lists.judging.row_reading import CellProblem, PersonIn, ReadingRules, RowReading
from bot.lists.reading.columns import Field
from bot.lists.reading.table import Row
from bot.patients.cells import LONGEST_CELL, clean, clean_all, shown


class Verdict(StrEnum):
    """Every row gets one. `fixed`: kept, after a value was repaired or set aside."""

    ACCEPTED = "accepted"
    FIXED = "fixed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


class RowVerdict(NamedTuple):
    """The verdict on one row; `person` is there unless it is rejected. Then `named` says whom the file names."""

    row: int
    verdict: Verdict
    person: PersonIn | None
    problems: tuple[CellProblem, ...] = ()
    named: str = ""

    def with_problem(self, verdict: Verdict, problem: CellProblem) -> "RowVerdict":
        """The same row, judged otherwise for one more reason."""
        return self._replace(verdict=verdict, problems=(*self.problems, problem))

    def rejected(self, problem: CellProblem) -> "RowVerdict":
        """The same row, of which nothing is stored after all."""
        found = self.person
        named = f"{found.given_name} {found.surname} {found.nhs_number}".strip() if found else self.named
        return RowVerdict(self.row, Verdict.REJECTED, None, (*self.problems, problem), named)


def judge_rows(rows: Iterable[Row], rules: ReadingRules) -> Iterator[RowVerdict]:
    """A verdict on each row.

    Where a system leaves the person's cells blank on the lines of further events, such a line belongs to the
    person above it, and so do its codes.
    """
    above: PersonIn | None = None
    for row in rows:
        reading = _begin(row, rules)
        if above is not None and _continues(reading, row):
            further = PersonIn(above.nhs_number, above.born, **codes_of(reading))
            yield RowVerdict(row.number, Verdict.ACCEPTED, further, tuple(reading.problems))
            continue
        verdict = _judge(reading, row)
        above = verdict.person
        yield verdict


def _continues(reading: RowReading, row: Row) -> bool:
    """Whether all that a row says of what we read are codes, or nothing at all."""
    header = reading.rules.header
    if row.fault is not None or reading.texts(Field.NHS_NUMBER):
        return False
    return not any(header.cells(name, reading.cells) for name in header.places if name is not Field.CODES)


def judge_row(number: int, cells: Sequence[str], rules: ReadingRules) -> RowVerdict:
    """The verdict on one row by itself; whether the person was in the list before is not asked here.

    A row is rejected only when we cannot know who it is: no valid NHS number, or no possible date of birth.
    """
    row = Row(number, cells)
    return _judge(_begin(row, rules), row)


def _begin(row: Row, rules: ReadingRules) -> RowReading:
    """The row with its cells clean. What is too long to be read is left out, and said where we would read it."""
    if max(map(len, row.cells), default=0) <= LONGEST_CELL:
        return RowReading(row.number, clean_all(row.cells), rules)
    reading = RowReading(row.number, [clean(cell) if len(cell) <= LONGEST_CELL else "" for cell in row.cells], rules)
    for name, places in rules.header.places.items():
        for cell in (row.cells[place] for place in places if place < len(row.cells)):
            if len(cell) > LONGEST_CELL:
                reading.add(name, "cell-too-long", _TOO_LONG.format(length=len(cell), most=LONGEST_CELL))
    return reading


_TOO_LONG = "This cell holds {length:,} letters. No spreadsheet keeps more than {most:,}, so it was left out."


def _judge(reading: RowReading, row: Row) -> RowVerdict:
    if row.fault is not None:
        reading.problems.append(CellProblem(row.number, "", row.fault.code, row.fault.message))
        if row.fault.unusable:
            return _rejected(reading, reading.problems)
        if len(row.cells) != len(reading.rules.header.headings):
            return _judge_what_is_sure(reading, row)
    return _judge_cells(reading)


def _judge_what_is_sure(reading: RowReading, row: Row) -> RowVerdict:
    """Who it is may stand before the fault; what comes after it may be in the wrong column, and is left out."""
    sure = _judge_cells(RowReading(reading.number, reading.cells[: row.sure], reading.rules, list(reading.problems)))
    if sure.person is None:
        return _rejected(reading, reading.problems)
    return sure


def _rejected(reading: RowReading, problems: Iterable[CellProblem]) -> RowVerdict:
    """The row names the person as the file does, so that somebody can find them."""
    fields = (Field.GIVEN_NAME, Field.SURNAME, Field.FULL_NAME, Field.NHS_NUMBER)
    named = " ".join(word for name in fields if (word := reading.text(name)))
    return RowVerdict(reading.number, Verdict.REJECTED, None, tuple(problems), shown(named))


def _judge_cells(reading: RowReading) -> RowVerdict:
    nhs_number, born = nhs_number_of(reading), birth_date_of(reading)
    if nhs_number is None or born is None:
        reasons = (p for p in reading.problems if p.code not in ("spreadsheet-day", "two-digit-year"))
        return _rejected(reading, reasons)
    values: dict[str, Any] = {}
    for read in readers_of(reading.rules.header.fields):
        values.update(read(reading))
    note_extra_cells(reading)
    verdict = Verdict.FIXED if reading.problems else Verdict.ACCEPTED
    return RowVerdict(reading.number, verdict, PersonIn(nhs_number, born, **values), tuple(reading.problems))
