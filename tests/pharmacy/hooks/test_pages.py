"""The page on which a pharmacy says where its system listens, and sees what that was told."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.audit import CONSOLE
from bot.database import Database
from bot.pharmacy.hooks.outcomes import AFTER
from bot.pharmacy.hooks.posting import Fault
from bot.pharmacy.hooks.setting_up import send_test
from bot.pharmacy.hooks.showing import FAULTS, STATES, TYPES
from bot.pharmacy.notices.happening import Happened
from bot.tables.accounts import Role
from bot.tables.pharmacy import DeliveryState
from tests.accounts.conftest import app as app
from tests.accounts.conftest import post
from tests.applications import browser_of
from tests.factories import make_account
from tests.messaging.helpers import change
from tests.pharmacy.hooks.system import System
from tests.pharmacy.notices.world import Town
from tests.pharmacy.organising.making import make_pharmacy

PAGE = "/pharmacy/webhook"
URL = "https://system.example.com/notices"


@pytest.fixture
def counter(app: Flask, town: Town) -> FlaskClient:
    return browser_of(app, make_account(town.db, Role.PHARMACY, pharmacy=town.pharmacy))


def words(page: str) -> str:
    """A page as it is read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_address_is_entered_and_the_secret_shown_once(counter: FlaskClient) -> None:
    assert "Nothing is told to a system." in counter.get(PAGE).text
    answer = post(counter, f"{PAGE}/address", {"url": URL})
    shown = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    assert (answer.status_code, shown is not None) == (200, True)
    page = counter.get(PAGE).text
    assert URL in page
    assert "whsec_" not in page
    assert post(counter, f"{PAGE}/address", {"url": f"{URL}/new"}).status_code == 303
    assert "Its secret is the same as before." in counter.get(PAGE).text


@pytest.mark.parametrize("url", ["", "x", "https://10.0.0.1/", 'https://"><script>alert(1)</script>.example.com/'])
def test_an_address_that_cannot_be_used_is_said_at_its_field(counter: FlaskClient, url: str) -> None:
    answer = post(counter, f"{PAGE}/address", {"url": url})
    assert answer.status_code == 400
    assert 'href="#url"' in answer.text
    assert 'id="url"' in answer.text
    assert "<script>alert" not in answer.text
    assert "Nothing is told to a system." in counter.get(PAGE).text


def test_a_secret_is_made_anew_and_the_one_before_it_can_be_stopped(counter: FlaskClient, system: System) -> None:
    assert "whsec_" in post(counter, f"{PAGE}/secret").text
    assert "One from before counts until" in counter.get(PAGE).text
    post(counter, f"{PAGE}/former")
    page = counter.get(PAGE).text
    assert "Only the newest secret counts now." in page
    assert "One from before" not in page


def test_a_test_is_sent_and_seen(counter: FlaskClient, system: System) -> None:
    post(counter, f"{PAGE}/test")
    page = counter.get(PAGE).text
    assert "webhook.test" in page
    assert "data-waits" in page
    assert post(counter, f"{PAGE}/test").status_code == 400
    system.tell()
    assert system.receiver.types == ["webhook.test"]
    page = counter.get(PAGE).text
    assert "Delivered" in words(page)
    assert "data-fresh-url" not in page


def given_up(system: System) -> None:
    send_test(system.db, "PRIORY", CONSOLE)
    change(system.db, system.rows()[0], tries=len(AFTER))
    system.receiver.answers = [500]
    system.tell()


def test_what_was_given_up_is_on_the_home_page_and_tried_again(counter: FlaskClient, system: System) -> None:
    assert "could not be told" not in counter.get("/").text
    given_up(system)
    assert "1 event could not be told to your system." in counter.get("/").text
    page = words(counter.get(PAGE).text)
    assert "1 event was tried for 18 hours" in page
    assert "Your system did not accept it. It answered 500." in page
    post(counter, f"{PAGE}/again")
    assert "1 event is on the way again." in counter.get(PAGE).text
    system.tell()
    assert "could not be told" not in counter.get("/").text
    assert system.stands() == [(DeliveryState.DELIVERED, 1, None)]


def test_the_home_page_lets_it_rest_after_a_week(app: Flask, system: System) -> None:
    given_up(system)
    system.later(days=8)
    counter = browser_of(app, make_account(system.db, Role.PHARMACY, pharmacy=system.town.pharmacy))
    assert "could not be told" not in counter.get("/").text
    assert "Given up" in counter.get(PAGE).text


def test_a_wait_for_the_next_try_is_said(counter: FlaskClient, system: System) -> None:
    send_test(system.db, "PRIORY", CONSOLE)
    system.receiver.status = 503
    system.tell()
    system.later(seconds=5)
    page = counter.get(PAGE).text
    assert "Today at 9:05am" in page
    assert "data-waits" not in page


def test_a_system_that_is_gone_is_said(counter: FlaskClient, system: System) -> None:
    send_test(system.db, "PRIORY", CONSOLE)
    system.receiver.status = 410
    system.tell()
    page = words(counter.get(PAGE).text)
    assert "said that it wants no more events (status 410)" in page
    assert "could not be told" in counter.get("/").text
    assert post(counter, f"{PAGE}/again").status_code == 400


def test_it_is_ended(counter: FlaskClient, system: System) -> None:
    send_test(system.db, "PRIORY", CONSOLE)
    post(counter, f"{PAGE}/end")
    page = counter.get(PAGE).text
    assert "Nothing is told to a system." in page
    assert "The address was ended before it went." in page
    assert "could not be told" not in counter.get("/").text


def test_an_administrator_does_it_for_them(app: Flask, db: Database, town: Town) -> None:
    admin = browser_of(app, make_account(db, Role.ADMIN))
    page = "/organisations/pharmacies/PRIORY/webhook"
    assert page in admin.get("/organisations/pharmacies").text
    assert "whsec_" in post(admin, f"{page}/address", {"url": URL}).text
    assert "Priory Pharmacy" in admin.get(page).text
    assert post(admin, f"{page}/end").status_code == 303
    assert admin.get("/organisations/pharmacies/NOBODY/webhook").status_code == 404
    assert post(admin, "/organisations/pharmacies/NOBODY/webhook/end").status_code == 404
    assert post(admin, f"{page}/anything").status_code == 404


def test_another_pharmacy_sees_nothing_of_it(app: Flask, db: Database, system: System) -> None:
    other = browser_of(app, make_account(db, Role.PHARMACY, pharmacy=make_pharmacy(db, code="HILL")))
    send_test(db, "PRIORY", CONSOLE)
    page = other.get(PAGE).text
    assert system.receiver.url not in page
    assert "No event yet." in page
    assert post(other, f"{PAGE}/end").status_code == 400


def test_everything_that_can_happen_has_words() -> None:
    assert set(FAULTS) == set(Fault)
    assert set(STATES) == set(DeliveryState)
    assert {f"notice.{each}" for each in Happened} < set(TYPES)
