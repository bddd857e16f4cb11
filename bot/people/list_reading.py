"""Bytes to rows of cells: which encoding, which separator, which row is the header.

Only faults of the whole file are refused here; what is wrong with a row is for the verdicts.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.people.columns import NEEDED, Header, read_header
from bot.refusals import Refused

LARGEST_LIST = 64 * 1024 * 1024
"""Bytes; a practice of 100,000 patients is about a fifth of this."""

_SEPARATORS = (",", "\t", ";", "|")
_HEADER_WITHIN = 50  # rows: title rows are few
_FEWEST_HEADINGS = 2
_MOST_LINES_IN_A_ROW = 100
_PIECE = 1 << 20
_EXPORT = "Export it again as CSV UTF-8 (comma delimited)."
_SIGNATURES = {
    b"PK\x03\x04": "This is an Excel workbook or another packed file, not a CSV file.",
    b"\xd0\xcf\x11\xe0": "This is an older or a password-protected Excel workbook, not a CSV file.",
    b"%PDF": "This is a PDF, not a CSV file.",
    b"\x1f\x8b": "This file is compressed.",
}


@dataclass(frozen=True)
class Row:
    """A row and its number as a spreadsheet shows it."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A list of which the header is known; `rows()` reads it through, as often as needed."""

    content: bytes
    encoding: str
    separator: str
    header: Header
    header_row: int

    def rows(self) -> Iterator[Row]:
        """Every row below the header that is not blank.

        :raises Refused: a quotation mark is opened and never closed, so that rows cannot be told apart.
        """
        for row in _rows(self.content, self.encoding, self.separator):
            if row.number > self.header_row and any(cell.strip() for cell in row.cells):
                yield row


def read_table(content: bytes) -> Table:
    """Find out how a list is written.

    :raises Refused: it is empty, too large, not a list at all, or lacks a needed column; the sentence says
        what to export instead.
    """
    if len(content) > LARGEST_LIST:
        raise Refused("file-too-large", "The file is larger than 64 MB. Export fewer columns, or in two parts.")
    encoding = _encoding(content)
    found = max((_find_header(content, encoding, mark) for mark in _SEPARATORS), key=lambda t: len(t.header.places))
    if len(found.header.places) < _FEWEST_HEADINGS:
        raise Refused(
            "no-header",
            "There is no row of headings such as NHS Number and Date of Birth. Export the list with its headings.",
        )
    if missing := found.header.missing():
        names = " and ".join(field.value for field in missing)
        raise Refused(
            "missing-column",
            f"The list has no column {names}. Export it again with {' and '.join(NEEDED)} among its columns.",
        )
    return found


def _encoding(content: bytes) -> str:
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise Refused("empty-file", f"The file is empty. {_EXPORT}")
    for signature, sentence in _SIGNATURES.items():
        if content.startswith(signature):
            raise Refused("not-a-list", f"{sentence} {_EXPORT}")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates: tuple[str, ...] = ("utf-16",)
    elif b"\0" in content[:200]:
        candidates = ("utf-16-le",) if content[1:2] == b"\0" else ("utf-16-be",)
    else:
        candidates = ("utf-8-sig", "cp1252")
    for encoding in candidates:
        if _is_text(content, encoding):
            return encoding
    raise Refused("not-text", f"The file is not text that we can read. {_EXPORT}")


def _is_text(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            last = start + _PIECE >= len(content)
            if "\0" in decoder.decode(content[start : start + _PIECE], final=last):
                return False
    except UnicodeDecodeError:
        return False
    return True


def _find_header(content: bytes, encoding: str, separator: str) -> Table:
    """The first row that names all needed columns, or else the one that names most."""
    best = Table(content, encoding, separator, read_header(()), 0)
    try:
        for row in _rows(content, encoding, separator):
            if row.number > _HEADER_WITHIN:
                break
            header = read_header(row.cells)
            if len(header.places) > len(best.header.places):
                best = Table(content, encoding, separator, header, row.number)
            if len(header.places) >= _FEWEST_HEADINGS and not header.missing():
                return best
    except Refused:
        pass  # what was found before the broken quote may still be right; reading it through will tell
    return best


def _rows(content: bytes, encoding: str, separator: str) -> Iterator[Row]:
    lines = _Lines(content, encoding)
    reader = csv.reader(lines, delimiter=separator)
    number, line_before = 0, 0
    try:
        for number, cells in enumerate(reader, start=1):
            # A row that took the last line and asked for more ended inside a quotation.
            if lines.exhausted or reader.line_num - line_before > _MOST_LINES_IN_A_ROW:
                raise _unclosed(number)
            line_before = reader.line_num
            yield Row(number, cells)
    except csv.Error:
        raise _unclosed(number + 1) from None


class _Lines:
    """The lines of a text with their ends, and whether more were asked for than there are."""

    def __init__(self, content: bytes, encoding: str) -> None:
        self.exhausted = False
        self._text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline()
        if not line:
            self.exhausted = True
            raise StopIteration
        return line


def _unclosed(row: int) -> Refused:
    return Refused(
        "broken-quotes",
        f"Row {row} opens a quotation mark that is never closed, so rows cannot be told apart. {_EXPORT}",
    )
