"""Staff pages in a browser: they work, and axe finds nothing, at desktop and at phone width."""

from datetime import timedelta

import pytest
from babel.dates import format_date
from playwright.sync_api import Page, expect

from bot.accounts.demo import create_demo_accounts
from bot.accounts.signing_in import sign_in
from bot.clock import london_today
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.accounts.conftest import PASSWORD, World
from tests.browser.chromium import assert_accessible
from tests.browser.conftest import SignInAs
from tests.conversations.test_inbox import PHONE, write_in
from tests.factories import join, make_patient

pytestmark = pytest.mark.browser


@pytest.fixture
def busy(db: Database, world: World) -> int:
    """An inbox with a few messages; gives the id of the one from Halina."""
    make_patient(db, world.practice, phone=PHONE, given_name="Halina", surname="Example", language="pl")
    write_in(db, world.practice, "ਮੈਨੂੰ ਸਾਹ ਨਹੀਂ ਆ ਰਿਹਾ", phone="+447700900004", urgency="red", reason="urgent")
    write_in(db, world.practice, "ما افهم انجليزي ممكن موعد", phone="+447700900005", urgency="amber")
    return write_in(db, world.practice)


def test_the_sign_in_page_of_the_demo(page: Page, db: Database, settings: Settings, world: World) -> None:
    with db.write() as session:
        create_demo_accounts(session, settings, world.practice, world.partner)
    page.goto("/sign-in")
    expect(page.get_by_text("lead@demo.example")).to_be_visible()
    assert_accessible(page)


