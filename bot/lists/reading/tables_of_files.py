"""Bytes to a list: which kind of file, which encoding or sheet, which row is the header.

Only faults of the whole file are refused here; what is wrong with a row is for the verdicts.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial

from bot.lists.reading.columns import NEEDED, NO_MEANINGS, Header, Meanings, read_header
from bot.lists.reading.delimited import SEPARATORS, delimited_rows, encoding_of
from bot.lists.reading.fhir import read_fhir
from bot.lists.reading.file_kinds import FileKind, file_kind_of
from bot.lists.reading.table import EPOCH_1900, Row, Table
from bot.lists.reading.workbooks import open_workbook
from bot.patients.nhs_numbers import read_nhs_number
from bot.refusals import Refused

_HEADER_WITHIN = 50  # rows: title rows are few
_FEWEST_HEADINGS = 2
_FEWEST_UNKNOWN_HEADINGS = 3
_MOST_COLUMNS = 1000
_WIDEST = 16_384  # cells, Excel's own limit: nothing wider is a row of headings


def read_table(content: bytes, meanings: Meanings = NO_MEANINGS) -> Table:
    """Find out how a list is written.

    :param meanings: what the practice said its headings mean.
    :raises Refused: it is empty, too large, not a list at all, or lacks a needed column; the sentence says
        what to export instead.
    """
    table = open_table(content, meanings)
    refuse_without_needed(table.header)
    return table


def refuse_without_needed(header: Header) -> None:
    """:raises Refused: a needed column is not there."""
    if missing := header.missing():
        names = " and ".join(field.value for field in missing)
        raise Refused(
            "missing-column",
            f"The list has no column {names}. Export it again with {' and '.join(NEEDED)} among its columns, "
            "or upload it on the Lists page and say there which column it is.",
        )


def open_table(content: bytes, meanings: Meanings = NO_MEANINGS) -> Table:
    """The same, though needed columns may be missing: a person can still say which they are.

    :raises Refused: the file cannot be read as a list.
    """
    kind = file_kind_of(content)
    if kind is FileKind.FHIR:
        return read_fhir(content)
    ways, epoch = ways_to_read(content, kind)
    found = max(
        (_find_header(read, meanings) for read in ways),
        key=lambda table: (len(table.header.places), len(table.header.headings)),
    )
    few = len(found.header.places) < _FEWEST_HEADINGS and len(found.header.headings) < _FEWEST_UNKNOWN_HEADINGS
    if few or any(read_nhs_number(heading).number for heading in found.header.headings):
        raise Refused(
            "no-header",
            "There is no row of headings such as NHS Number and Date of Birth. Export the list with its headings.",
        )
    if (columns := len(found.header.headings)) > _MOST_COLUMNS:
        raise Refused("too-many-columns", f"The list has {columns:,} columns. Export only those that are needed.")
    return replace(found, epoch=epoch)


def ways_to_read(
    content: bytes, kind: FileKind, *, times: bool = False
) -> tuple[list[Callable[[], Iterator[Row]]], date]:
    """The sheets of a workbook, or a text by each of its possible separators; and the day from which days count.

    :param times: a time without a day says something in a workbook.
    :raises Refused: it cannot be read at all.
    """
    if kind is FileKind.WORKBOOK:
        workbook = open_workbook(content, times=times)
        return workbook.sheets, workbook.epoch
    encoding = encoding_of(content)
    return [partial(delimited_rows, content, encoding, separator) for separator in SEPARATORS], EPOCH_1900


def _find_header(read: Callable[[], Iterator[Row]], meanings: Meanings) -> Table:
    """The first row that names all needed columns, or else the one that names most.

    Where no row names two, the widest one is taken: a person will be asked what its headings mean.
    """
    best, widest = Table(read_header(()), 0, read), Table(read_header(()), 0, read)
    for row in read():
        if row.number > _HEADER_WITHIN:
            break
        if len(row.cells) > _WIDEST:
            continue
        header = read_header(row.cells, meanings)
        if len(header.places) > len(best.header.places):
            best = Table(header, row.number, read)
        if len(header.places) >= _FEWEST_HEADINGS and not header.missing():
            return best
        if _stated(header) > _stated(widest.header):
            widest = Table(header, row.number, read)
    return best if len(best.header.places) >= _FEWEST_HEADINGS else widest


def _stated(header: Header) -> int:
    return sum(bool(heading) for heading in header.headings)
