"""A whole list read through: a verdict on each row, the counts, and everybody met on the way. Stores nothing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from types import TracebackType

from sqlmodel import Session, col, select

from bot.clock import london_today
from bot.database import Database
from bot.lists.judging.grouping import ListedPeople
from bot.lists.judging.judged_rows import JudgedRows
from bot.lists.judging.row_reading import CellProblem, PersonIn, ReadingRules
from bot.lists.judging.verdicts import RowVerdict, Verdict, judge_rows
from bot.lists.reading.columns import Field, Header, Meanings
from bot.lists.reading.table import Row, Table
from bot.refusals import Refused
from bot.rows import among, chunks
from bot.settings import Settings
from bot.tables.lists import ListHeading
from bot.tables.patients import Patient

Progress = Callable[[int], None]
"""Told how many rows have been read so far."""

_COUNT_OF = {
    Verdict.ACCEPTED: "accepted",
    Verdict.FIXED: "fixed",
    Verdict.REJECTED: "rejected",
    Verdict.DUPLICATE: "duplicates",
}

_CONFLICTS = ("conflict", "birth-date-conflict")
MOST_ROWS = 1_048_576
"""As many as a sheet of a workbook can have; no practice has a tenth of that."""

_TOO_MANY_ROWS = (
    f"The file has more than {MOST_ROWS:,} rows, far more than a practice has patients. "
    "Export the patients of your practice alone."
)
_HIDDEN_NAMED = 10
_HIDDEN_ROWS = (
    "Rows that are hidden in the workbook, by a filter for example: {number:,} (row {rows}). They are read and stored "
    "like the others. If these people do not belong to the list, delete their rows and upload it again."
)
_ETHNIC_CATEGORY_LEFT_OUT = (
    "The column {heading} was not asked for, so nothing of it is read or stored. "
    "If your practice needs it here, say so when you upload the list."
)


@dataclass
class ImportResult:
    """What became of a list: accepted + fixed + rejected + duplicates = rows; `stored` are new or changed.

    `notes` are sentences about the list as a whole; `list_id` is the list that was stored.
    `keep_problems=False` counts them only: a page does not need them all at once.
    """

    rows: int = 0
    accepted: int = 0
    fixed: int = 0
    rejected: int = 0
    duplicates: int = 0
    stored: int = 0
    problems: list[CellProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rejected_rows: set[int] = field(default_factory=set)
    conflicts: int = 0
    keep_problems: bool = True
    list_id: int | None = None

    @property
    def in_words(self) -> str:
        """What was stored, as a sentence."""
        return f"{self.stored:,} {'person is' if self.stored == 1 else 'people are'} new or changed."

    def counts(self) -> dict[str, int]:
        """The numbers alone, without anything about a person."""
        names = ("rows", "accepted", "fixed", "rejected", "duplicates", "conflicts", "stored")
        return {name: getattr(self, name) for name in names}

    def withdraw(self, row: int, judged: Verdict, problem: CellProblem) -> None:
        """Reject a row that was counted before, for a reason that a later row brought."""
        name = _COUNT_OF[judged]
        setattr(self, name, getattr(self, name) - 1)
        self.rejected += 1
        if self.keep_problems:
            self.problems.append(problem)
            self.problems.sort(key=lambda found: found.row)
            self.rejected_rows.add(row)

    def add(self, verdict: RowVerdict) -> None:
        """Count one row."""
        self.rows += 1
        name = _COUNT_OF[verdict.verdict]
        setattr(self, name, getattr(self, name) + 1)
        if verdict.problems:
            self.conflicts += any(problem.code in _CONFLICTS for problem in verdict.problems)
        if self.keep_problems:
            self.problems.extend(verdict.problems)
            if verdict.verdict is Verdict.REJECTED:
                self.rejected_rows.add(verdict.row)


class Judging(AbstractContextManager["Judging"]):
    """Reads one list through. `people` are those met so far; they are forgotten when the block ends."""

    def __init__(
        self, db: Database, settings: Settings, practice_id: int, table: Table, *, keep_ethnic_category: bool
    ) -> None:
        self.table = table
        self.notes: list[str] = []
        if not keep_ethnic_category:
            self._leave_out_ethnic_category()
        self.header: Header = self.table.header
        today = london_today()
        self.people = ListedPeople(self.header, today)
        self._db = db
        self._practice_id = practice_id
        self._hidden: list[int] = []
        self._births_kept: set[int] = set()
        self._rules = ReadingRules(self.header, today, settings.test_numbers, self.table.epoch)

    def _leave_out_ethnic_category(self) -> None:
        header = self.table.header
        if header.has(Field.ETHNIC_CATEGORY):
            self.notes.append(_ETHNIC_CATEGORY_LEFT_OUT.format(heading=header.heading(Field.ETHNIC_CATEGORY)))
            self.table = replace(self.table, header=header.without(Field.ETHNIC_CATEGORY))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.people.close()

    def verdicts(self) -> Iterator[RowVerdict]:
        """A verdict on each row, a thousand at a time compared with the people stored already.

        That a row is contradicted by a later one on the date of birth is known only at the end (`_withdraw`).
        """
        for piece in chunks(self._grouped()):
            yield from self._compare_births(piece)

    def _withdraw(self, result: ImportResult, rows: JudgedRows | None) -> None:
        """Reject what was counted before it was known that a later row contradicts it on the date of birth."""
        for row, before in self.people.withdrawn.items():
            judged = Verdict.FIXED if row in self._births_kept else before.verdict
            result.withdraw(row, judged, self.people.born_otherwise(row))
            if rows is not None:
                rows.reject(row, self.people.born_otherwise(row))

    def _grouped(self) -> Iterator[RowVerdict]:
        self._hidden = []
        return self.people.group(judge_rows(self._noting_hidden(self.table.rows()), self._rules))

    def _noting_hidden(self, rows: Iterator[Row]) -> Iterator[Row]:
        for count, row in enumerate(rows):
            if count >= MOST_ROWS:
                raise Refused("too-many-rows", _TOO_MANY_ROWS)
            if row.hidden:
                self._hidden.append(row.number)
            yield row

    def _note_hidden(self) -> list[str]:
        if not self._hidden:
            return []
        rows = ", ".join(map(str, self._hidden[:_HIDDEN_NAMED]))
        more = ", …" if len(self._hidden) > _HIDDEN_NAMED else ""
        return [_HIDDEN_ROWS.format(number=len(self._hidden), rows=rows + more)]

    def count(self, result: ImportResult, progress: Progress | None = None, rows: JudgedRows | None = None) -> None:
        """Read the list to its end.

        :param rows: takes up every row, as pages show it.
        :raises Refused: it cannot be read to its end.
        """
        for verdict in self.verdicts():
            result.add(verdict)
            if rows is not None:
                rows.add(verdict)
            if progress is not None and result.rows % 1000 == 0:
                progress(result.rows)
        self._withdraw(result, rows)
        result.notes = [*self.notes, *self._note_hidden()]
        if progress is not None:
            progress(result.rows)

    def _compare_births(self, piece: list[RowVerdict]) -> list[RowVerdict]:
        """An NHS number alone does not prove who somebody is: a stored date of birth is never overwritten."""
        with self._db.read() as session:
            births = _stored_births(session, self._practice_id, [person.nhs_number for person in _first_rows(piece)])
        return [self._set_birth_aside(verdict, births) for verdict in piece]

    def _set_birth_aside(self, verdict: RowVerdict, births: dict[str, date]) -> RowVerdict:
        person = verdict.person
        if person is None or births.get(person.nhs_number, person.born) == person.born:
            return verdict
        if verdict.verdict is Verdict.DUPLICATE:
            return verdict
        message = "We have this NHS number with another date of birth, which was kept. Check which is right."
        problem = CellProblem(verdict.row, self.header.heading(Field.BORN), "birth-date-differs", message)
        self._births_kept.add(verdict.row)
        return verdict.with_problem(Verdict.FIXED, problem)


def meanings_of(session: Session, practice_id: int) -> Meanings:
    """What the practice said its headings mean."""
    rows = session.exec(select(ListHeading).where(ListHeading.practice_id == practice_id))
    return {row.heading: Field(row.field) if row.field else None for row in rows}


def _first_rows(piece: list[RowVerdict]) -> list[PersonIn]:
    return [v.person for v in piece if v.person is not None and v.verdict is not Verdict.DUPLICATE]


def _stored_births(session: Session, practice_id: int, numbers: list[str]) -> dict[str, date]:
    statement = select(col(Patient.nhs_number), col(Patient.born)).where(
        Patient.practice_id == practice_id, among(session, col(Patient.nhs_number), numbers)
    )
    return dict(session.exec(statement).all())
