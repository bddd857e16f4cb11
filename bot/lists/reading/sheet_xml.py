"""The XML of a workbook's parts, read piece by piece as a stream of elements: never a tree, never a search in text.

Elements are known by their local names, so that neither a prefix nor the namespaces of Strict Open XML matter.
Source: ECMA-376, "Office Open XML", part 1: SpreadsheetML.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import IO, Any
from xml.parsers.expat import ParserCreate, XMLParserType

from bot.lists.reading.table import EPOCH_1900, Row
from bot.patients.cells import LONGEST_CELL

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""Excel's own limits."""

_PIECE = 1 << 20
_LONGEST_ROW = 4 << 20  # bytes without the end of a row
_MOST_LETTERS = LONGEST_CELL + 1  # of a cell; one more tells that there were more
_MOST_OF_A_FORMAT = 255  # letters; Excel's own limit
_FIRST_LEAP_DAY = 60  # day 60 of 1900 never was; before it Excel counts one less
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NO_DATE_PART = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


class TooLargeError(Exception):
    """A part of the workbook is far larger than in any list."""


class ForeignMarkupError(Exception):
    """A part has a document type or entities, which Excel never writes."""


class Elements:
    """Reads one part; `started` and `ended` get local names, `text` what stood in the element that asked for it."""

    def __init__(self) -> None:
        self.done = False
        self._locals: dict[str, str] = {}
        self._chunks: list[str] = []
        self._parser: XMLParserType = ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = _refuse_document_type

    def feed(self, stream: IO[bytes]) -> Iterator[int]:
        """Read the part to its end, or until `done`; how many bytes were read by each step."""
        while not self.done and (piece := stream.read(_PIECE)):
            self._parser.Parse(piece)
            yield len(piece)
        if not self.done:
            self._parser.Parse(b"", True)

    def read(self, stream: IO[bytes]) -> None:
        """Read the part to its end, or until `done`."""
        for _ in self.feed(stream):
            pass

    def started(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def ended(self, name: str) -> None:
        """An element ends."""

    def collect(self) -> None:
        """Begin to keep text."""
        self._chunks.clear()
        self._parser.CharacterDataHandler = self._chunks.append

    def collected(self) -> str:
        """The text since `collect`, which is kept no longer."""
        self._parser.CharacterDataHandler = None
        return "".join(self._chunks)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.started(self._local(name), attributes)

    def _end(self, name: str) -> None:
        self.ended(self._local(name))

    def _local(self, name: str) -> str:
        found = self._locals.get(name)
        if found is None:
            found = self._locals[name] = name.rpartition(":")[2]
        return found


def _refuse_document_type(*_: Any) -> None:
    raise ForeignMarkupError


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """An attribute by its local name, else ''."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


class SharedStrings(Elements):
    """The texts that cells refer to by number."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._phonetic = False

    def started(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note where a text begins; how a Japanese text is spoken is no part of it."""
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._phonetic = True
        elif name == "t" and not self._phonetic:
            self.collect()

    def ended(self, name: str) -> None:
        """Take up a text."""
        if name == "si":
            self.texts.append("".join(self._parts)[:_MOST_LETTERS])
        elif name == "rPh":
            self._phonetic = False
        elif name == "t" and not self._phonetic:
            self._parts.append(self.collected())


class Styles(Elements):
    """Which formats of cells show a number as a date."""

    def __init__(self) -> None:
        super().__init__()
        self.dates: list[bool] = []
        self._formats: dict[int, bool] = {}
        self._of_cells = False

    def started(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take up formats by number, and the number of each style of cells."""
        if name == "numFmt":
            code = attributes.get("formatCode", "")[:_MOST_OF_A_FORMAT]
            self._formats[int(attributes["numFmtId"])] = _is_date_format(code)
        elif name == "cellXfs":
            self._of_cells = True
        elif name == "xf" and self._of_cells:
            number = int(attributes.get("numFmtId", "0"))
            self.dates.append(self._formats.get(number, number in _DATE_FORMATS))

    def ended(self, name: str) -> None:
        """What follows the styles of cells is not needed."""
        self.done = self.done or name == "cellXfs"


def _is_date_format(code: str) -> bool:
    return re.search(r"[dmyhs]", _NO_DATE_PART.sub("", code), re.I) is not None


class Sheet(Elements):
    """The rows of one sheet, as texts: dates year first, numbers in full, and with `times` those without a day."""

    def __init__(self, texts: Sequence[str], dates: Sequence[bool], epoch: date, *, times: bool = False) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.cells = 0
        self._texts, self._dates, self._epoch, self._times = texts, dates, epoch, times
        self._columns: dict[str, int] = {}
        self._number = 0
        self._row: list[str] = []
        self._hidden = self._inside = self._phonetic = False
        self._place, self._kind, self._style, self._value = 0, "n", 0, ""
        self._on_start: Mapping[str, Callable[[Mapping[str, str]], None]] = {
            "c": self._start_cell,
            "v": self._start_text,
            "t": self._start_text,
            "row": self._start_row,
            "rPh": self._start_phonetic,
            "sheetData": self._start_data,
        }
        self._on_end: Mapping[str, Callable[[], None]] = {
            "c": self._end_cell,
            "v": self._end_text,
            "t": self._end_text,
            "row": self._end_row,
            "rPh": self._end_phonetic,
            "sheetData": self._end_data,
        }

    def each_row(self, stream: IO[bytes]) -> Iterator[Row]:
        """Every row that is there.

        :raises TooLargeError: a row goes on for too long.
        """
        since_row = 0
        for size in self.feed(stream):
            since_row = 0 if self.rows or not self._inside else since_row + size
            if since_row > _LONGEST_ROW:
                raise TooLargeError
            yield from self.rows
            self.rows.clear()
        yield from self.rows

    def started(self, name: str, attributes: Mapping[str, str]) -> None:
        """Of all elements these few matter."""
        if (begin := self._on_start.get(name)) is not None:
            begin(attributes)

    def ended(self, name: str) -> None:
        """Of all elements these few matter."""
        if (end := self._on_end.get(name)) is not None:
            end()

    def _start_data(self, _: Mapping[str, str]) -> None:
        self._inside = True

    def _end_data(self) -> None:
        self.done = True

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        self._number = int(attributes.get("r", self._number + 1))
        if self._number > MOST_ROWS:
            raise TooLargeError
        self._row = []
        self._hidden = attributes.get("hidden") in ("1", "true") or attributes.get("ht") == "0"

    def _end_row(self) -> None:
        self.cells += len(self._row)
        if any(self._row):
            self.rows.append(Row(self._number, self._row, hidden=self._hidden))

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        self._place = self._column(reference) if reference else len(self._row)
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s", "0"))
        self._value = ""

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        place = self._columns.get(letters)
        if place is None:
            place = -1
            for letter in letters:
                place = (place + 1) * 26 + ord(letter.upper()) - ord("A")
            if not 0 <= place < MOST_COLUMNS:
                raise TooLargeError
            self._columns[letters] = place
        return place

    def _end_cell(self) -> None:
        if self._value:
            row = self._row
            if self._place >= len(row):
                row.extend([""] * (self._place + 1 - len(row)))
            row[self._place] = self._text()

    def _text(self) -> str:
        if self._kind == "s":
            return self._shared_text(int(self._value))
        if self._kind == "b":
            return "Y" if self._value.strip() in ("1", "true") else "N"
        if self._kind != "n":
            return self._value
        dated = self._style < len(self._dates) and self._dates[self._style]
        if not dated:
            return number_text(self._value)
        return (self._times and time_text(self._value)) or date_text(self._value, self._epoch)

    def _shared_text(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        return self._texts[number]

    def _start_text(self, _: Mapping[str, str]) -> None:
        if not self._phonetic:
            self.collect()

    def _end_text(self) -> None:
        if not self._phonetic and len(self._value) < _MOST_LETTERS:
            self._value = (self._value + self.collected())[:_MOST_LETTERS]

    def _start_phonetic(self, _: Mapping[str, str]) -> None:
        self._phonetic = True

    def _end_phonetic(self) -> None:
        self._phonetic = False


def number_text(value: str) -> str:
    """A number in full, as it would be written in a list."""
    if value.isdigit():
        return value
    number = float(value)
    return str(int(number)) if number.is_integer() else str(number)


def time_text(value: str) -> str:
    """A part of a day as a time on the clock, to the minute; "" where a day comes with it."""
    days = float(value)
    if not 0 <= days < 1:
        return ""
    minutes = round(days * 1440) % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"


def date_text(value: str, epoch: date) -> str:
    """A day number as a date, with its time if it has one; a time without a day says nothing."""
    days = float(value)
    if not 1 <= days < 2_958_466:  # the last day of the year 9999
        return "" if 0 <= days < 1 else value
    whole, seconds = divmod(round(days * 86_400), 86_400)
    early = epoch == EPOCH_1900 and whole < _FIRST_LEAP_DAY
    day = epoch + timedelta(days=whole + early)
    hours, rest = divmod(seconds, 3600)
    return f"{day.isoformat()} {hours:02}:{rest // 60:02}:{rest % 60:02}" if seconds else day.isoformat()
