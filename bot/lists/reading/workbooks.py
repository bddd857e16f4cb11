"""Excel workbooks (.xlsx) to rows of text, with every size counted before and while they are read."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from posixpath import dirname, join, normpath

from bot.lists.reading.file_kinds import EXPORT
from bot.lists.reading.sheet_xml import (
    Elements,
    ForeignMarkupError,
    SharedStrings,
    Sheet,
    Styles,
    TooLargeError,
    attribute,
)
from bot.lists.reading.table import EPOCH_1900, EPOCH_1904, Row
from bot.refusals import Refused

LARGEST_UNPACKED = 320 * 1024 * 1024
"""Bytes of all members; a list of 100,000 people unpacks to about 60 MB."""

_LARGEST_MEMBER = {"xl/worksheets/": 256 * 1024 * 1024, "xl/sharedStrings.xml": 64 * 1024 * 1024}
_LARGEST_OTHER = 16 * 1024 * 1024
_MOST_MEMBERS = 2000
_MOST_CELLS = 30_000_000
_MOST_SHEETS = 20
_WORKBOOK = "xl/workbook.xml"
_SAVE = "Save only the sheet with the list as a new workbook, or as CSV UTF-8."


@dataclass(frozen=True)
class Workbook:
    """A way to read each sheet that is not hidden, and the day from which the workbook counts days."""

    sheets: list[Callable[[], Iterator[Row]]]
    epoch: date


@dataclass
class _Parts(Elements):
    """What the workbook says of its sheets: their relations, in order, those that can be seen."""

    visible: list[str] = field(default_factory=list)
    epoch: date = EPOCH_1900

    def __post_init__(self) -> None:
        super().__init__()

    def started(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take up a sheet, or how days are counted."""
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            self.visible.append(attribute(attributes, "id"))
        elif name == "workbookPr" and attributes.get("date1904") in ("1", "true", "on"):
            self.epoch = EPOCH_1904

    def ended(self, name: str) -> None:
        """What follows the sheets is not needed."""
        self.done = self.done or name == "sheets"


class _Relations(Elements):
    """Where the parts are, by the names the workbook gives them, and by what they are."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, str] = {}
        self.parts: dict[str, str] = {}

    def started(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take up a part of this archive."""
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = normpath(join(f"/{dirname(_WORKBOOK)}", attributes.get("Target", ""))).lstrip("/")
        if kind == "worksheet":
            self.sheets[attributes.get("Id", "")] = target
        else:
            self.parts[kind] = target


def open_workbook(content: bytes, *, times: bool = False) -> Workbook:
    """Find out where the sheets are and how they are written.

    :param times: a time without a day says something; else it is read as blank.
    :raises Refused: the archive would unpack to too much, or is no workbook that can be read.
    """
    parts, relations, texts, styles = _Parts(), _Relations(), SharedStrings(), Styles()
    with _readable(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        _refuse_bombs(archive)
        _read_part(archive, _WORKBOOK, parts)
        _read_part(archive, "xl/_rels/workbook.xml.rels", relations)
        places = [relations.sheets[name] for name in parts.visible if name in relations.sheets]
        for kind, reader in (("sharedStrings", texts), ("styles", styles)):
            if (place := relations.parts.get(kind)) in archive.namelist():
                _read_part(archive, str(place), reader)
    if not places:
        raise Refused("no-sheet", f"The workbook has no sheet that can be seen. {_SAVE}")
    read = partial(_sheet_rows, content, texts.texts, styles.dates, parts.epoch, times)
    return Workbook([partial(read, place) for place in places[:_MOST_SHEETS]], parts.epoch)


def _read_part(archive: zipfile.ZipFile, name: str, reader: Elements) -> None:
    with archive.open(name) as stream:
        reader.read(stream)


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    """By the sizes the archive declares: no member is ever read beyond its own."""
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise TooLargeError
    if any(member.file_size > _most(member.filename) for member in members):
        raise TooLargeError


def _most(name: str) -> int:
    return next((most for start, most in _LARGEST_MEMBER.items() if name.startswith(start)), _LARGEST_OTHER)


@contextmanager
def _readable() -> Iterator[None]:
    """Turn whatever a damaged workbook makes the libraries raise into one sentence."""
    try:
        yield
    except (Refused, GeneratorExit):
        raise
    except TooLargeError:
        message = f"The workbook unpacks to far more than a list of patients. {_SAVE}"
        raise Refused("workbook-too-large", message) from None
    except ForeignMarkupError:
        raise Refused("not-a-list", f"The workbook has parts that Excel never writes. {_SAVE}") from None
    except (Exception, MemoryError):
        raise Refused("damaged-workbook", f"The workbook is damaged and cannot be read. {EXPORT}") from None


def _sheet_rows(
    content: bytes, texts: list[str], dates: list[bool], epoch: date, times: bool, place: str
) -> Iterator[Row]:
    sheet = Sheet(texts, dates, epoch, times=times)
    with _readable(), zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(place) as stream:
        for row in sheet.each_row(stream):
            if sheet.cells > _MOST_CELLS:
                raise TooLargeError
            yield row
