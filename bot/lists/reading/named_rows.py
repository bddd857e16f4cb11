"""Files of other kinds than a list of patients: CSV or a workbook with known headings, to rows by heading.

A file here is small (interpreters, slots, appointments): it is read whole.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from bot.lists.reading.columns import squash
from bot.lists.reading.delimited import SEPARATORS, delimited_rows, encoding_of
from bot.lists.reading.file_kinds import FileKind, file_kind_of
from bot.lists.reading.table import Row, RowFault
from bot.lists.reading.workbooks import open_workbook
from bot.patients.cells import clean, is_blank
from bot.refusals import Refused

_HEADER_WITHIN = 50  # rows: title rows are few
MOST_ROWS = 100_000


class NamedRow(NamedTuple):
    """A row and its number as a spreadsheet shows it. `cells` are clean, by the heading we know the column by."""

    number: int
    cells: Mapping[str, str]
    fault: RowFault | None = None

    def cell(self, heading: str) -> str:
        """The cell under a heading, empty where the file has none."""
        return self.cells.get(heading, "")


class NamedRows(NamedTuple):
    """All rows of a file that say something; `headings` are those of ours that it has."""

    headings: frozenset[str]
    rows: Sequence[NamedRow]


def read_named_rows(content: bytes, headings: Mapping[str, Sequence[str]], needed: Sequence[str]) -> NamedRows:
    """Read a file that has these headings, each with its aliases, in any order and beside others.

    :param needed: the headings without which the file says nothing.
    :raises Refused: it is no CSV file or workbook, lacks a needed column, or has too many rows.
    """
    known = {squash(name): heading for heading, aliases in headings.items() for name in (heading, *aliases)}
    best: dict[int, str] = {}
    for read in _ways_to_read(content):
        number, places = _find_header(read, known, needed)
        if set(needed) <= set(places.values()):
            return NamedRows(frozenset(places.values()), _rows_below(read, number, places))
        best = max(best, places, key=len)
    missing = [heading for heading in needed if heading not in best.values()]
    raise Refused(
        "missing-column",
        f"The file has no column {' and '.join(missing)}. Its first row must name the columns: {', '.join(headings)}.",
    )


def _ways_to_read(content: bytes) -> list[Callable[[], Iterator[Row]]]:
    kind = file_kind_of(content)
    if kind is FileKind.FHIR:
        raise Refused("not-a-list", "This is FHIR or other JSON. Give it as CSV UTF-8 or as an Excel workbook (.xlsx).")
    if kind is FileKind.WORKBOOK:
        return open_workbook(content).sheets
    encoding = encoding_of(content)
    return [partial(delimited_rows, content, encoding, separator) for separator in SEPARATORS]


def _find_header(
    read: Callable[[], Iterator[Row]], known: Mapping[str, str], needed: Sequence[str]
) -> tuple[int, dict[int, str]]:
    """The row that names most columns, and which is where; of two of one name the first counts."""
    best: tuple[int, dict[int, str]] = (0, {})
    for row in islice(read(), _HEADER_WITHIN):
        places: dict[int, str] = {}
        for place, cell in enumerate(row.cells):
            heading = known.get(squash(cell))
            if heading is not None and heading not in places.values():
                places[place] = heading
        if len(places) > len(best[1]):
            best = row.number, places
        if set(needed) <= set(places.values()):
            return row.number, places
    return best


def _rows_below(read: Callable[[], Iterator[Row]], header: int, places: Mapping[int, str]) -> list[NamedRow]:
    found: list[NamedRow] = []
    for row in read():
        if row.number <= header or (row.fault is None and all(map(is_blank, row.cells))):
            continue
        if len(found) >= MOST_ROWS:
            raise Refused("too-many-rows", f"The file has more than {MOST_ROWS:,} rows. Give it in several files.")
        cells = {name: clean(row.cells[place]) for place, name in places.items() if place < len(row.cells)}
        found.append(NamedRow(row.number, cells, row.fault))
    return found
