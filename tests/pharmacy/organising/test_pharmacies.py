"""Pharmacies are added once and changed by adding again."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlmodel import select

from bot.audit import CONSOLE, AuditEntry
from bot.database import Database
from bot.pharmacy.organising.listing import PharmacyLine, list_pharmacies
from bot.pharmacy.organising.pharmacies import (
    Told,
    add_pharmacy,
    offers_of,
    pharmacy_by_code,
    pharmacy_by_ods,
    read_ods,
)
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Pharmacy, Practice
from tests.factories import make_account
from tests.pharmacy.organising.making import make_pharmacy

PRIORY = Told(
    name="Priory Pharmacy",
    ods="fa123",
    address="12  Priory Road,\n Hastings",
    phone="01632 960500",
    hours="mon-fri 09:00-18:00; sat 09:00-13:00",
    offers="delivery",
)


def only_line(db: Database) -> PharmacyLine:
    with db.read() as session:
        [line] = list_pharmacies(session)
    return line


def test_what_is_said_of_a_new_pharmacy_is_kept_as_people_and_programs_read_it(db: Database) -> None:
    add_pharmacy(db, "PRIORY", PRIORY, CONSOLE)
    line = only_line(db)
    assert line.ods == "FA123"
    assert line.address == "12 Priory Road, Hastings"
    assert line.phone == "+441632960500"
    assert line.hours.startswith("mon 09:00-18:00; tue 09:00-18:00")
    assert line.hours.endswith("sat 09:00-13:00")
    assert (line.offers, line.practices) == (["delivery"], [])


def test_adding_again_changes_what_is_given_and_leaves_the_rest(db: Database) -> None:
    add_pharmacy(db, "PRIORY", PRIORY, CONSOLE)
    before = only_line(db)
    add_pharmacy(db, "PRIORY", Told(phone="01632 960501"), CONSOLE)
    assert only_line(db) == replace(before, phone="+441632960501")
    add_pharmacy(db, "PRIORY", Told(hours="mon 9-17", offers=""), CONSOLE)
    assert only_line(db) == replace(before, phone="+441632960501", hours="mon 09:00-17:00", offers=[])


@pytest.mark.parametrize("missing", ["name", "ods", "address", "phone"])
def test_a_new_pharmacy_needs_all_that_a_text_says_of_it(db: Database, missing: str) -> None:
    with pytest.raises(Refused) as refused:
        add_pharmacy(db, "PRIORY", replace(PRIORY, **{missing: None}), CONSOLE)
    assert refused.value.code == "pharmacy-incomplete"
    assert f"--{missing}" in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": ""}, "bad-pharmacy"),
        ({"ods": "FA-123"}, "bad-ods"),
        ({"ods": "ＦＡ123"}, "bad-ods"),
        ({"ods": ""}, "bad-ods"),
        ({"ods": "F" * 17}, "bad-ods"),
        ({"address": " "}, "bad-address"),
        ({"address": "a" * 101}, "bad-address"),
        ({"phone": "ring us"}, "bad-phone"),
        ({"hours": "always"}, "bad-hours"),
        ({"hours": "mon 18:00-09:00"}, "bad-hours"),
        ({"offers": "delivery, cake"}, "bad-offers"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_stored(db: Database, wrong: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        add_pharmacy(db, "PRIORY", replace(PRIORY, **wrong), CONSOLE)
    assert refused.value.code == code
    with db.read() as session:
        assert list_pharmacies(session) == []


def test_a_code_of_a_practice_and_an_ods_code_of_another_pharmacy_are_taken(
    db: Database, practice: Practice, pharmacy: Pharmacy
) -> None:
    for code, refusal in ((practice.code, "code-taken"), ("OTHER", "ods-taken")):
        ods = "FZ999" if refusal == "code-taken" else pharmacy.ods
        with pytest.raises(Refused) as refused:
            add_pharmacy(db, code, replace(PRIORY, ods=ods), CONSOLE)
        assert refused.value.code == refusal


def test_only_an_administrator_adds_one(db: Database, lead: UserAccount, dispenser: UserAccount) -> None:
    for account in (lead, dispenser):
        with pytest.raises(Refused) as refused:
            add_pharmacy(db, "PRIORY", Told(name="Mine"), actor_of(account))
        assert refused.value.code == "not-allowed"
    add_pharmacy(db, "PRIORY", Told(name="Ours"), actor_of(make_account(db, Role.ADMIN)))
    assert only_line(db).name == "Ours"


def test_one_is_found_by_its_code_and_by_its_ods_code(db: Database, pharmacy: Pharmacy) -> None:
    with db.read() as session:
        assert pharmacy_by_code(session, "PRIORY").id == pharmacy.id
        found = pharmacy_by_ods(session, "FA123")
        assert found is not None
        assert found.id == pharmacy.id
        assert pharmacy_by_ods(session, "FA999") is None
        with pytest.raises(Refused) as refused:
            pharmacy_by_code(session, "NOWHERE")
    assert refused.value.code == "unknown-pharmacy"


def test_the_trail_says_who_added_and_who_changed_it(db: Database) -> None:
    add_pharmacy(db, "PRIORY", PRIORY, CONSOLE)
    add_pharmacy(db, "PRIORY", Told(name="New Priory"), CONSOLE)
    with db.read() as session:
        deeds = [entry.action for entry in session.exec(select(AuditEntry).order_by(AuditEntry.id))]  # type: ignore[arg-type]
    assert deeds == ["pharmacy-added", "pharmacy-changed"]


def test_what_it_offers_is_a_set(db: Database) -> None:
    assert offers_of(make_pharmacy(db, offers="delivery")) == {"delivery"}
    assert offers_of(make_pharmacy(db, code="PLAIN")) == frozenset()


@given(st.text(max_size=20))
@trying(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_ods_code_is_capitals_and_digits_or_refused(written: str) -> None:
    try:
        code = read_ods(written)
    except Refused as refused:
        assert refused.code == "bad-ods"  # noqa: PT017
    else:
        assert code == written.strip().upper()
        assert code.isascii()
        assert code.isalnum()
