"""Appointment reports and what is to be done in the practice's own system, in a browser and by the keyboard alone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.appointments.own_book.own_system import ask_to_take_out
from bot.clock import london_today
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import Visit
from tests.accounts.conftest import World
from tests.appointments.reports.files import imported, report, row, visits
from tests.browser.chromium import assert_accessible, tab_to
from tests.browser.conftest import SignInAs
from tests.factories import make_patient

pytestmark = pytest.mark.browser

COMING = london_today() + timedelta(days=7)
"""A day that these visits are on: a browser is shown what is today and what is over by the real clock."""


def coming(nhs_number: str, ref: str, **changes: str) -> dict[str, str]:
    """A row of a report, of a visit on that day."""
    return row(nhs_number, ref, Date=f"{COMING:%d/%m/%Y}", **changes)


def press(page: Page, button: Locator) -> None:
    """Go to a button with the Tab key, and press it with the Enter key."""
    tab_to(page, button)
    page.keyboard.press("Enter")


def test_a_report_is_checked_and_stored(
    page: Page, sign_in_as: SignInAs, db: Database, settings: Settings, world: World
) -> None:
    alice, bob = (make_patient(db, world.practice, given_name=name, surname="Nowak") for name in ("Alice", "Bob"))
    both = report(coming(alice.nhs_number, "A1"), coming(bob.nhs_number, "B1", Time="11:00"))
    imported(db, settings, both, practice=world.practice.code)
    sign_in_as(Role.PRACTICE)
    page.goto("/visits")
    assert_accessible(page)
    page.get_by_role("link", name="Import an appointment report").click()
    assert_accessible(page)
    later = report(coming(alice.nhs_number, "A1", Time="14:00"), coming("9990000019", "A2"))
    file = {"name": "report.csv", "mimeType": "text/csv", "buffer": later}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Look at the report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the report before it is stored")
    expect(page.get_by_text(f"moved from {COMING:%A} {COMING.day} {COMING:%B %Y} at 9:30am")).to_be_visible()
    assert_accessible(page)
    press(page, page.get_by_role("button", name="Store this report"))
    expect(page.get_by_role("heading", level=1)).to_have_text("The report is stored")
    assert_accessible(page)
    page.get_by_role("link", name="see what to do in your own appointment system").click()
    expect(page.get_by_role("button", name=re.compile("It stands.*Bob Nowak"))).to_be_visible()
    assert_accessible(page)


def test_a_visit_is_taken_out_by_the_keyboard_alone(
    page: Page, sign_in_as: SignInAs, db: Database, settings: Settings, world: World
) -> None:
    alice = make_patient(db, world.practice, given_name="Alice", surname="Nowak")
    imported(db, settings, report(coming(alice.nhs_number, "A1")), practice=world.practice.code)
    with db.write() as session:
        ask_to_take_out(session, session.get_one(Visit, visits(db)[0].id))
    sign_in_as(Role.PRACTICE)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/visits/own-system")
    expect(page.get_by_text(re.compile("It stays, and the person is told nothing"))).to_be_visible()
    press(page, page.get_by_role("button", name=re.compile("Done: it is taken out")))
    expect(page.get_by_text("The visit is taken out, and the person is told so")).to_be_visible()
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
    assert visits(db)[0].state == "cancelled"
