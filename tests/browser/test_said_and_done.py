"""The public page of a campaign in a browser: a lead publishes it, and anybody reads it, on a phone and on paper."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bot.audit import CONSOLE
from bot.database import Database
from bot.said_and_done.publishing import publish_page
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.texts.languages import LANGUAGES
from tests.accounts.conftest import World
from tests.browser.chromium import assert_accessible, assert_in_the_window, open_window, watch
from tests.browser.conftest import SignInAs
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan
from tests.said_and_done.campaigns import answer_no, help_people

pytestmark = pytest.mark.browser
SMALL_PHONE = ViewportSize(width=360, height=640)
ONE_SHEET = b"/Count 1"


@pytest.fixture
def campaign(db: Database, settings: Settings, world: World) -> int:
    """30 of 40 people answered, and 25 were helped."""
    make_cohort(db, world.practice, 40)
    planned = plan(db, settings, world.practice.code, world.partner.code).campaign
    approve(db, settings, planned)
    deliver_all(db)
    help_people(db, settings, planned, {"energy-cost-cut": 13, "money-for-heating": 6, "advice-given": 6})
    answer_no(db, planned, 5)
    return planned


def test_a_lead_chooses_looks_publishes_and_takes_back(page: Page, sign_in_as: SignInAs, campaign: int) -> None:
    sign_in_as(Role.LEAD)
    page.goto(f"/campaigns/{campaign}")
    page.get_by_role("link", name="You said, we did").click()
    assert_accessible(page)
    page.get_by_label("We now book an interpreter together with the appointment.").check()
    page.get_by_role("button", name="Take these sentences").click()
    page.get_by_role("link", name="Urdu").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert_accessible(page)
    page.get_by_role("link", name="Back to your choice").click()
    expect(page.get_by_label("We now book an interpreter together with the appointment.")).to_be_checked()
    page.get_by_role("button", name="Publish the page").click()
    expect(page.get_by_role("status")).to_contain_text("The page is published.")
    assert_accessible(page)
    page.get_by_role("link", name="/done/").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You said, we did")
    expect(page.get_by_text("We now book an interpreter")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Take the page back").click()
    expect(page.get_by_role("status")).to_contain_text("The page is off.")


@pytest.mark.parametrize("tag", ["en", "ur", "pa-Guru", "pl"])
def test_anybody_reads_it_on_a_small_phone_and_on_one_sheet_of_paper(
    browser: Browser, address: str, db: Database, settings: Settings, campaign: int, tag: str
) -> None:
    code = publish_page(db, settings, campaign, ["done-now-interpreter"], CONSOLE).code
    page = open_window(browser, address, SMALL_PHONE)
    faults = watch(page, address)
    page.goto(f"/done/{code}")
    if tag != "en":
        page.get_by_role("link", name=LANGUAGES[tag].native, exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", tag)
    assert_accessible(page)
    page.set_viewport_size(SMALL_PHONE)
    assert_in_the_window(page)
    assert page.evaluate("document.scripts.length") == 0
    assert page.context.cookies() == []
    for number in ("40", "30", "25", "13"):
        expect(page.get_by_text(number, exact=True)).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_text("these words are drafts")).to_be_visible()
    expect(page.get_by_text("25", exact=True)).to_be_visible()
    assert ONE_SHEET in page.pdf(format="A4")
    page.context.close()
    assert faults == []
