import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from nhs_number import is_valid
from sqlmodel import col, func, select

from bot.accounts.demo import demo_accounts
from bot.appointments.by_text.reminders import remind
from bot.appointments.interpreted.lost import lapse_asks
from bot.audit import CONSOLE
from bot.campaigns.planning import plan_campaign
from bot.campaigns.progress import campaign_status
from bot.clock import utc_now
from bot.database import Database
from bot.demo import load_demo
from bot.interpreters.finding import interpreter_of_account
from bot.lists.demo_list import MOBILES_OF_INTERPRETERS, WORDED_NAMES, demo_csv, demo_people
from bot.patients.criteria import criteria_state
from bot.patients.listing import list_people
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import Visit
from bot.tables.messaging import Message
from bot.tables.patients import OptOut, Patient
from bot.texts.languages import find_language

BREATHING = {"195967001", "233678006", "370221004", "13645005", "87433001"}


def test_the_list_is_the_same_every_time() -> None:
    assert demo_csv(100) == demo_csv(100)
    assert demo_csv(100) != demo_csv(100, seed=1)


def test_numbers_are_never_issued_ones_valid_and_unique() -> None:
    rows = list(demo_people(3000))
    numbers = [row[0] for row in rows]
    assert len(set(numbers)) == 3000
    assert all(number.startswith("999") and is_valid(number) for number in numbers)
    assert {row[5][:6] for row in rows} <= {"07700 ", "01632 ", ""}


def test_the_first_thousand_mobiles_are_those_kept_for_drama() -> None:
    mobiles = {row[5] for row in demo_people(600) if row[5].startswith("07")}
    assert all(mobile.startswith("07700 900") for mobile in mobiles)


def test_loading_it_gives_everything_a_campaign_needs(db: Database, settings: Settings) -> None:
    answer = load_demo(db, settings, 600)
    assert (answer["practice"], answer["partner"], answer["patients"]) == ("STATION", "CAB", 600)
    assert {account["role"] for account in answer["accounts"]} == {"lead", "practice", "partner", "admin"}
    with db.read() as session:
        people = list(list_people(session, 1))
        state = criteria_state(session, 1, "cold-home-respiratory")
    assert state.lead_signed
    assert state.partners_signed
    assert len(people) == 600
    invited = [
        person
        for person in people
        if BREATHING & set(person["codes"])
        and person["phone_status"] == "own"
        and person["registered"]
        and not person["deceased"]
        and not person["opted_out"]
        and person["born"] < "2008"
    ]
    assert len(invited) > 150
    assert {person["language"] for person in invited} >= {find_language(name) for name in WORDED_NAMES}
    unrecorded = sum(person["language"] is None for person in people)
    assert 0.28 < unrecorded / 600 < 0.38
    statuses = Counter(person["phone_status"] for person in people)
    assert all(statuses[status] > 5 for status in ("own", "shared", "unsafe", "not-mobile", "none"))
    assert any(person["opted_out"] for person in people)
    assert any(person["deceased"] for person in people)
    assert any(person["interpreter"] for person in people)


def test_loading_it_twice_is_safe(db: Database, settings: Settings) -> None:
    first = load_demo(db, settings, 100)
    with db.read() as session:
        before = session.exec(select(func.count()).select_from(OptOut)).one()
    assert load_demo(db, settings, 100) == first
    with db.read() as session:
        assert len(list(list_people(session, 1))) == 100
        assert session.exec(select(func.count()).select_from(OptOut)).one() == before


def test_it_has_interpreters_whose_accounts_are_on_the_sign_in_page_beside_those_that_programs_count(
    db: Database, settings: Settings
) -> None:
    answer = load_demo(db, settings, 100)
    load_demo(db, settings, 100)
    assert len(answer["accounts"]) == 4
    shown = [account for account in demo_accounts(db, settings) if account.role == Role.INTERPRETER]
    assert [account.email for account in shown] == [
        "interpreter@demo.example",
        "interpreter2@demo.example",
        "interpreter3@demo.example",
    ]
    with db.read() as session:
        interpreters = [interpreter_of_account(session, account.account) for account in shown]
        phones = {person["phone"] for person in list_people(session, 1)}
    assert [each.sex for each in interpreters if each] == ["F", "M", "F"]
    assert not phones & {each.phone for each in interpreters if each}
    assert {account.account.password_hash for account in shown} != {None}


def test_a_second_partner_can_be_offered_and_has_an_account_on_the_sign_in_page(
    db: Database, settings: Settings
) -> None:
    first = load_demo(db, settings, 100)
    assert load_demo(db, settings, 100)["accounts"] == first["accounts"]
    assert "partner2@demo.example" in [account.email for account in demo_accounts(db, settings)]
    assert "partner2@demo.example" not in [account["email"] for account in first["accounts"]]
    planned = plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, CONSOLE, others=["HOMES"])
    with db.read() as session:
        status = campaign_status(session, planned.campaign)
    assert [(one["code"], one["free"]) for one in status["partners"]] == [("CAB", 30), ("HOMES", 10)]


def test_nobody_of_a_large_list_has_an_interpreters_phone_either() -> None:
    mobiles = [row[5] for row in demo_people(1500) if row[5].startswith("07")]
    assert not set(mobiles) & set(MOBILES_OF_INTERPRETERS)
    assert len(set(mobiles)) > 1200


def test_people_who_need_an_interpreter_have_visits_in_their_language_and_nobody_is_texted_by_loading_it(
    db: Database, settings: Settings
) -> None:
    load_demo(db, settings, 600)
    with db.read() as session:
        visits = session.exec(select(Visit).order_by(col(Visit.starts))).all()
        first = session.get_one(Patient, visits[0].patient_id)
    assert {visit.language for visit in visits} == {"ur", "pa-Guru", "ar", "ckb"}
    assert {visit.interpreter_state for visit in visits} == {"booked"}
    assert visits[0].starts - utc_now() < timedelta(days=2)
    assert first.phone is None
    assert remind(db, settings) == 0
    assert lapse_asks(db, settings) == 0
    load_demo(db, settings, 600)
    with db.read() as session:
        assert session.exec(select(func.count()).select_from(Visit)).one() == len(visits)
        assert session.exec(select(func.count()).select_from(Message)).one() == 0


@pytest.mark.parametrize("day", ["2026-11-27T17:00Z", "2026-11-28T08:00Z", "2026-12-24T20:00Z"])
def test_it_can_be_loaded_on_any_day(db: Database, settings: Settings, day: str) -> None:
    with time_machine.travel(day):
        load_demo(db, settings, 100)
    with db.read() as session:
        assert session.exec(select(func.count()).select_from(Visit)).one() > 0


def test_it_cannot_exist_in_live(db: Database, settings: Settings) -> None:
    live = Settings(
        mode="live",
        secret_key="s" * 40,
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token="token",
        twilio_from="+441632960001",
        twilio_api_url="http://127.0.0.1:9",
    )
    with pytest.raises(Refused, match="live"):
        load_demo(db, live, 10)


def test_its_header_is_that_of_the_plain_list() -> None:
    assert next(csv.reader(io.StringIO(demo_csv(1).decode())))[:4] == [
        *("NHS Number", "Surname", "Given Name", "Date of Birth"),
    ]
