"""Who a youth campaign is for: 11 to 17 to the day, and each left out under the first reason that applies."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.appointments.youth.criteria import CRITERIA
from bot.clock import london_today
from bot.database import Database
from bot.patients.optouts import record_opt_out
from bot.patients.phone_safety import refresh_phone_safety
from bot.tables.patients import OptOutScope, Patient, PhoneStatus
from tests.factories import make_patient, make_practice

TODAY = date(2026, 11, 24)
CONFIRMED: dict[str, Any] = {"phone_status": PhoneStatus.CONFIRMED, "phone_source": "patient"}
DAY = timedelta(days=1)


def years_before(years: int, day: date = TODAY) -> date:
    return day.replace(year=day.year - years)


def reason(db: Database, *, opted_out: bool = False, shares: bool = False, **changes: Any) -> str | None:
    practice = make_practice(db)
    values: dict[str, Any] = {"born": years_before(14)} | CONFIRMED | changes
    patient = make_patient(db, practice, codes=(), **values)
    if shares:
        make_patient(db, practice, codes=(), phone=patient.phone)
    if opted_out:
        with db.write() as session:
            record_opt_out(
                session,
                practice_id=practice.id or 0,
                phone=patient.phone,
                scope=OptOutScope.OUTREACH,
                source="reply",
            )
    refresh_phone_safety(db, practice.id or 0, TODAY)
    with db.read() as session:
        return session.scalar(select(CRITERIA.reason_sql(london_today())).where(Patient.id == patient.id))


def test_the_reasons_and_their_order_are_those_that_were_agreed() -> None:
    agreed = "under-11 over-17 deceased not-registered no-mobile shared-phone unsafe-phone texting-refused opted-out"
    assert " ".join(CRITERIA.reasons) == agreed
    assert CRITERIA.unmatched == {"under-11", "over-17"}
    assert (CRITERIA.name, CRITERIA.minimum_age) == ("youth-clinic", 11)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (years_before(11) + DAY, "under-11"),
        (years_before(11), None),
        (years_before(11) - DAY, None),
        (years_before(18) + DAY, None),
        (years_before(18), "over-17"),
        (years_before(18) - DAY, "over-17"),
        (years_before(5), "under-11"),
        (years_before(80), "over-17"),
    ],
)
def test_the_11th_birthday_is_in_and_the_18th_is_out(db: Database, born: date, expected: str | None) -> None:
    assert reason(db, born=born) == expected


@pytest.mark.parametrize("age", range(11, 16))
@pytest.mark.parametrize("status", [PhoneStatus.OWN, PhoneStatus.SHARED, PhoneStatus.UNSAFE])
def test_under_16_only_a_confirmed_number_counts(db: Database, age: int, status: PhoneStatus) -> None:
    listed = {"phone_status": status, "phone_source": "list", "phone_since": TODAY}
    assert reason(db, born=years_before(age), **listed) == "unsafe-phone"
    assert reason_again(db, age) is None


def reason_again(db: Database, age: int) -> str | None:
    with db.write() as session:
        patient = session.exec(select(Patient)).one()
        patient.phone_status, patient.phone_source = PhoneStatus.CONFIRMED, "patient"
        session.add(patient)
    with db.read() as session:
        return session.scalar(select(CRITERIA.reason_sql(TODAY)).where(Patient.born == years_before(age)))


@pytest.mark.parametrize(
    ("born", "since", "expected"),
    [
        (years_before(16), TODAY - DAY, "unsafe-phone"),
        (years_before(16), TODAY, None),
        (years_before(16) + DAY, TODAY, "unsafe-phone"),
        (years_before(17), years_before(1) - DAY, "unsafe-phone"),
        (years_before(17), years_before(1), None),
        (years_before(18) + DAY, years_before(2), "unsafe-phone"),
        (years_before(18) + DAY, TODAY, None),
    ],
)
def test_at_16_and_17_a_number_that_was_a_childs_does_not_count(
    db: Database, born: date, since: date, expected: str | None
) -> None:
    listed = {"phone_status": PhoneStatus.SHARED, "phone_source": "list", "phone_since": since}
    assert reason(db, born=born, **listed) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"deceased": True, "registered": False, "phone": None}, "deceased"),
        ({"registered": False, "phone": None, "phone_status": PhoneStatus.NONE}, "not-registered"),
        ({"phone": None, "phone_status": PhoneStatus.NONE, "texting_refused": True}, "no-mobile"),
        ({"phone_source": "list", "shares": True, "texting_refused": True}, "shared-phone"),
        ({"phone_status": PhoneStatus.UNSAFE, "texting_refused": True}, "unsafe-phone"),
        ({"texting_refused": True, "opted_out": True}, "texting-refused"),
        ({"opted_out": True}, "opted-out"),
        ({}, None),
    ],
)
def test_each_is_left_out_under_the_first_reason(db: Database, changes: dict[str, Any], expected: str | None) -> None:
    assert reason(db, **changes) == expected
