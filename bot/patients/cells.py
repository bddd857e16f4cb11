"""A cell of a list as people and spreadsheets leave it, made comparable. Pure."""

import re
import unicodedata

LONGEST_CELL = 32_767
"""Letters; no spreadsheet keeps more in a cell."""

_SHOWN = 80
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_ZERO_FRACTION = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}")


def clean(cell: str) -> str:
    """The text of a cell without what cannot be seen: outer spaces, control and direction marks.

    `="0770…"` and a leading apostrophe, the ways to keep a spreadsheet from reading a number, are taken off.
    """
    if not cell:
        return cell
    if cell.isascii() and cell.isprintable():
        text = cell.strip()
    else:
        text = "".join(char for char in cell if char == "\n" or not _is_invisible(char)).strip()
    if text[:1] == "=" and (match := _FORMULA_TEXT.fullmatch(text)):
        return match[1].strip()
    return text[1:].lstrip() if text[:1] == "'" else text


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")


def shown(cell: str) -> str:
    """A cell as a message quotes it: the beginning of what is long."""
    return cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}…"


def plain_digits(cell: str) -> str:
    """A number's text with full-width digits and dashes made ASCII, and a spreadsheet's `.0` taken off."""
    text = cell if cell.isascii() else unicodedata.normalize("NFKC", cell)
    if not text.isascii():
        text = "".join("-" if unicodedata.category(char) == "Pd" else char for char in text)
    match = _ZERO_FRACTION.fullmatch(text)
    return match[1] if match else text


def is_scientific(cell: str) -> bool:
    """Whether a spreadsheet has rounded a long number to something like 4.477E+11."""
    return _SCIENTIFIC.fullmatch(cell.replace(" ", "")) is not None
