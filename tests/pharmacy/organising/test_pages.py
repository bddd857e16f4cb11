"""The pages of pharmacies: the administrator's register, links of both sides, opening hours."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.audit import CONSOLE
from bot.database import Database
from bot.pharmacy.organising.keys import key_of, make_key
from bot.pharmacy.organising.links import confirm_link
from bot.pharmacy.organising.listing import list_pharmacies
from bot.tables.accounts import Role
from bot.tables.organisations import Pharmacy, Practice
from tests.accounts.conftest import app as app
from tests.accounts.conftest import post
from tests.applications import browser_of
from tests.factories import make_account, make_practice
from tests.pharmacy.organising.making import make_pharmacy

HILL = {
    "code": "HILL",
    "name": "Hill Pharmacy",
    "ods": "fh001",
    "address": "1 Hill Road",
    "phone": "01632 960510",
    "hours": "mon-fri 09:00-18:00",
    "offers": "delivery",
}
REGISTER = "/organisations/pharmacies"


@pytest.fixture
def admin(app: Flask, db: Database) -> FlaskClient:
    return browser_of(app, make_account(db, Role.ADMIN))


@pytest.fixture
def leads(app: Flask, db: Database, practice: Practice) -> FlaskClient:
    return browser_of(app, make_account(db, Role.LEAD, practice=practice))


@pytest.fixture
def counter(app: Flask, db: Database, pharmacy: Pharmacy) -> FlaskClient:
    return browser_of(app, make_account(db, Role.PHARMACY, pharmacy=pharmacy))


def names(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {line.code: line.name for line in list_pharmacies(session)}


def test_the_page_of_organisations_leads_to_pharmacies(admin: FlaskClient) -> None:
    assert f'href="{REGISTER}"' in admin.get("/organisations").text
    assert "No pharmacy yet" in admin.get(REGISTER).text


def test_one_is_added_and_changed(admin: FlaskClient, db: Database) -> None:
    assert post(admin, REGISTER, HILL).status_code == 303
    page = admin.get(REGISTER).text
    for words in ("Hill Pharmacy is added as HILL", "ODS code FH001", "1 Hill Road", "Offers delivery", "No keys"):
        assert words in page
    assert post(admin, f"{REGISTER}/change", HILL | {"name": "Hill Chemist", "offers": ""}).status_code == 303
    assert names(db) == {"HILL": "Hill Chemist"}
    assert "Offers" not in re.sub(r"<form.*?</form>", "", admin.get(REGISTER).text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("path", "changes", "anchor", "words"),
    [
        ("", {"code": "PRIORY"}, "add-pharmacy-code", "in the list already"),
        ("", {"code": "STATION"}, "add-pharmacy-code", "code of a practice"),
        ("", {"code": ""}, "add-pharmacy-code", "needs a code"),
        ("", {"name": ""}, "add-pharmacy-name", "needs a code"),
        ("", {"ods": "F A"}, "add-pharmacy-ods", "not an ODS code"),
        ("", {"ods": "FA123"}, "add-pharmacy-ods", "ODS code of Priory Pharmacy"),
        ("", {"address": ""}, "add-pharmacy-address", "Enter the address"),
        ("", {"phone": "x"}, "add-pharmacy-phone", "not a phone number"),
        ("", {"hours": "always"}, "add-pharmacy-hours", "cannot be read as hours"),
        ("/change", {"code": "PRIORY", "phone": "x"}, "change-PRIORY-phone", "not a phone number"),
        ("/key", {"code": "PRIORY", "ods": "F-1"}, "key-PRIORY", "not an ODS code"),
    ],
)
def test_what_is_refused_is_said_at_its_field(
    admin: FlaskClient,
    db: Database,
    practice: Practice,
    pharmacy: Pharmacy,
    path: str,
    changes: dict[str, str],
    anchor: str,
    words: str,
) -> None:
    answer = post(admin, f"{REGISTER}{path}", HILL | changes)
    assert answer.status_code == 400
    assert words in answer.text
    assert f'href="#{anchor}"' in answer.text
    assert f'id="{anchor}"' in answer.text
    assert names(db) == {"PRIORY": "Priory Pharmacy"}


def test_an_unknown_one_is_not_made_by_changing_it(admin: FlaskClient, db: Database) -> None:
    assert post(admin, f"{REGISTER}/change", HILL).status_code == 400
    assert names(db) == {}


def test_a_key_is_shown_once_and_all_can_be_ended(admin: FlaskClient, db: Database, pharmacy: Pharmacy) -> None:
    shown = re.search(r"etr_\w+", post(admin, f"{REGISTER}/key", {"code": "PRIORY"}).text)
    assert shown is not None
    with db.read() as session:
        assert key_of(session, f"Bearer {shown[0]}")
    page = admin.get(REGISTER).text
    assert shown[0] not in page
    assert "1 key" in page
    make_key(db, "PRIORY", CONSOLE)
    post(admin, f"{REGISTER}/revoke", {"code": "PRIORY"})
    assert "2 keys open nothing any more." in admin.get(REGISTER).text
    with db.read() as session:
        assert key_of(session, f"Bearer {shown[0]}") is None


def test_both_sides_say_yes_on_their_pages_and_see_what_waits(
    leads: FlaskClient, counter: FlaskClient, db: Database
) -> None:
    assert post(leads, "/pharmacies/confirm", {"code": "PRIORY"}).status_code == 303
    assert "Waits for a yes from their side" in leads.get("/pharmacies").text
    assert "1 practice waits for your yes." in counter.get("/").text
    assert "Waits for a yes from your side" in counter.get("/pharmacy/practices").text
    post(counter, "/pharmacy/practices/confirm", {"code": "STATION"})
    assert "Priory Pharmacy may text people of Station Practice" in counter.get("/pharmacy/practices").text
    assert "You work with 1 practice." in counter.get("/").text
    assert "You work with 1 pharmacy." in leads.get("/").text
    assert "You work together." in leads.get("/pharmacies").text
    post(leads, "/pharmacies/end", {"code": "PRIORY"})
    assert "You work with no practice yet." in counter.get("/pharmacy/practices").text


def test_a_colleague_who_is_no_lead_looks_and_says_nothing(
    app: Flask, db: Database, practice: Practice, pharmacy: Pharmacy
) -> None:
    confirm_link(db, "PRIORY", "STATION", CONSOLE)
    staff = browser_of(app, make_account(db, Role.PRACTICE, practice=practice))
    page = staff.get("/pharmacies").text
    assert "Priory Pharmacy" in page
    assert "End this" not in page
    for deed in ("confirm", "end"):
        assert post(staff, f"/pharmacies/{deed}", {"code": "PRIORY"}).status_code == 403


def test_a_pharmacy_ends_only_its_own_links(counter: FlaskClient, db: Database) -> None:
    other = make_pharmacy(db, make_practice(db, "BRIDGE"), code="OTHER")
    assert post(counter, "/pharmacy/practices/end", {"code": "BRIDGE"}).status_code == 400
    with db.read() as session:
        assert [line.practices for line in list_pharmacies(session) if line.code == other.code] == [["BRIDGE"]]


def test_the_header_leads_its_people_to_their_pages(counter: FlaskClient) -> None:
    page = counter.get("/").text
    for path in ("/pharmacy/practices", "/pharmacy/hours"):
        assert f'href="{path}"' in page
    for path in ("/inbox", "/lists", "/campaigns", REGISTER, "/pharmacies", "/organisations"):
        assert counter.get(path).status_code == 403


def test_its_people_close_days_and_open_after_all(counter: FlaskClient) -> None:
    assert "open Tuesday 24 November 2026, 9am to 6pm" in counter.get("/pharmacy/hours").text
    days = {"first": "2026-11-24", "last": "2026-11-25"}
    assert post(counter, "/pharmacy/hours/close", days).status_code == 303
    page = counter.get("/pharmacy/hours").text
    assert "2 days are closed now" in page
    assert "open Thursday 26 November 2026" in page
    post(counter, "/pharmacy/hours/open", {"day": "2026-11-24"})
    assert "open Tuesday 24 November 2026" in counter.get("/pharmacy/hours").text


@pytest.mark.parametrize("first", ["", "soon", "2020-01-01"])
def test_days_that_cannot_be_closed_are_said(counter: FlaskClient, first: str) -> None:
    answer = post(counter, "/pharmacy/hours/close", {"first": first, "last": "2026-11-25"})
    assert answer.status_code == 400
    assert "There is a problem" in answer.text
