"""What the page "Visits" counts: clinics of a day, and visits that still have no interpreter."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.clock import LONDON, utc_now
from bot.tables.appointments import Clinic, InterpreterState, Site, Visit, VisitState

_LACKS = (InterpreterState.SEEKING, InterpreterState.FAILED)


class ClinicOnDay(NamedTuple):
    """A clinic with its visits of a day that are not off."""

    code: str
    site: str
    visits: int


def clinics_on(session: Session, practice_id: int, day: date) -> list[ClinicOnDay]:
    """The clinics of a practice, by code, with how many visits each has on a day in London."""
    opens, closes = (datetime.combine(at, time(), LONDON) for at in (day, day + timedelta(days=1)))
    of_day = (
        (col(Visit.clinic_id) == col(Clinic.id))
        & (col(Visit.starts) >= opens)
        & (col(Visit.starts) < closes)
        & (col(Visit.state) != VisitState.CANCELLED)
    )
    statement = (
        select(Clinic.code, Site.name, func.count(col(Visit.id)))
        .join(Site, col(Site.id) == col(Clinic.site_id))
        .outerjoin(Visit, of_day)
        .where(Clinic.practice_id == practice_id)
        .group_by(col(Clinic.code), col(Site.name))
        .order_by(col(Clinic.code))
    )
    return [ClinicOnDay(*row) for row in session.exec(statement)]


def count_without_interpreter(session: Session, practice_id: int) -> int:
    """Visits still ahead that need an interpreter and have none."""
    statement = select(func.count()).where(
        Visit.practice_id == practice_id,
        Visit.state == VisitState.BOOKED,
        col(Visit.interpreter_state).in_(_LACKS),
        col(Visit.starts) > utc_now(),
    )
    return session.exec(statement).one()
