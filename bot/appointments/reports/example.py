"""A made-up appointment report of a practice's own people, to try the import with: demo alone."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, select

from bot.appointments.timetable.working_days import is_working_day
from bot.settings import Settings
from bot.tables.patients import Patient

HEADER = (
    *("Appointment ID", "NHS Number", "Appointment Date", "Appointment Time", "Duration"),
    *("Session Holder", "Location", "Slot Status"),
)
"""As EMIS Web calls them."""
INTERPRETED, OTHERS = 2, 5
"""People of each kind whom it names, where the practice has so many."""
_NAMES = ("Dr Tom Ward", "Station Practice")
_FIRST_DAY = timedelta(days=8)
"""From today on: nobody is reminded of a visit of it for days."""


def may_try(settings: Settings) -> bool:
    """Whether there is such a report: only where all people are made up."""
    return not settings.live


def example_people(session: Session, practice_id: int) -> list[str]:
    """NHS numbers of some people of the practice, those who need an interpreter first."""
    interpreted = _numbers(session, practice_id, True, INTERPRETED)
    return [*interpreted, *_numbers(session, practice_id, False, OTHERS)]


def example_rows(numbers: Sequence[str], today: date) -> Iterator[tuple[str, ...]]:
    """A visit of each of these people, and some rows in which something is wrong.

    Two of them are fixed: a length and a status that nobody can read. Three are rejected: a number with a wrong digit,
    a day that does not exist, and a time that nobody has booked.
    """
    day = _working_day(today + _FIRST_DAY)
    clock = ("09:00", "09:20", "09:40", "10:00", "10:10", "10:20", "10:30")
    for place, (number, at) in enumerate(zip(numbers, clock, strict=False)):
        length = "a while" if place == INTERPRETED else "20" if place < INTERPRETED else "10"
        status = "Pencilled in" if place == INTERPRETED + 1 else "Booked"
        yield _row(f"EX-{place + 1}", number, f"{day:%d/%m/%Y}", at, length, status)
    yield _row("EX-11", "9990000000", f"{day:%d/%m/%Y}", "11:00", "10", "Booked")
    yield _row("EX-12", next(iter(numbers), ""), f"31/02/{day.year + 1}", "11:10", "10", "Booked")
    yield _row("EX-13", "", f"{day:%d/%m/%Y}", "11:20", "10", "Available")


def _row(ref: str, number: str, day: str, at: str, length: str, status: str) -> tuple[str, ...]:
    return (ref, number, day, at, length, *_NAMES, status)


def _working_day(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _numbers(session: Session, practice_id: int, interpreted: bool, most: int) -> Sequence[str]:
    statement = select(Patient.nhs_number).where(
        Patient.practice_id == practice_id,
        col(Patient.registered).is_(True),
        col(Patient.deceased).is_(False),
        col(Patient.died_on).is_(None),
        col(Patient.interpreter).is_(True) if interpreted else col(Patient.interpreter).is_not(True),
    )
    return session.exec(statement.order_by(col(Patient.id)).limit(most)).all()
