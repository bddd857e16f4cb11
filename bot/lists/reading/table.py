"""A list as the verdicts see it, whatever file it came in: a header, and rows of cells."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from bot.lists.reading.columns import Header
from bot.patients.cells import is_blank

EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)
"""Day 0 of spreadsheets, and of those that began on a Macintosh."""


@dataclass(frozen=True)
class RowFault:
    """What is wrong with a row as a whole. `unusable`: nothing in it can be relied on."""

    code: str
    message: str
    unusable: bool = False


class Row(NamedTuple):
    """A row and its number as a spreadsheet shows it; in FHIR the number of the line or of the Bundle's entry.

    `sure` is how many of its cells stand where they belong although the row has a fault. `hidden`: nobody who
    looks at the workbook sees it.
    """

    number: int
    cells: Sequence[str]
    fault: RowFault | None = None
    sure: int = 0
    hidden: bool = False


@dataclass(frozen=True)
class Table:
    """A list of which the header is known; `rows()` reads it through, as often as needed.

    `epoch` is the day from which day numbers count.
    """

    header: Header
    header_row: int
    read: Callable[[], Iterator[Row]]
    epoch: date = EPOCH_1900

    def rows(self) -> Iterator[Row]:
        """Every row below the header that is not blank, without the count lines that close an export.

        :raises Refused: the file cannot be read to its end.
        """
        below = (row for row in self.read() if row.number > self.header_row)
        return _without_closing_lines(row for row in below if row.fault or not all(map(is_blank, row.cells)))


_MOST_CLOSING_LINES = 5
_MOST_OF_A_CLOSING_LINE = 2  # cells
_CLOSING = re.compile(
    r"(?:[\d,]+\s+)?(?:(?:grand\s+)?total|count|number\s+of|patients?|records?|rows?|end\s+of|report|run|page|printed)\b",
    re.I,
)
NHS_NUMBER = re.compile(r"\d{3}\s?-?\d{3}\s?-?\d{4}")
"""What could be an NHS number, in any of its spacings."""


def _without_closing_lines(rows: Iterable[Row]) -> Iterator[Row]:
    """Hold back what looks like a count until it is known whether a person comes after it."""
    held: list[Row] = []
    before = 0
    for row in rows:
        if len(held) < _MOST_CLOSING_LINES and _closes(row, before):
            held.append(row)
            continue
        yield from held
        held = []
        before = row.number
        yield row
    yield from (row for row in held if row.fault)


def _closes(row: Row, before: int) -> bool:
    """Whether a row says "Total: 214" or a bare 214, and nothing that could be a person."""
    stated: list[str] = []
    for cell in row.cells:
        if word := cell.strip():
            stated.append(word)
        if len(stated) > _MOST_OF_A_CLOSING_LINE:
            return False
    text = " ".join(stated)
    if not stated or len(text) > 100 or NHS_NUMBER.search(text):
        return False
    if text.isascii() and text.isdigit():
        return len(stated) == 1 and 0 < int(text) <= before
    return _CLOSING.match(text) is not None