def test_a_wrong_password_is_told_and_the_page_stays_accessible(page: Page, world: World) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email address").fill("lead@example.org")
    page.get_by_role("textbox", name="Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    assert_accessible(page)


def test_the_home_page(page: Page, sign_in_as: SignInAs, busy: int) -> None:
    sign_in_as(Role.LEAD)
    page.goto("/")
    expect(page.get_by_text("3 messages wait for a person. 1 urgent and 1 to read soon.")).to_be_visible()
    assert_accessible(page)


def test_the_home_page_of_a_partner(page: Page, sign_in_as: SignInAs, world: World) -> None:
    sign_in_as(Role.PARTNER)
    page.goto("/")
    expect(page.get_by_text("0 of 30 places are taken.")).to_be_visible()
    assert_accessible(page)


def test_the_inbox(page: Page, sign_in_as: SignInAs, busy: int) -> None:
    sign_in_as(Role.PRACTICE)
    page.goto("/inbox")
    expect(page.get_by_text("Urgent: act now")).to_be_visible()
    assert_accessible(page)


def test_an_answer_is_chosen_seen_and_sent(page: Page, sign_in_as: SignInAs, busy: int) -> None:
    sign_in_as(Role.PRACTICE)
    page.goto(f"/inbox/{busy}")
    expect(page.get_by_role("heading", name="Answer with a text")).to_be_visible()
    assert_accessible(page)
    expect(page.get_by_label("Day", exact=True)).to_be_hidden()
    page.get_by_label("We will phone you").check()
    day = london_today() + timedelta(days=2)
    page.get_by_label("Day", exact=True).fill(day.isoformat())
    page.get_by_label("Time", exact=True).fill("09:30")
    page.get_by_role("button", name="See it before it goes").click()
    expect(page.get_by_text(format_date(day, "full", "pl"))).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Send and keep open").click()
    expect(page.get_by_role("status")).to_contain_text("Your answer is on its way.")
    assert_accessible(page)


def test_ticks_outlast_what_comes_in_meanwhile(
    page: Page, sign_in_as: SignInAs, db: Database, world: World, busy: int
) -> None:
    sign_in_as(Role.PRACTICE)
    page.goto("/inbox")
    page.get_by_label("Tick: Halina Example").check()
    page.get_by_role("heading", level=1).click()
    write_in(db, world.practice, "hello", phone="+447700900006")
    expect(page.get_by_text("hello")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Mark the ticked ones as done").click()
    expect(page.get_by_role("status")).to_contain_text("1 message is done.")
    assert_accessible(page)


def test_a_focus_that_was_left_in_the_list_does_not_keep_what_is_urgent_away(
    page: Page, sign_in_as: SignInAs, busy: int, db: Database, world: World
) -> None:
    sign_in_as(Role.PRACTICE)
    page.clock.install()
    page.goto("/inbox")
    link = page.locator(f"#item-{busy}")
    link.focus()
    write_in(db, world.practice, "دل میں درد ہے", phone="+447700900006", urgency="red", reason="urgent")
    page.clock.run_for(4_000)
    page.wait_for_timeout(300)
    expect(page.get_by_text("دل میں درد ہے")).to_be_hidden()
    page.clock.run_for(15_000)
    expect(page.get_by_text("دل میں درد ہے")).to_be_visible()
    expect(link).to_be_focused()


def test_a_note_a_colleague_and_taking_back_done(page: Page, sign_in_as: SignInAs, busy: int) -> None:
    sign_in_as(Role.PRACTICE)
    page.goto(f"/inbox/{busy}")
    page.get_by_label("Note").fill("Rang, no answer.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("Rang, no answer.")).to_be_visible()
    page.get_by_label("Hand it to").select_option("A lead")
    page.get_by_role("button", name="Hand it on").click()
    expect(page.get_by_role("status")).to_contain_text("It is handed on.")
    assert_accessible(page)
    page.get_by_role("button", name="Mark as done").click()
    page.goto(f"/inbox/{busy}")
    assert_accessible(page)
    page.get_by_role("button", name="Open it again").click()
    expect(page.get_by_role("status")).to_contain_text("It is open again.")


def test_the_accounts(page: Page, sign_in_as: SignInAs) -> None:
    sign_in_as(Role.ADMIN)
    page.goto("/accounts")
    assert_accessible(page)
    page.get_by_role("link", name="Close the account lead@example.org").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Close this account?")
    assert_accessible(page)
    page.get_by_role("button", name="Yes, close it").click()
    page.get_by_role("button", name="Open again the account lead@example.org").click()
    expect(page.get_by_role("status")).to_contain_text("The account lead@example.org is open again.")
    assert_accessible(page)


def test_the_organisations(page: Page, sign_in_as: SignInAs) -> None:
    sign_in_as(Role.ADMIN)
    page.goto("/organisations")
    assert_accessible(page)
    page.get_by_text("Let it work with another practice").click()
    page.get_by_role("button", name="Link Citizens Advice").click()
    expect(page.get_by_role("status")).to_contain_text("Citizens Advice works with BRIDGE now.")
    page.get_by_role("button", name="Add the practice").click()
    expect(page.get_by_role("alert")).to_contain_text("A practice needs a code of at most 32 letters")
    assert_accessible(page)


def test_two_tabs_for_two_practices(page: Page, sign_in_as: SignInAs, db: Database, world: World) -> None:
    join(db, world.accounts[Role.LEAD], Role.PRACTICE, world.other)
    sign_in_as(Role.LEAD)
    page.goto("/")
    assert_accessible(page)
    page.get_by_role("link", name="Bridge Practice").click()
    other = page.context.new_page()
    other.goto("/for/STATION/campaigns")
    page.get_by_role("link", name="Inbox", exact=True).first.click()
    for tab, code, name in ((page, "BRIDGE", "Bridge Practice"), (other, "STATION", "Station Practice")):
        tab.reload()
        assert f"/for/{code}/" in tab.url
        expect(tab.get_by_role("banner")).to_contain_text(name)
        assert_accessible(tab)


def test_the_audit_trail(page: Page, sign_in_as: SignInAs, db: Database, settings: Settings) -> None:
    sign_in(db, settings, "lead@example.org", PASSWORD, "127.0.0.1")
    sign_in_as(Role.ADMIN)
    page.goto("/audit")
    expect(page.locator("td", has_text="signed in").first).to_be_visible()
    assert_accessible(page)


def test_the_page_of_the_operator(page: Page, sign_in_as: SignInAs) -> None:
    sign_in_as(Role.ADMIN)
    page.goto("/operations")
    expect(page.get_by_role("heading", level=1)).to_have_text("Operations")
    assert_accessible(page)


def test_the_own_account(page: Page, sign_in_as: SignInAs) -> None:
    sign_in_as(Role.ADMIN)
    page.goto("/account")
    assert_accessible(page)


def test_a_page_that_is_not_for_me(page: Page, sign_in_as: SignInAs) -> None:
    sign_in_as(Role.PARTNER)
    page.goto("/inbox")
    expect(page.get_by_role("heading", level=1)).to_have_text("You cannot open this page")
    assert_accessible(page)
