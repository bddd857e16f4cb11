"""What the cells of a row say of cervical screening; what is wrong with one is noted on it. Pure.

Where it cannot be read when somebody was deferred to, or when they declined, they are not taken to be due: nobody is
invited whom the practice meant to leave out.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from bot.lists.judging.dates import DateReading, read_date
from bot.lists.judging.row_reading import RowReading, differ
from bot.lists.judging.screening_words import StatusReading, read_screening_date, read_status, says_no
from bot.lists.reading.columns import Field, squash
from bot.patients.cells import shown
from bot.tables.patients import ScreeningStatus

_TO_INVITE = (ScreeningStatus.OVERDUE, ScreeningStatus.DUE)
_CAREFUL_FIRST = (ScreeningStatus.CEASED, ScreeningStatus.DEFERRED, ScreeningStatus.NOT_DUE, None, *_TO_INVITE)
"""Of several columns the one counts that keeps a person from being invited; what is not understood might."""


class _Day(NamedTuple):
    """A day, or none; where `sure` is false the list has one that cannot be read."""

    value: date | None = None
    sure: bool = True


def read_screening(row: RowReading) -> dict[str, Any]:
    """Status, the day to which a test is deferred, and the day it was declined, as far as the list has them."""
    found = _read_status(row)
    due = found.status in _TO_INVITE
    deferred, declined = _read_deferral(row, due), _read_decline(row, due)
    status = found.status if (deferred.sure and declined.sure) or not due else None
    return {
        "cervical_status": status and status.value,
        "cervical_deferred_until": deferred.value or (found.until if deferred.sure and _has_deferral(row) else None),
        "cervical_declined_on": declined.value,
    }


def _has_deferral(row: RowReading) -> bool:
    return row.rules.header.has(Field.DEFERRED_UNTIL)


def _read_status(row: RowReading) -> StatusReading:
    cells = row.texts(Field.CERVICAL)
    if not cells:
        return StatusReading(None)
    rules, asks = row.rules, "due" in squash(row.rules.header.heading(Field.CERVICAL))
    readings = [read_status(cell, rules.today, rules.epoch, asks_if_due=asks) for cell in cells]
    for cell, reading in zip(cells, readings, strict=True):
        _note_status(row, cell, reading)
    stated = [reading for reading in readings if reading.status or not reading.known]
    chosen = min(stated, key=lambda reading: _CAREFUL_FIRST.index(reading.status), default=StatusReading(None))
    if len({ScreeningStatus.DUE if r.status in _TO_INVITE else r.status for r in stated}) > 1:
        words = chosen.status.replace("-", " ") if chosen.status else "not recorded"
        row.add_several(Field.CERVICAL, "screening", f"It was read as {words}.")
    return chosen


def _note_status(row: RowReading, cell: str, reading: StatusReading) -> None:
    if not reading.known:
        message = f"{shown(cell)} was read as not recorded. Use due, overdue, not due, ceased or deferred."
        row.add(Field.CERVICAL, "screening-unknown", message)
    elif reading.dated and reading.dated.fixed:
        row.add(Field.CERVICAL, reading.dated.fixed, reading.dated.message)


def _read_deferral(row: RowReading, due: bool) -> _Day:
    def read(cell: str) -> DateReading:
        return read_screening_date(cell, row.rules.today, row.rules.epoch)

    return _read_day(row, Field.DEFERRED_UNTIL, read, due)


def _read_decline(row: RowReading, due: bool) -> _Day:
    def read(cell: str) -> DateReading:
        found = read_date(cell, row.rules.today, row.rules.epoch)
        return found if found.value is None or found.value <= row.rules.today else DateReading(None)

    return _read_day(row, Field.CERVICAL_DECLINED, read, due)


_CODES = {Field.DEFERRED_UNTIL: "deferred-until", Field.CERVICAL_DECLINED: "cervical-declined"}
_KINDS = {Field.DEFERRED_UNTIL: "a date", Field.CERVICAL_DECLINED: "a past date"}


def _read_day(row: RowReading, field: Field, read: Callable[[str], DateReading], due: bool) -> _Day:
    """The latest that the cells of a field say: it keeps a person longest from being invited."""
    cells = [cell for cell in row.texts(field) if not says_no(cell)]
    readings = [read(cell) for cell in cells]
    for cell, reading in zip(cells, readings, strict=True):
        if reading.value is None:
            outcome = "so the person is not taken to be due" if due else "so it was left out"
            message = f"{shown(cell)} is not {_KINDS[field]}, {outcome}. Write the day, such as 25/12/2026."
            row.add(field, f"{_CODES[field]}-unreadable", message)
        elif reading.fixed:
            row.add(field, reading.fixed, reading.message)
    days = [reading.value for reading in readings if reading.value]
    if differ(days):
        row.add_several(field, _CODES[field], "The latest was used.")
    return _Day(max(days, default=None), sure=len(days) == len(readings))
