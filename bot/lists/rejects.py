"""Rejected rows as CSV, to be corrected in a spreadsheet and imported again."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from bot.lists.judging.judging import ImportResult
from bot.lists.judging.row_reading import CellProblem
from bot.lists.reading.table import Row, Table
from bot.spreadsheets import as_text_cell


def write_rejects(table: Table, result: ImportResult, target: TextIO) -> None:
    """Write the rejected rows as they came, their number first and the reasons last.

    Reading such a file again works: the two columns more are not known and left alone.
    """
    reasons: dict[int, list[CellProblem]] = {row: [] for row in result.rejected_rows}
    for problem in result.problems:
        if problem.row in reasons:
            reasons[problem.row].append(problem)
    _write(table, ((row, reasons[row.number]) for row in table.rows() if row.number in reasons), target)


def write_rejected(table: Table, rejections: Iterable[tuple[int, list[CellProblem]]], target: TextIO) -> None:
    """The same of rows known by their places among all rows, counted from 1 and in their order."""
    _write(table, _at_their_places(table, rejections), target)


def _at_their_places(
    table: Table, rejections: Iterable[tuple[int, list[CellProblem]]]
) -> Iterator[tuple[Row, list[CellProblem]]]:
    rows = enumerate(table.rows(), 1)
    for wanted, problems in rejections:
        for place, row in rows:
            if place == wanted:
                yield row, problems
                break


def _write(table: Table, rejected: Iterable[tuple[Row, Sequence[CellProblem]]], target: TextIO) -> None:
    writer = csv.writer(target)
    headings = table.header.headings
    writer.writerow([as_text_cell(cell) for cell in ("Row", *headings, "Reasons")])
    for row, problems in rejected:
        cells = [*row.cells, *[""] * (len(headings) - len(row.cells))]
        reasons = " ".join(f"{found.column}: {found.message}" if found.column else found.message for found in problems)
        writer.writerow([as_text_cell(cell) for cell in (str(row.number), *cells, reasons)])
