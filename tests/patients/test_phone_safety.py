"""Whose number is it? A number on two records is nobody's own, save of the one who told us so."""

from typing import Any

import pytest
from sqlmodel import col, select

from bot.campaigns.fuel_poverty import COLD_HOME_RESPIRATORY
from bot.clock import london_today
from bot.database import Database
from bot.messaging.claiming import claim_due_messages
from bot.patients.phone_safety import refresh_every_practice
from bot.settings import Settings
from bot.tables.messaging import Kind
from bot.tables.patients import Patient, PhoneStatus
from tests.factories import make_patient, make_practice
from tests.messaging.helpers import queue_kind

PHONE = "+447700900321"
SAID_SO = {"phone_status": PhoneStatus.CONFIRMED, "phone_source": "patient"}
CONFIRMED_ON_THE_LIST = {"phone_status": PhoneStatus.CONFIRMED}
NOTHING: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("first", "second", "left_out"),
    [
        (NOTHING, NOTHING, ["shared-phone", "shared-phone"]),
        (SAID_SO, NOTHING, [None, "shared-phone"]),
        (CONFIRMED_ON_THE_LIST, NOTHING, ["shared-phone", "shared-phone"]),
        (SAID_SO, CONFIRMED_ON_THE_LIST, [None, "shared-phone"]),
        (SAID_SO, SAID_SO, ["shared-phone", "shared-phone"]),
        (SAID_SO, {"registered": False}, [None, "not-registered"]),
    ],
)
def test_a_number_on_two_records_is_only_that_persons_who_confirmed_it(
    db: Database, first: dict[str, Any], second: dict[str, Any], left_out: list[str | None], settings: Settings
) -> None:
    practice = make_practice(db)
    for changes in (first, second):
        make_patient(db, practice, phone=PHONE, **changes)
    refresh_every_practice(db, settings)
    with db.read() as session:
        statement = select(COLD_HOME_RESPIRATORY.reason_sql(london_today())).order_by(col(Patient.id))
        assert list(session.exec(statement)) == left_out


def test_a_confirmed_number_on_one_record_is_that_persons(db: Database) -> None:
    make_patient(db, make_practice(db), phone=PHONE, **CONFIRMED_ON_THE_LIST)
    make_patient(db, make_practice(db, "BRIDGE"), phone=PHONE)
    with db.read() as session:
        assert set(session.exec(select(COLD_HOME_RESPIRATORY.reason_sql(london_today())))) == {None}


@pytest.mark.parametrize(
    ("first", "second", "goes"),
    [
        (SAID_SO, NOTHING, True),
        (CONFIRMED_ON_THE_LIST, NOTHING, False),
        (SAID_SO, SAID_SO, False),
        ({"disputed": True}, {"phone": "+447700900322"}, False),
    ],
)
def test_the_same_is_asked_again_when_the_text_goes_out(
    db: Database, settings: Settings, first: dict[str, Any], second: dict[str, Any], goes: bool
) -> None:
    practice = make_practice(db)
    person = make_patient(db, practice, **({"phone": PHONE} | first))
    make_patient(db, practice, **({"phone": PHONE} | second))
    queue_kind(db, settings, practice, person, Kind.OUTREACH)
    assert len(claim_due_messages(db, settings, 10)) == goes
