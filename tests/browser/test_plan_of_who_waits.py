"""The plan of who waits in a browser: with the keyboard alone, on the narrowest phone there is."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from bot.appointments.joint.finding import Wish
from bot.appointments.waiting.joining import join_in
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.tables.accounts import Role
from bot.tables.appointments import Visit
from tests.appointments.clinics import Ground
from tests.appointments.interpreting import Booth, make_person
from tests.browser.chromium import assert_accessible
from tests.browser.test_reviewing import press
from tests.browser.test_visits import Enter, seen
from tests.browser.test_visits import booth as booth
from tests.browser.test_visits import enter as enter
from tests.browser.test_visits import grounds as grounds
from tests.browser.test_visits import today as today
from tests.factories import make_account
from tests.messaging.helpers import rows

pytestmark = pytest.mark.browser
TITLE = "Plan for who waits"


def test_the_plan_is_worked_out_looked_at_and_booked(
    page: Page, enter: Enter, db: Database, grounds: list[Ground], booth: Booth
) -> None:
    ground = grounds[0]
    other, _ = make_person(db, ground.practice, surname="Of Elsewhere", language="pl")
    with db.write() as session:
        for number, patient in enumerate((ground.patient, other)):
            since = utc_now() - timedelta(days=3 - number)
            join_in(session, Wish(patient, ground.clinic), None, CONSOLE, since)
    enter(make_account(db, Role.PRACTICE, practice=ground.practice))
    page.goto("/waiting/plan")
    seen(page, TITLE)
    press(page, "Work it out now")
    expect(page.get_by_role("status")).to_contain_text("1 person has a time. Nobody is booked yet.")
    expect(page.get_by_text("Of STATION")).to_be_visible()
    expect(page.get_by_text("No interpreter speaks their language.")).to_be_visible()
    seen(page, TITLE)
    press(page, "Book this visit")
    expect(page.get_by_role("status")).to_contain_text("1 visit is booked.")
    seen(page, TITLE)
    assert_accessible(page)
    with db.read() as session:
        assert [visit.patient_id for visit in rows(session, Visit)] == [ground.patient.id]
