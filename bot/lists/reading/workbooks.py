"""Excel workbooks (.xlsx) to rows of text, with every size counted before and while they are read."""

import io
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from openpyxl import load_workbook

from bot.lists.reading.file_kinds import EXPORT
from bot.lists.reading.rows import Row
from bot.refusals import Refused

LARGEST_UNPACKED = 320 * 1024 * 1024
"""Bytes of all members; a list of 100,000 people unpacks to about 60 MB."""

_LARGEST_MEMBER = {"xl/worksheets/": 256 * 1024 * 1024, "xl/sharedStrings.xml": 64 * 1024 * 1024}
_LARGEST_OTHER = 16 * 1024 * 1024
_MOST_MEMBERS = 2000
_PIECE = 1 << 20
_LONGEST_ROW = 4 << 20  # bytes of XML without the end of a row
_MOST_ROWS = 1_048_576  # Excel's own limit
_MOST_BLANK_ROWS = 100_000  # one after the other
_MOST_CELLS = 30_000_000
_MOST_SHEETS = 20
warnings.filterwarnings("ignore", module="openpyxl")  # what it says of styles and extensions is not about the list
_SAVE = "Save only the sheet with the list as a new workbook, or as CSV UTF-8."


def open_workbook(content: bytes) -> list[Callable[[], Iterator[Row]]]:
    """A way to read each sheet that is not hidden.

    :raises Refused: the archive would unpack to too much, or is no workbook that can be read.
    """
    _refuse_bombs(content)
    with _readable(), closing(_load(content)) as workbook:
        sheets = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise Refused("no-sheet", f"The workbook has no sheet that can be seen. {_SAVE}")
    return [partial(_sheet_rows, content, title) for title in sheets[:_MOST_SHEETS]]


def _refuse_bombs(content: bytes) -> None:
    """First by the sizes the archive declares, then by unpacking piece by piece and counting: sizes can lie."""
    with _readable(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_UNPACKED:
            raise _too_large()
        for member in members:
            if member.file_size > _most(member.filename):
                raise _too_large()
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                _count_through(archive, member)


def _most(name: str) -> int:
    return next((most for start, most in _LARGEST_MEMBER.items() if name.startswith(start)), _LARGEST_OTHER)


def _count_through(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    rows = member.filename.startswith("xl/worksheets/sheet")
    size = since_row = 0
    tail = b""
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            seen = tail + piece
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise Refused("not-a-list", f"The workbook has parts that Excel never writes. {_SAVE}")
            since_row = 0 if b"</row>" in seen else since_row + len(piece)
            if size > _most(member.filename) or (rows and since_row > _LONGEST_ROW):
                raise _too_large()
            tail = piece[-16:]


def _too_large() -> Refused:
    return Refused("workbook-too-large", f"The workbook unpacks to far more than a list of patients. {_SAVE}")


@contextmanager
def _readable() -> Iterator[None]:
    """Turn whatever a damaged workbook makes the libraries raise into one sentence."""
    try:
        yield
    except Refused:
        raise
    except (Exception, MemoryError):
        raise _damaged() from None


def _damaged() -> Refused:
    return Refused("damaged-workbook", f"The workbook is damaged and cannot be read. {EXPORT}")


def _load(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)


def _sheet_rows(content: bytes, title: str) -> Iterator[Row]:
    with closing(_load(content)) as workbook:
        sheet = workbook[title]
        sheet.reset_dimensions()  # what a sheet says of its own size may be wrong
        rows = iter(sheet.iter_rows(values_only=True))
        number = cells = blank = 0
        while (values := _next(rows)) is not None:
            number += 1
            cells += len(values)
            blank = blank + 1 if all(value is None for value in values) else 0
            if number > _MOST_ROWS or cells > _MOST_CELLS or blank > _MOST_BLANK_ROWS:
                raise _too_large()
            if not blank:
                yield Row(number, [_text(value) for value in values])


def _next(rows: Iterator[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    try:
        return next(rows, None)
    except (Exception, MemoryError):
        raise _damaged() from None


def _text(value: Any) -> str:
    """A cell as it would be written in a list: dates year first, numbers in full."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if isinstance(value, timedelta | time) else str(value)
