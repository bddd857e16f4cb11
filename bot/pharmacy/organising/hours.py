"""When a pharmacy is open: its week as people write it, less bank holidays of England and the days it is closed."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.clock import LONDON, is_bank_holiday
from bot.interpreters.hours import Hours, hours_in_words, read_hours
from bot.refusals import Refused
from bot.tables.organisations import Pharmacy
from bot.tables.pharmacy import PharmacyClosure, PharmacyHours

LOOKED_AHEAD = 62
"""Days. A pharmacy that is closed for longer has no next opening to speak of."""


class Opening(NamedTuple):
    """A day, and from when to when it is open then, on the wall clock in London."""

    day: date
    opens: time
    closes: time


def open_next(session: Session, pharmacy: Pharmacy, now: datetime) -> Opening | None:
    """When somebody can go there: today while it is open or will be, else the next day that is open; None for never.

    :param now: aware. Of hours with a break in them it is the part that is not over yet.
    """
    today = now.astimezone(LONDON).date()
    closed = _closed_days(session, pharmacy, today)
    return next_opening(hours_of(session, pharmacy), lambda day: day in closed or is_bank_holiday(day), now)


def next_opening(hours: Iterable[Hours], is_closed: Callable[[date], bool], now: datetime) -> Opening | None:
    """The first part of a week's hours that is not over at that moment, on a day that is not closed."""
    local, week = now.astimezone(LONDON), sorted(hours)
    for ahead in range(LOOKED_AHEAD):
        day = local.date() + timedelta(days=ahead)
        if is_closed(day):
            continue
        for weekday, opens, closes in week:
            if weekday == day.weekday() and (ahead or local.time() < closes):
                return Opening(day, opens, closes)
    return None


def _closed_days(session: Session, pharmacy: Pharmacy, today: date) -> set[date]:
    statement = select(col(PharmacyClosure.day)).where(
        PharmacyClosure.pharmacy_id == pharmacy.id, PharmacyClosure.day >= today
    )
    return set(session.exec(statement))


def hours_of(session: Session, pharmacy: Pharmacy) -> list[Hours]:
    """Its hours in order of the week."""
    statement = select(PharmacyHours).where(PharmacyHours.pharmacy_id == pharmacy.id)
    rows = session.exec(statement.order_by(col(PharmacyHours.weekday), col(PharmacyHours.opens)))
    return [(row.weekday, row.opens, row.closes) for row in rows]


def read_opening_hours(written: str) -> list[Hours]:
    """Hours of a week such as `mon-fri 09:00-18:00; sat 09:00-13:00`; nothing written is never open.

    :raises Refused: `bad-hours`, says which piece cannot be read.
    """
    try:
        return read_hours(written)
    except ValueError as piece:
        raise Refused(
            "bad-hours",
            f"“{piece}” cannot be read as hours. Write them like this: mon-fri 09:00-18:00; sat 09:00-13:00.",
        ) from None


def set_hours(session: Session, pharmacy: Pharmacy, hours: Iterable[Hours]) -> None:
    """Let these be its hours, in place of those before."""
    session.execute(delete(PharmacyHours).where(col(PharmacyHours.pharmacy_id) == pharmacy.id))
    session.add_all(
        PharmacyHours(pharmacy_id=pharmacy.id or 0, weekday=day, opens=opens, closes=closes)
        for day, opens, closes in hours
    )


def hours_of_all(session: Session) -> dict[int, str]:
    """The hours of every pharmacy that has any, as they are written."""
    found: dict[int, list[Hours]] = {}
    for row in session.exec(select(PharmacyHours)):
        found.setdefault(row.pharmacy_id, []).append((row.weekday, row.opens, row.closes))
    return {pharmacy_id: hours_in_words(hours) for pharmacy_id, hours in found.items()}
