"""Rejected rows as CSV, to be corrected in a spreadsheet and imported again."""

import csv
from typing import TextIO

from bot.database import Database
from bot.lists.importing import judge_list
from bot.lists.judging.judging import ImportResult
from bot.lists.judging.verdicts import Verdict
from bot.lists.reading.table import Table
from bot.settings import Settings
from bot.tables.lists import ListImport

_RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell.startswith(_RUN_AS_FORMULA) else cell


def write_rejects(table: Table, result: ImportResult, target: TextIO) -> None:
    """Write the rejected rows as they came, their number first and the reasons last.

    Reading such a file again works: the two columns more are not known and left alone.
    """
    reasons: dict[int, list[str]] = {row: [] for row in result.rejected_rows}
    for problem in result.problems:
        if problem.row in reasons:
            reasons[problem.row].append(f"{problem.column}: {problem.message}" if problem.column else problem.message)
    writer = csv.writer(target)
    headings = table.header.headings
    writer.writerow([harmless(cell) for cell in ("Row", *headings, "Reasons")])
    for row in table.rows():
        if row.number in reasons:
            cells = [*row.cells, *[""] * (len(headings) - len(row.cells))]
            writer.writerow([harmless(cell) for cell in (str(row.number), *cells, " ".join(reasons[row.number]))])


def write_rejects_of(db: Database, settings: Settings, waiting: ListImport, target: TextIO) -> None:
    """Judge a list that waits, and write its rejected rows.

    :raises Refused: it is no longer kept.
    """
    result = ImportResult()
    with judge_list(db, settings, waiting) as judging:
        for verdict in judging.verdicts():
            if verdict.verdict is Verdict.REJECTED:
                result.add(verdict)
        judging.withdraw_from(result)
        write_rejects(judging.table, result, target)
