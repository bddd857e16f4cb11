"""A number that was on a child's record is a parent's until somebody knows better, whatever birthday comes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import select

from bot.database import Database
from bot.patients.phone_safety import number_works_again, refresh_phone_safety
from bot.tables.organisations import Practice
from bot.tables.patients import FROM_STAFF, Patient, PhoneStatus
from tests.factories import make_patient, make_practice

BORN = date(2012, 5, 12)
LEAP = date(2012, 2, 29)


def judged(db: Database, practice: Practice, patient: Patient, day: date) -> str:
    """What is thought of the number on a day."""
    refresh_phone_safety(db, practice.id or 0, day)
    with db.read() as session:
        return session.get_one(Patient, patient.id).phone_status


def child(db: Database, **changes: Any) -> tuple[Practice, Patient]:
    practice = make_practice(db)
    values: dict[str, Any] = {"born": BORN, "phone_since": date(2026, 11, 24), "phone_status": PhoneStatus.SHARED}
    return practice, make_patient(db, practice, **(values | changes))


@pytest.mark.parametrize(
    ("born", "since", "day", "status"),
    [
        (BORN, date(2026, 11, 24), date(2028, 5, 11), "unsafe"),
        (BORN, date(2026, 11, 24), date(2028, 5, 12), "unsafe"),
        (BORN, date(2026, 11, 24), date(2028, 5, 13), "unsafe"),
        (BORN, date(2026, 11, 24), date(2030, 5, 11), "unsafe"),
        (BORN, date(2026, 11, 24), date(2030, 5, 12), "own"),
        (BORN, date(2028, 5, 11), date(2028, 5, 12), "unsafe"),
        (BORN, date(2028, 5, 12), date(2028, 5, 12), "own"),
        (BORN, date(2028, 5, 12), date(2028, 5, 11), "unsafe"),
        (LEAP, date(2028, 2, 28), date(2028, 2, 29), "unsafe"),
        (LEAP, date(2028, 2, 29), date(2028, 2, 29), "own"),
        (LEAP, date(2028, 2, 28), date(2030, 2, 28), "unsafe"),
        (LEAP, date(2028, 2, 28), date(2030, 3, 1), "own"),
        (date(2015, 11, 24), date(2026, 11, 24), date(2026, 11, 24), "unsafe"),
    ],
)
def test_a_number_listed_before_16_is_unsafe_until_18(
    db: Database, born: date, since: date, day: date, status: str
) -> None:
    assert judged(db, *child(db, born=born, phone_since=since), day) == status


@pytest.mark.parametrize(
    ("created", "status"),
    [
        (datetime(2028, 5, 11, 22, 59, tzinfo=UTC), "unsafe"),  # 23:59 on the wall, the day before the birthday
        (datetime(2028, 5, 11, 23, 30, tzinfo=UTC), "own"),  # 00:30 on the birthday
    ],
)
def test_without_a_day_the_record_s_first_day_in_london_stands_for_it(
    db: Database, created: datetime, status: str
) -> None:
    practice, patient = child(db, phone_since=None, created_at=created)
    assert judged(db, practice, patient, date(2028, 6, 1)) == status


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2028, 5, 12), date(2030, 5, 12)])
def test_what_the_young_person_confirmed_stays_theirs(db: Database, day: date) -> None:
    own = {"phone_status": PhoneStatus.CONFIRMED, "phone_source": "patient"}
    assert judged(db, *child(db, **own), day) == "confirmed"


def test_what_staff_said_is_not_theirs_stays_so_at_18(db: Database) -> None:
    told = {"phone_status": PhoneStatus.UNSAFE, "phone_source": FROM_STAFF}
    assert judged(db, *child(db, **told), date(2030, 5, 12)) == "unsafe"


def test_at_18_a_number_that_others_have_too_is_shared(db: Database) -> None:
    practice, patient = child(db, phone="+447700900321")
    make_patient(db, practice, phone="+447700900321")
    assert judged(db, practice, patient, date(2030, 5, 12)) == "shared"


def test_a_number_that_works_again_is_no_safer_than_it_was(db: Database) -> None:
    practice, patient = child(db, phone="+447700900321", phone_status=PhoneStatus.FAILED)
    with db.write() as session:
        number_works_again(session, practice.id or 0, "+447700900321", date(2028, 5, 12))
    with db.read() as session:
        assert session.exec(select(Patient.phone_status).where(Patient.id == patient.id)).one() == "unsafe"
