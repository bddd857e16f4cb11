"""The next days of a practice's clinics: on which of them somebody comes, or could."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Executable, case, func, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from bot.appointments.reception.day_view import bounds_of
from bot.appointments.timetable.slots import state_of_slot
from bot.clock import utc_now
from bot.tables.appointments import Clinic, Site, Slot, Visit, VisitState

AHEAD = 21
"""Days that are looked at."""
MOST_DAYS = 5
"""Days of a clinic that are shown."""


class ClinicDay(NamedTuple):
    """A day in London, with the visits that are not off, and the slots that are free."""

    day: date
    visits: int
    free: int


class ClinicDays(NamedTuple):
    """A clinic with its next days on which it is held."""

    code: str
    site: str
    days: Sequence[ClinicDay]


def clinic_days(session: Session, practice_id: int, first: date, clinic_id: int | None = None) -> list[ClinicDays]:
    """The clinics of a practice, by code, each with its next days from the first; three statements.

    :param clinic_id: this clinic alone.
    """
    days = [first + timedelta(days=number) for number in range(AHEAD)]
    these = [col(Clinic.practice_id) == practice_id, *([] if clinic_id is None else [col(Clinic.id) == clinic_id])]
    free, visits = _free(session, these, days), _visits(session, these, days)
    clinics = select(col(Clinic.id), col(Clinic.code), col(Site.name)).join(Site, col(Site.id) == col(Clinic.site_id))
    found = []
    for number, code, site in session.execute(clinics.where(*these).order_by(col(Clinic.code))):
        each = (ClinicDay(day, visits[number, at], free[number, at]) for at, day in enumerate(days))
        found.append(ClinicDays(code, site, [one for one in each if one.visits or one.free][:MOST_DAYS]))
    return found


def _free(session: Session, these: Sequence[ColumnElement[bool]], days: Sequence[date]) -> dict[tuple[int, int], int]:
    at = _number_of(col(Slot.starts), days)
    clinics = (
        select(col(Slot.clinic_id), at, func.count())
        .join(Clinic, col(Clinic.id) == col(Slot.clinic_id))
        .where(*these, *_within(col(Slot.starts), days), state_of_slot(utc_now()) == "free")
    )
    return _counted(session, clinics.group_by(col(Slot.clinic_id), at))


def _visits(session: Session, these: Sequence[ColumnElement[bool]], days: Sequence[date]) -> dict[tuple[int, int], int]:
    at = _number_of(col(Visit.starts), days)
    clinics = (
        select(col(Visit.clinic_id), at, func.count())
        .join(Clinic, col(Clinic.id) == col(Visit.clinic_id))
        .where(*these, *_within(col(Visit.starts), days), col(Visit.state) != VisitState.CANCELLED)
    )
    return _counted(session, clinics.group_by(col(Visit.clinic_id), at))


def _within(starts: Mapped[datetime], days: Sequence[date]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return starts >= bounds_of(days[0])[0], starts < bounds_of(days[-1])[1]


def _number_of(starts: Mapped[datetime], days: Sequence[date]) -> ColumnElement[int]:
    """Which of the days a moment is on; the clock decides where a day ends, so the database cannot."""
    return case(*((starts < bounds_of(day)[1], number) for number, day in enumerate(days)), else_=len(days)).label("at")


def _counted(session: Session, statement: Executable) -> dict[tuple[int, int], int]:
    found: defaultdict[tuple[int, int], int] = defaultdict(int)
    for clinic, at, number in session.execute(statement):
        found[clinic or 0, at] = number
    return found
