"""Text to rows of cells: which encoding, and rows that a stray quotation mark does not swallow."""

import codecs
import csv
import io
from collections.abc import Iterator

from bot.lists.reading.file_kinds import EXPORT
from bot.lists.reading.table import NHS_NUMBER, Row, RowFault
from bot.refusals import Refused

SEPARATORS = (",", "\t", ";", "|")
_MOST_LINES_IN_A_ROW = 100
_FEWEST_LINES_IN_A_ROW = 3
_MOST_LETTERS_READ_AGAIN = 8 << 20  # then quotation marks are stray all over, and no row is believed to be long
_LONGEST_LINE = 8 << 20  # letters; a row may be as long, however many lines it has
csv.field_size_limit(_LONGEST_LINE)  # else a long cell looks like a stray quotation mark
_PIECE = 1 << 20
_LINE_ENDS = frozenset({"\n", "\r\n", "\r"})
_FEWEST_CELLS = 3
_WIDE = ("utf-16", "utf-16-le", "utf-16-be")
_BYTES_TO_ONE_NUL = 200
_CONTROL_SIGNS = bytes([*range(9), *range(14, 32), 127])
_NO_LETTERS = _CONTROL_SIGNS + bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
"""Control signs, and what Windows-1252 leaves open."""

_STRAY_QUOTE = RowFault(
    "stray-quote", "A quotation mark in this row is never closed. What could be read was; cells after it may be lost."
)
_DAMAGED = "\ufffd"
"""What stands for a letter that cannot be read."""


def encoding_of(content: bytes) -> str:
    """UTF-8, UTF-16 or Windows-1252, whichever the bytes are.

    :raises Refused: they are none of these.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates: tuple[str, ...] = ("utf-16",)
    elif content[:200].count(b"\0") > len(content[:200]) // 8:
        candidates = ("utf-16-le",) if content[1:2] == b"\0" else ("utf-16-be",)
    else:
        candidates = ("utf-8-sig", "cp1252")
    for encoding in candidates:
        if _is_text(content, encoding):
            return encoding
    if "cp1252" in candidates and _is_nearly_text(content):
        return "cp1252"
    raise Refused("not-text", f"The file is not text that we can read. {EXPORT}")


def _is_nearly_text(content: bytes) -> bool:
    """Whether all but few of the bytes are Windows-1252: a few odd ones cost letters of names, not the list."""
    return b"\0" not in content and _count(_NO_LETTERS, content) <= 1 + len(content) // 100


def _is_mere_damage(content: bytes) -> bool:
    """Whether zero bytes are so rare that a list was damaged on its way."""
    return b"\0" not in content or _count(_CONTROL_SIGNS, content) <= max(1, len(content) // _BYTES_TO_ONE_NUL)


def _count(signs: bytes, content: bytes) -> int:
    return len(content) - len(content.translate(None, delete=signs))


def _is_text(content: bytes, encoding: str) -> bool:
    wide = encoding in _WIDE
    if not wide and not _is_mere_damage(content):
        return False
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            last = start + _PIECE >= len(content)
            if "\0" in decoder.decode(content[start : start + _PIECE], final=last) and wide:
                return False
    except UnicodeDecodeError:
        return False
    return True


def _reader(lines: "_TextLines", separator: str) -> Iterator[list[str]]:
    """Strict, so that stray quotation marks are noticed; a space may stand before one that opens a cell."""
    return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)


def delimited_rows(content: bytes, encoding: str, separator: str) -> Iterator[Row]:
    """Every row, numbered as a spreadsheet shows them.

    Where a quotation mark is opened and not closed as it should be, that line is read by itself and the lines
    after it are rows of their own, so that nobody is swallowed.

    :raises Refused: a line is too long to be a row of a list.
    """
    lines = _TextLines(content, encoding)
    reader = _reader(lines, separator)
    number = 0
    while True:
        lines.begin_row()
        number += 1 + lines.pass_over_empty()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooManyLines):
            yield _stray(number, lines.give_back(), separator)
            reader = _reader(lines, separator)
        else:
            if lines.swallowed(len(cells), separator):
                yield _stray(number, lines.give_back(), separator)
            else:
                yield Row(number, cells)


def _stray(number: int, line: str, separator: str) -> Row:
    """A line with a quotation mark that is never closed; the cells before it are sure."""
    before = line.split('"', 1)[0].count(separator)
    return Row(number, _read_alone(line, separator), _STRAY_QUOTE, before)


def _read_alone(line: str, separator: str) -> list[str]:
    """One line by itself: with lenient quotes if they close within it, else as if there were none."""
    alone = line.rstrip("\r\n")
    probe = _OneLine(alone + "\n")
    try:
        cells = next(csv.reader(probe, delimiter=separator, skipinitialspace=True), [])
        if not probe.exhausted:
            return cells
    except csv.Error:
        pass
    return [cell.strip().strip('"') for cell in alone.split(separator)]


class _OneLine:
    """A line, and whether more was asked for: then a quotation mark is open at its end."""

    def __init__(self, line: str) -> None:
        self.exhausted = False
        self._lines = [line]

    def __iter__(self) -> "_OneLine":
        return self

    def __next__(self) -> str:
        if self._lines:
            return self._lines.pop()
        self.exhausted = True
        raise StopIteration


class _TooManyLines(Exception):
    """A row goes on for longer than anything in it does: its quotation mark must be stray."""


class _TextLines:
    """The lines of a text with their ends; those of the row in hand can be given back, all but the first."""

    def __init__(self, content: bytes, encoding: str) -> None:
        self._text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="")
        self._waiting: list[str] = []
        self._of_row: list[str] = []
        self._letters = self._number = self._read_again = 0
        self._most = _MOST_LINES_IN_A_ROW

    def begin_row(self) -> None:
        """From here on lines belong to the next row."""
        self._of_row, self._letters = [], 0

    def pass_over_empty(self) -> int:
        """Pass over the empty lines before the next row, and say how many they were."""
        count = 0
        while (line := self._next()) in _LINE_ENDS:
            count += 1
        if line:
            self._waiting.append(line)
        return count

    def swallowed(self, width: int, separator: str) -> bool:
        """Whether the row in hand is several: each of its lines would be as wide alone, and is about somebody.

        Two stray quotation marks make one cell of all that is between them, and of several people one.
        """
        return len(self._of_row) > 1 and all(
            line.count(separator) + 1 >= max(width, _FEWEST_CELLS) and NHS_NUMBER.search(line) for line in self._of_row
        )

    def give_back(self) -> str:
        """The first line of the row in hand; those after it will come again."""
        first, *others = self._of_row
        self._waiting += reversed(others)
        self._read_again += self._letters - len(first)
        if self._read_again > _MOST_LETTERS_READ_AGAIN:
            self._most = _FEWEST_LINES_IN_A_ROW
        return first

    def __iter__(self) -> "_TextLines":
        return self

    def __next__(self) -> str:
        if len(self._of_row) >= self._most or self._letters > _LONGEST_LINE:
            raise _TooManyLines
        line = self._next()
        if not line:
            raise StopIteration
        self._of_row.append(line)
        self._letters += len(line)
        return line

    def _next(self) -> str:
        return self._waiting.pop() if self._waiting else self._read()

    def _read(self) -> str:
        line = self._text.readline(_LONGEST_LINE)
        self._number += 1
        if len(line) >= _LONGEST_LINE:
            message = f"Line {self._number} is far too long for a row of a list. {EXPORT}"
            raise Refused("line-too-long", message)
        return line.replace("\0", _DAMAGED)
