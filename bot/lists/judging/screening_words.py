"""What a cell about cervical screening says: due, overdue, not due, ceased or deferred. Pure.

It is read and never worked out: when a test is due depends on results that no list has. A date alone is the one
exception, for it is the day on which the list says that the next test is due.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from bot.lists.judging.cell_words import is_not_stated
from bot.lists.judging.dates import DateReading, read_date
from bot.lists.reading.columns import squash
from bot.lists.reading.table import EPOCH_1900
from bot.tables.patients import ScreeningStatus

DUE_WITHIN = timedelta(days=42)
"""A test whose day is no further off counts as due."""
_YEARS_AHEAD = 10
"""A year of two digits is at most so far in the future: recall is every five years, a deferral for up to 18 months."""

_STATUSES: Mapping[ScreeningStatus, str] = {
    ScreeningStatus.DUE: "due|due now|test due|smear due|smear test due|screening due|cervical due|cervical smear due"
    "|cervical screening due|is due|recall due",
    ScreeningStatus.OVERDUE: "overdue|over due|past due|test overdue|smear overdue|screening overdue|cervical overdue"
    "|cervical screening overdue|outstanding",
    ScreeningStatus.NOT_DUE: "not due|not yet due|not due yet|not currently due|up to date|no|n|false|0|none due"
    "|in date",
    ScreeningStatus.CEASED: "ceased|recall ceased|permanently ceased|cease|ceased from recall|removed from recall",
    ScreeningStatus.DEFERRED: "deferred|recall deferred|defer|deferral|postponed|suspended",
}
_STATUS_OF = {squash(word): status for status, words in _STATUSES.items() for word in words.split("|")}
_BEGINS = (ScreeningStatus.CEASED, ScreeningStatus.DEFERRED)
"""What may be followed by a reason: "Ceased - no cervix", "Deferred (pregnant)". After "Overdue" one might say more."""

_OVERDUE_BY = re.compile(r"overdue(?:by)?\d+(?:day|week|month|year)s?")

_SAYS_NOTHING = frozenset(
    map(squash, ("call", "recall", "routine", "routine recall", "normal", "normal recall", "repeat", "repeat advised"))
)
"""Kinds of recall: whether a test is due they leave open."""

_YES = frozenset(("y", "yes", "true", "1"))
_NO = frozenset(("n", "no", "false", "0", "notdeferred", "notdeclined"))
_BY_DATE = frozenset(
    map(
        squash, ("due", "due date", "next due", "next test", "next test due", "test due", "smear due", "next smear due")
    )
)
_WORD_AND_DATE = re.compile(r"([^\d]*[^\W\d_])[^\w]+(\d.*?)\W?", re.DOTALL)
_BEFORE_A_DATE = re.compile(r"(?:until|untill|till|since|from|on|by|to)$")


class StatusReading(NamedTuple):
    """`status` null: it says nothing, or, where `known` is false, nothing that is understood.

    `until` is the day to which the cell itself says that it is deferred; `dated` how its date was read, if it has one.
    """

    status: ScreeningStatus | None
    known: bool = True
    until: date | None = None
    dated: DateReading | None = None


def read_status(cell: str, today: date, epoch: date = EPOCH_1900, *, asks_if_due: bool = False) -> StatusReading:
    """What a cell says of a person's screening.

    :param today: the date in England.
    :param epoch: the day from which the list's day numbers count.
    :param asks_if_due: the heading asks whether a test is due, so that a bare yes says that it is.
    """
    word = squash(cell)
    if word in _STATUS_OF:
        return StatusReading(_STATUS_OF[word])
    if word in _YES:
        return StatusReading(ScreeningStatus.DUE) if asks_if_due else StatusReading(None, known=False)
    if word in _SAYS_NOTHING or is_not_stated(cell):
        return StatusReading(None)
    dated = read_screening_date(cell, today, epoch)
    if dated.value is not None:
        return StatusReading(status_on(dated.value, today), dated=dated)
    return _read_word_and_date(cell, today, epoch) or _read_beginning(word)


def _read_word_and_date(cell: str, today: date, epoch: date) -> StatusReading | None:
    """As in "Due 12/03/2026", "Deferred until 1 March 2027" or "Overdue since 12.3.2024"; else None."""
    match = _WORD_AND_DATE.fullmatch(cell)
    dated = read_screening_date(match[2], today, epoch) if match else None
    if match is None or dated is None or dated.value is None:
        return None
    word = _BEFORE_A_DATE.sub("", squash(match[1]))
    if word in _BY_DATE:
        return StatusReading(status_on(dated.value, today), dated=dated)
    status = _STATUS_OF.get(word)
    if status is ScreeningStatus.DEFERRED:
        return _read_deferral(dated.value, today, dated)
    if status is ScreeningStatus.OVERDUE and dated.value > today:
        return None
    return StatusReading(status, dated=dated) if status else None


def _read_deferral(until: date, today: date, dated: DateReading) -> StatusReading:
    """Deferred to a day that is over: the list does not say that a test is due."""
    over = until <= today
    return StatusReading(ScreeningStatus.NOT_DUE if over else ScreeningStatus.DEFERRED, until=until, dated=dated)


def _read_beginning(word: str) -> StatusReading:
    if _OVERDUE_BY.fullmatch(word):
        return StatusReading(ScreeningStatus.OVERDUE)
    found = next((status for status in _BEGINS if word.startswith(status.value)), None)
    return StatusReading(found, known=found is not None)


def status_on(due: date, today: date) -> ScreeningStatus:
    """What it says today that the next test is due on a day."""
    if due <= today:
        return ScreeningStatus.OVERDUE
    return ScreeningStatus.DUE if due <= today + DUE_WITHIN else ScreeningStatus.NOT_DUE


def read_screening_date(cell: str, today: date, epoch: date = EPOCH_1900) -> DateReading:
    """A date that may lie some years ahead, which counts where a year has two digits."""
    return read_date(cell, date(today.year + _YEARS_AHEAD, 12, 31), epoch)


def says_no(cell: str) -> bool:
    """Whether a cell for a date says that there is none: "-", "No", "not recorded"."""
    return squash(cell) in _NO or is_not_stated(cell)
