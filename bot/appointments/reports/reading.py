"""An appointment report to rows, whatever file it came in. Only faults of the whole file are refused here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from bot.appointments.reports.columns import ReportHeader, read_report_header
from bot.appointments.reports.fhir import read_appointments
from bot.lists.reading.columns import read_header
from bot.lists.reading.file_kinds import FileKind, file_kind_of
from bot.lists.reading.table import EPOCH_1900, Row, Table
from bot.lists.reading.tables_of_files import ways_to_read
from bot.refusals import Refused

LARGEST_REPORT = 8 * 1024 * 1024
"""Bytes; a report of 20,000 visits has about 3 MB."""
MOST_ROWS = 20_000
_HEADER_WITHIN = 50  # rows: title rows are few
_WIDEST = 1000  # cells


@dataclass(frozen=True)
class Report:
    """An appointment report of which the columns are known. `epoch` is the day from which day numbers count."""

    header: ReportHeader
    read: Callable[[], Iterator[Row]]
    epoch: date = EPOCH_1900

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank, without the count lines that close an export.

        :raises Refused: there are too many, or the file cannot be read to its end.
        """
        for number, row in enumerate(self.read()):
            if number >= MOST_ROWS:
                raise Refused(
                    "too-many-rows",
                    f"The report has more than {MOST_ROWS:,} rows. Export fewer days, and import them one by one.",
                )
            yield row


def read_report(content: bytes) -> Report:
    """Find out how an appointment report is written.

    :raises Refused: it is empty, too large, no report at all, or lacks a needed column; the sentence says what to
        export instead.
    """
    if len(content) > LARGEST_REPORT:
        raise Refused("file-too-large", "The report is larger than 8 MB. Export fewer days, or fewer columns.")
    kind = file_kind_of(content)
    if kind is FileKind.FHIR:
        header, read = read_appointments(content)
        return Report(header, read)
    ways, epoch = ways_to_read(content, kind, times=True)
    header, number, way = max((_find_header(way) for way in ways), key=lambda found: _rank(found[0]))
    if missing := header.missing():
        raise Refused(
            "missing-column",
            f"The report has no column {' and no column '.join(missing)}. Export it again with Appointment ID, "
            "NHS Number, Date, Time, Clinician, Clinic, Location and Status among its columns.",
        )
    return Report(header, Table(read_header(()), number, way, epoch).rows, epoch)


def _rank(header: ReportHeader) -> tuple[bool, int, int]:
    return not header.missing(), len(header.places), len(header.headings)


def _find_header(read: Callable[[], Iterator[Row]]) -> tuple[ReportHeader, int, Callable[[], Iterator[Row]]]:
    """Of the first rows the one that names most columns."""
    best, at = read_report_header(()), 0
    for row in islice(read(), _HEADER_WITHIN):
        if len(row.cells) <= _WIDEST and _rank(header := read_report_header(row.cells)) > _rank(best):
            best, at = header, row.number
    return best, at, read
