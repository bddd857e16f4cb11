"""Pages of a campaign in a browser: what an approval will do, the minute in which it can be taken back, paper."""

import pytest
from playwright.sync_api import Page, expect

from bot.database import Database
from bot.messaging.heartbeats import say_alive
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.accounts.conftest import World
from tests.browser.chromium import assert_accessible
from tests.browser.conftest import SignInAs
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes
from tests.open_clinic import inviting
from tests.open_clinic.in_use import open_clinic

pytestmark = pytest.mark.browser


@pytest.fixture
def campaign(db: Database, settings: Settings, world: World) -> int:
    """People of several languages, planned and not invited."""
    for tag in ("pl", "ur", "am", "en", None):
        make_cohort(db, world.practice, 8, language=tag)
    say_alive(db, "worker")
    return plan(db, settings).campaign


def test_what_an_approval_will_do_is_shown_first(page: Page, sign_in_as: SignInAs, campaign: int) -> None:
    sign_in_as(Role.LEAD)
    page.goto(f"/campaigns/{campaign}")
    expect(page.get_by_text("Planned", exact=True)).to_be_visible()
    expect(page.get_by_text("The first goes at once.")).to_be_visible()
    assert_accessible(page)


def test_a_batch_is_released_and_taken_back(page: Page, sign_in_as: SignInAs, campaign: int) -> None:
    sign_in_as(Role.LEAD)
    page.goto(f"/campaigns/{campaign}")
    page.get_by_role("button", name="Approve batch 1: 40 texts").click()
    expect(page.get_by_role("button", name="Take back batch 1")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Take back batch 1").click()
    expect(page.get_by_role("status")).to_contain_text("Batch 1: 0 had gone; 40 were taken back.")
    expect(page.get_by_role("button", name="Approve batch 2: 40 texts")).to_be_visible()
    assert_accessible(page)


def test_just_after_a_release(
    page: Page, sign_in_as: SignInAs, db: Database, settings: Settings, campaign: int
) -> None:
    approve(db, settings, campaign)
    sign_in_as(Role.LEAD)
    page.goto(f"/campaigns/{campaign}")
    expect(page.get_by_role("button", name="Take back batch 1")).to_be_visible()


def test_the_campaigns_and_the_form_to_plan_one(page: Page, sign_in_as: SignInAs, campaign: int) -> None:
    sign_in_as(Role.LEAD)
    page.goto("/campaigns")
    expect(page.get_by_label("Among whom")).to_have_value("")
    assert_accessible(page)


def test_on_paper_there_is_no_menu_and_no_button(
    page: Page, sign_in_as: SignInAs, db: Database, settings: Settings, campaign: int
) -> None:
    approve(db, settings, campaign)
    deliver_all(db)
    say_yes(db, settings, campaign, 5)
    sign_in_as(Role.LEAD)
    for path in ("", "/cohort"):
        page.goto(f"/campaigns/{campaign}{path}")
        page.emulate_media(media="print")
        for gone in ("header", "footer", "nav", "button", ".etr-on-screen", ".etr-buttons"):
            for one in page.locator(gone).all():
                expect(one).not_to_be_visible()
        expect(page.get_by_role("table").first).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        colours = page.evaluate("[...document.querySelectorAll('main *')].map(one => getComputedStyle(one).color)")
        assert set(colours) == {"rgb(0, 0, 0)"}
    page.goto(f"/campaigns/{campaign}")


def test_a_campaign_without_a_partner(
    page: Page, sign_in_as: SignInAs, db: Database, settings: Settings, world: World
) -> None:
    make_cohort(db, world.practice, 8, language="ur")
    make_cohort(db, world.practice, 3, language="pl")
    with open_clinic():
        inviting.free |= {"ur": 2, "pl": 0}
        sign_in_as(Role.LEAD)
        page.goto("/campaigns")
        assert_accessible(page)
        page.get_by_label("Kind of appointment").select_option("open-clinic")
        page.get_by_label("Which clinic").select_option("SAT")
        page.get_by_role("button", name="Find whom to invite").click()
        expect(page.get_by_role("table", name="Free times by language")).to_be_visible()
        expect(page.get_by_text("No time is free to promise now for: people of pl (3 people wait).")).to_be_visible()
        expect(page.get_by_role("button", name="Approve batch 1: 5 texts")).to_be_visible()
        assert_accessible(page)
