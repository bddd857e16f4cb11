"""A cell of a list as people and spreadsheets leave it, made comparable. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot.texts.parts import IDLE_JOINERS

LONGEST_CELL = 32_767
"""Letters; no spreadsheet keeps more in a cell."""

_SHOWN = 80
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_ZERO_FRACTION = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}")
_WRITTEN_ODDLY = re.compile(r"[='_]")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_JOINERS = "\u200c\u200d"
_PARTING, _UNSEEN, _LOST = "\0", "\1", "\2"
"""What stands, while a cell is cleaned, for a sign that parts words, that is not seen, or a letter of no script."""
_KEPT = frozenset(f"\n {_JOINERS}")
_SEPARATORS = frozenset("\u200b\u2028\u2029\u180e")
_DAMAGED = "\ufffd"
"""What stands for a letter that cannot be read."""
_HARD_SPACE_READ_WRONG = "\u00c2\u00a0"  # UTF-8 read as Windows-1252
_PARTS = re.compile(r" *\x00[\x00 ]*")
_BETWEEN_DIGITS = re.compile(rf"(?<=\d)[\x01{_JOINERS}]+(?=\d)")
_UNREADABLE_LETTER = re.compile(r"(?<=\w)\x02+(?=\w)")
_DASHES = frozenset("\u2212\u02d7\u2043\u2796\u23af\u2500")
_SOMETHING = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]")


def clean(cell: str) -> str:
    """The text of a cell as a person sees it: without outer spaces, direction marks and what a spreadsheet added.

    What parts words (a tab, a line end within a line, a zero-width space, any control sign) is a space, so that two
    words never become one. Joiners stay in the scripts that need them. `="0770…"`, an apostrophe before what is no
    letter, and `_x000D_` are ways to write in a spreadsheet what it would read otherwise: they are undone.
    """
    if not cell:
        return cell
    if "_x" in cell:
        cell = _without_escapes(cell)
    text = cell.strip() if cell.isascii() and cell.isprintable() else _visible(cell)
    first = text[:1]
    if first == "=" and (match := _FORMULA_TEXT.fullmatch(text)):
        return match[1].strip()
    return text[1:].lstrip() if first == "'" and not text[1:2].isalpha() else text


def clean_all(cells: Sequence[str]) -> list[str]:
    """Every cell of a row clean; most rows have nothing that takes more than to look at them once."""
    row = ",".join(cells)
    if row.isascii() and row.isprintable() and not _WRITTEN_ODDLY.search(row):
        return [cell.strip() for cell in cells]
    return [clean(cell) for cell in cells]


def is_blank(cell: str) -> bool:
    """Whether a cell says nothing at all: no more than spaces, end marks and other signs that cannot be seen."""
    return not cell or _SOMETHING.search(_without_escapes(cell) if "_x" in cell else cell) is None


def _without_escapes(cell: str) -> str:
    """`_x000D_`, as Office Open XML writes what XML cannot hold; `_x005F_` is the underscore before such a thing."""
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), cell)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if text != cell else cell


def _visible(cell: str) -> str:
    """First each sign by what it is, then by its place: what is not seen parts two digits all the same."""
    text = "".join(map(_sign, cell.replace("\r\n", "\n").replace(_HARD_SPACE_READ_WRONG, _DAMAGED)))
    text = _BETWEEN_DIGITS.sub(_PARTING, text).replace(_UNSEEN, "")
    text = _PARTS.sub(" ", _UNREADABLE_LETTER.sub(_DAMAGED, text).replace(_LOST, ""))
    return IDLE_JOINERS.sub("", text).strip()


@lru_cache(maxsize=4096)
def _sign(char: str) -> str:
    kind = unicodedata.category(char)
    if char in _KEPT:
        return char
    if char in _SEPARATORS or kind == "Zs":
        return _PARTING
    if kind == "Cc":
        return _LOST if "\x80" <= char <= "\x9f" and char != "\x85" else _PARTING
    return {"Cf": _UNSEEN, "Cs": _LOST, "Co": _LOST}.get(kind, char)


def shown(cell: str) -> str:
    """A cell as a message quotes it: the beginning of what is long."""
    return cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}…"


def plain_digits(cell: str) -> str:
    """A number's text with the digits of any script and all dashes made ASCII, and a spreadsheet's `.0` taken off."""
    text = cell if cell.isascii() else "".join(map(_plain, cell))
    match = _ZERO_FRACTION.fullmatch(text)
    return match[1] if match else text


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """A sign by itself: a whole cell of combining marks would take the square of its length to be put in order."""
    return "".join(map(_plain_sign, unicodedata.normalize("NFKC", char)))


def _plain_sign(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.digit(char))
    if char in _JOINERS:
        return ""
    return "-" if kind == "Pd" or char in _DASHES else char


def is_scientific(cell: str) -> bool:
    """Whether a spreadsheet has rounded a long number to something like 4.477E+11."""
    return _SCIENTIFIC.fullmatch(cell.replace(" ", "")) is not None
