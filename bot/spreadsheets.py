"""Spreadsheets that people save here and open elsewhere."""

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_text_cell(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula (OWASP, CSV injection); reading a list takes the mark away again."""
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) or cell.strip().startswith(_FORMULA_SIGNS) else cell
