"""What became of the rows of a file, whatever they are about."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from bot.lists.judging.row_reading import CellProblem

PROBLEMS_SHOWN = 50
NOTHING_STORED = "Nothing was stored: this was a dry run."


class Counted(Protocol):
    """The numbers of a file's rows, with what was wrong in their cells."""

    rows: int
    accepted: int
    fixed: int
    rejected: int
    duplicates: int
    problems: list[CellProblem]


@dataclass
class RowsCounted:
    """accepted + fixed + rejected + duplicates = rows; `stored` are new or changed."""

    rows: int = 0
    accepted: int = 0
    fixed: int = 0
    rejected: int = 0
    duplicates: int = 0
    stored: int = 0
    problems: list[CellProblem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What the command that read the file answers."""
        return {**vars(self), "problems": [asdict(problem) for problem in self.problems]}


def result_in_words(result: Counted, end: str, notes: Sequence[str] = ()) -> str:
    """What became of a file, for people: the numbers, notes, and the first problems.

    :param end: what was stored, as a sentence.
    """
    counts = f"{result.rows:,} rows: {result.accepted:,} accepted, {result.fixed:,} fixed"
    first = f"{counts}, {result.rejected:,} rejected, {result.duplicates:,} duplicates. {end}"
    return "\n".join([first, *notes, *problem_lines(result.problems)])


def problem_lines(problems: Sequence[CellProblem]) -> list[str]:
    """A line for each of the first problems, and how many more there are."""
    lines = [f"Row {p.row}, {p.column}: {p.message}" for p in problems[:PROBLEMS_SHOWN]]
    more = len(problems) - PROBLEMS_SHOWN
    return [*lines, f"… and {more:,} more; --json prints them all."] if more > 0 else lines
