"""A reviewer in a browser: from the one-time link to a language that is approved, with the keyboard alone."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from bot.accounts.accounts import invite_account
from bot.audit import CONSOLE
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.texts.catalogue import catalogue
from bot.wording.approvals import approve_wordings
from bot.wording.in_force import approved_wordings
from tests.accounts.conftest import World
from tests.accounts.test_second_factor import LIVE
from tests.browser.chromium import assert_accessible, settled
from tests.browser.conftest import SignInAs
from tests.factories import make_patient
from tests.wording.conftest import make_reviewer

pytestmark = pytest.mark.browser
PASSWORD = "four random words here"
MOST_PRESSES = 60
_FOCUSED = """(() => {
  const focused = document.activeElement;
  if (focused === document.body) return "";  // a menu that folds takes the focus with it, and a page holds every name
  return focused.labels?.[0]?.innerText ?? focused.innerText ?? "";
})()"""


@pytest.fixture
def settings() -> Settings:
    """A rehearsal of live: only approved wording goes, and people sign in with a code."""
    return LIVE


def tab_to(page: Page, name: str) -> None:
    """Go on with the tab key until the focus is on what has that name."""
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        focused = settled(page).evaluate(_FOCUSED)
        if name in re.sub(r"\s+", " ", focused):
            return
    raise AssertionError(f"{name} is not reached with the tab key on {page.url}")


def press(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")


def write(page: Page, name: str, words: str) -> None:
    tab_to(page, name)
    page.keyboard.type(words)


def access_key(page: Page, letter: str) -> None:
    """Hold Alt and press a letter, with the text a real keyboard sends: Playwright's own leaves it out."""
    key = {"key": letter, "text": letter, "unmodifiedText": letter, "modifiers": 1}
    code = {"code": f"Key{letter.upper()}", "windowsVirtualKeyCode": ord(letter.upper())}
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **key, **code})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key, **code})


def heading(page: Page) -> str:
    return settled(page).get_by_role("heading", level=1).inner_text()


def test_from_the_one_time_link_to_an_approved_language(page: Page, db: Database, world: World) -> None:
    for _ in range(2):
        make_patient(db, world.practice, language="cs")
    approve_wordings(db, ["emergency"], "cs", make_reviewer(db))
    link = invite_account(db, LIVE, "olvaso@example.org", Role.REVIEWER, world.practice.code, CONSOLE)
    page.goto("/" + (link or "").split("/", 3)[3])
    write(page, "New password", PASSWORD)
    write(page, "The same password again", PASSWORD)
    press(page, "Set password")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your codes")
    letters = settled(page).locator(".etr-secret").inner_text().replace(" ", "")
    write(page, "Code of six digits", pyotp.TOTP(letters).now())
    press(page, "Finish")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these recovery codes")
    press(page, "I have kept them")

    expect(page.get_by_role("heading", level=1)).to_have_text("What needs you now")
    expect(page.locator("main")).to_contain_text("2 people read Czech here")
    assert_accessible(page)
    press(page, "Czech")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Texts in Czech")
    assert_accessible(page)
    access_key(page, "n")
    lifelines = [key for key, text in catalogue().items() if text.lifeline]
    for number in range(len(lifelines)):
        expect(page.get_by_role("button", name="Yes, I stand by it")).to_be_visible()
        if number == 0:
            expect(page.locator("#keys")).to_contain_text("From the keyboard")
            assert_accessible(page)
        before = heading(page)
        access_key(page, "a")
        expect(page.get_by_role("heading", level=1)).not_to_have_text(before)
    expect(page.get_by_text("You have read everything that waits for you in Czech.")).to_be_visible()
    with db.read() as session:
        assert {key for key, tag in approved_wordings(session) if tag == "cs"} == set(lifelines)


def test_faults_of_a_wording_stand_beside_it_and_what_was_typed_stays(page: Page, sign_in_as: SignInAs) -> None:
    sign_in_as(Role.REVIEWER)
    page.goto("/texts/ur/call-offer")
    access_key(page, "e")
    expect(page.locator("#edit")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("مدد 8")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(page.locator("#edit-error")).to_contain_text("number 9")
    expect(page.locator("#edit")).to_have_value("مدد 8")
    assert_accessible(page)
    page.get_by_label("The text in Urdu").fill("مدد کے لیے 9 لکھ کر بھیجیں۔")
    page.get_by_role("button", name="Keep it as a draft").click()
    expect(page.get_by_text("You wrote this wording yourself.")).to_be_visible()
    assert_accessible(page)
