"""The second step of signing in, in a browser: an app is set up, a code asked for, a recovery code used."""

import pyotp
import pytest
from playwright.sync_api import Page, expect

from bot.settings import Settings
from tests.accounts.conftest import PASSWORD, World
from tests.accounts.test_second_factor import LIVE
from tests.browser.chromium import assert_accessible, settled

pytestmark = pytest.mark.browser


@pytest.fixture
def settings() -> Settings:
    """A rehearsal of live: the demo asks for no second step."""
    return LIVE


def test_it_is_set_up_with_an_app_and_asked_for_the_next_time(page: Page, world: World) -> None:
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your codes")
    assert_accessible(page)
    letters = settled(page).locator(".etr-secret").inner_text().replace(" ", "")
    enter(page, "000", "Finish")
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    assert_accessible(page)
    enter(page, pyotp.TOTP(letters).now(), "Finish")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these recovery codes")
    assert_accessible(page)
    recovery_code = settled(page).locator(".etr-secret").first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    assert_accessible(page)
    enter(page, recovery_code, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs you now")


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email address").fill("lead@example.org")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def enter(page: Page, code: str, button: str) -> None:
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name=button).click()
