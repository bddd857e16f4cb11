"""The waiting list in a browser: with the keyboard alone, on the narrowest phone there is."""

import pytest
from playwright.sync_api import Page, expect

from bot.database import Database
from bot.tables.accounts import Role
from bot.tables.appointments import WaitingRequest
from tests.appointments.clinics import Ground
from tests.browser.test_reviewing import press, write
from tests.browser.test_visits import Enter, seen
from tests.browser.test_visits import enter as enter
from tests.browser.test_visits import grounds as grounds
from tests.browser.test_visits import today as today
from tests.factories import make_account
from tests.messaging.helpers import rows

pytestmark = pytest.mark.browser


def test_a_person_is_put_on_the_list_and_taken_off(
    page: Page, enter: Enter, db: Database, grounds: list[Ground]
) -> None:
    ground = grounds[0]
    enter(make_account(db, Role.PRACTICE, practice=ground.practice))
    page.goto("/visits")
    press(page, "Waiting list")
    seen(page, "Waiting list")
    expect(page.get_by_text("Nobody waits for a time.")).to_be_visible()
    press(page, "Put on the waiting list")
    seen(page, "Waiting list")
    expect(page.get_by_role("alert")).to_contain_text("Enter the NHS number of the person.")
    page.goto("/waiting")
    write(page, "NHS number", ground.patient.nhs_number)
    press(page, "Put on the waiting list")
    expect(page.get_by_role("status")).to_contain_text("The person is on the waiting list.")
    seen(page, "Waiting list")
    press(page, "Take off the list")
    expect(page.get_by_role("status")).to_contain_text("The person is off the waiting list.")
    with db.read() as session:
        assert [request.state for request in rows(session, WaitingRequest)] == ["left"]
