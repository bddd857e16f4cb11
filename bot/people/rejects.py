"""Rejected rows as CSV, to be corrected in a spreadsheet and imported again."""

import csv
from collections.abc import Iterable
from typing import TextIO

from bot.people.list_reading import read_table
from bot.people.verdicts import Problem

_RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell.startswith(_RUN_AS_FORMULA) else cell


def write_rejects(content: bytes, rejected: set[int], problems: Iterable[Problem], target: TextIO) -> None:
    """Write the rows as they came, their number first and the reasons last.

    Reading such a file again works: the two columns more are not known and left alone.
    """
    reasons: dict[int, list[str]] = {row: [] for row in rejected}
    for problem in problems:
        if problem.row in rejected:
            reasons[problem.row].append(f"{problem.column}: {problem.message}")
    table = read_table(content)
    writer = csv.writer(target)
    headings = table.header.headings
    writer.writerow([harmless(cell) for cell in ("Row", *headings, "Reasons")])
    for row in table.rows():
        if row.number in rejected:
            cells = [*row.cells, *[""] * (len(headings) - len(row.cells))]
            writer.writerow([harmless(cell) for cell in (str(row.number), *cells, " ".join(reasons[row.number]))])
