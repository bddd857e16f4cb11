"""The rows of a list as its pages show them, on disk while it is read: a long list takes no more memory."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from bot.lists.judging.row_reading import CellProblem
from bot.lists.judging.verdicts import RowVerdict, Verdict

FLAGGED = "flagged"
"""Rows with something to look at."""
_AT_A_TIME = 500
_SCHEMA = """
CREATE TABLE judged (place INTEGER PRIMARY KEY, row INTEGER, verdict TEXT, flagged INTEGER, shown TEXT);
CREATE INDEX judged_rejected ON judged (place) WHERE verdict = 'rejected';
"""
_INSERT = "INSERT INTO judged (row, verdict, flagged, shown) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row with its verdict: whom the file names there, by name and NHS number, and what was found."""

    row: int
    verdict: Verdict
    name: str
    nhs_number: str
    problems: tuple[CellProblem, ...]

    @classmethod
    def from_values(
        cls, row: int, verdict: str, name: str, nhs_number: str, problems: list[tuple[str, str, str]]
    ) -> "JudgedRow":
        """The row that `values_of` took apart."""
        found = tuple(CellProblem(row, *problem) for problem in problems)
        return cls(row, Verdict(verdict), name, nhs_number, found)


def _values_of(verdict: RowVerdict) -> str:
    person = verdict.person
    name = f"{person.given_name} {person.surname}".strip() if person else verdict.named
    number = person.nhs_number if person else ""
    problems = [(problem.column, problem.code, problem.message) for problem in verdict.problems]
    return json.dumps((verdict.row, verdict.verdict.value, name, number, problems))


class JudgedRows:
    """Every row so far. Close it after use."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, str, bool, str]] = []
        self._store = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._store.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_SCHEMA}")

    def close(self) -> None:
        """Erase what was kept."""
        self._store.close()

    def add(self, verdict: RowVerdict) -> None:
        """Take up the next row."""
        self._waiting.append((verdict.row, verdict.verdict.value, bool(verdict.problems), _values_of(verdict)))
        if len(self._waiting) >= _AT_A_TIME:
            self._flush()

    def reject(self, row: int, problem: CellProblem) -> None:
        """Reject a row that was taken up before, for one more reason; it still names the person."""
        self._flush()
        statement = "SELECT place, shown FROM judged WHERE row = ? AND verdict != 'rejected'"
        for place, shown in self._store.execute(statement, (row,)).fetchall():
            number, _, name, nhs_number, problems = json.loads(shown)
            problems.append((problem.column, problem.code, problem.message))
            values = json.dumps((number, Verdict.REJECTED.value, name, nhs_number, problems))
            update = "UPDATE judged SET verdict = 'rejected', flagged = 1, shown = ? WHERE place = ?"
            self._store.execute(update, (values, place))

    def with_verdict(self, part: str) -> Iterator[str]:
        """Rows with that verdict, or flagged, each as JSON."""
        self._flush()
        condition = "flagged" if part == FLAGGED else "verdict = ?"
        given = () if part == FLAGGED else (str(part),)
        statement = f"SELECT shown FROM judged WHERE {condition} ORDER BY place"  # noqa: S608 - one of two
        return chain.from_iterable(self._store.execute(statement, given))

    def rejections(self) -> Iterator[tuple[int, list[CellProblem]]]:
        """The place of each rejected row among all rows, counted from 1, and why."""
        self._flush()
        for place, shown in self._store.execute(
            "SELECT place, shown FROM judged WHERE verdict = 'rejected' ORDER BY place"
        ):
            row, *_, problems = json.loads(shown)
            yield place, [CellProblem(row, *problem) for problem in problems]

    def _flush(self) -> None:
        self._store.executemany(_INSERT, self._waiting)
        self._waiting.clear()
