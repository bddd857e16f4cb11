"""Spreadsheets that people save here and open elsewhere."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_text_cell(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula (OWASP, CSV injection); reading a list takes the mark away again."""
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) or cell.strip().startswith(_FORMULA_SIGNS) else cell


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as a CSV file that spreadsheets open as UTF-8; what they would run as a formula is kept as text."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(header)
    writer.writerows([as_text_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + target.getvalue()
