"""The page on which a pharmacy says where its system listens, on a phone of 360 pixels."""

from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect

from bot.database import Database
from bot.pharmacy.hooks.outcomes import AFTER
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.browser.chromium import assert_accessible, assert_in_the_window
from tests.browser.test_counter import SMALL, session_of
from tests.conftest import WORKING_TUESDAY
from tests.factories import make_account
from tests.messaging.helpers import change
from tests.pharmacy.hooks.receiver import Receiver
from tests.pharmacy.hooks.system import System
from tests.pharmacy.notices.world import Town

pytestmark = pytest.mark.browser


@pytest.fixture
def town(db: Database, settings: Settings) -> Iterator[Town]:
    with time_machine.travel(WORKING_TUESDAY) as clock:
        yield Town(db, settings, clock)


@pytest.fixture
def mobile(page: Page, settings: Settings, address: str, db: Database, town: Town) -> Page:
    """A phone of somebody of the pharmacy."""
    account = make_account(db, Role.PHARMACY, pharmacy=town.pharmacy)
    page.context.add_cookies([session_of(settings, db, account, address)])  # type: ignore[list-item]
    page.set_viewport_size(SMALL)
    return page


def looked_at(page: Page) -> None:
    assert_accessible(page)
    assert_in_the_window(page)


def test_an_address_is_entered_tried_and_found_wanting(mobile: Page, town: Town) -> None:
    with Receiver() as receiver:
        mobile.goto("/pharmacy/webhook")
        looked_at(mobile)
        mobile.get_by_label("Address at which the system listens").fill("http://10.0.0.1/")
        mobile.get_by_role("button", name="Save the address").click()
        expect(mobile.get_by_role("alert")).to_be_visible()
        looked_at(mobile)
        mobile.get_by_label("Address at which the system listens").fill(receiver.url)
        mobile.get_by_role("button", name="Save the address").click()
        expect(mobile.get_by_text("whsec_")).to_be_visible()
        looked_at(mobile)
        system = System(town, receiver)
        mobile.get_by_role("link", name="Back").click()
        mobile.get_by_role("button", name="Send a test").click()
        expect(mobile.get_by_text("Waits", exact=True)).to_be_visible()
        looked_at(mobile)
        change(town.db, system.rows()[0], tries=len(AFTER))
        receiver.status = 500
        system.tell()
        expect(mobile.get_by_text("Given up", exact=True)).to_be_visible(timeout=10_000)  # the table moves by itself
        mobile.reload()
        expect(mobile.get_by_role("button", name="Try again")).to_be_visible()
        looked_at(mobile)
        mobile.goto("/")
        expect(mobile.get_by_text("1 event could not be told to your system.")).to_be_visible()
