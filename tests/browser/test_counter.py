"""The counter of a pharmacy on a phone of 360 pixels, with the keyboard alone and without scripts."""

from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import update
from sqlmodel import col

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.conversations.about_people import Whom
from bot.database import Database
from bot.pharmacy.counter.languages import note_consent, report_language
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.messaging import Message, State
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeState
from tests.applications import application, browser_of
from tests.browser.chromium import assert_accessible, assert_in_the_window, press_enter, settled, tab_to
from tests.conftest import WORKING_TUESDAY
from tests.factories import make_account
from tests.pharmacy.counter.counters import Counter, make_counter
from tests.pharmacy.notices.world import Town

pytestmark = pytest.mark.browser
SMALL = ViewportSize(width=360, height=740)


@pytest.fixture
def counter(db: Database, settings: Settings) -> Iterator[Counter]:
    with time_machine.travel(WORKING_TUESDAY) as clock:
        yield make_counter(db, settings, Town(db, settings, clock))


def session_of(settings: Settings, db: Database, account: UserAccount, address: str) -> dict[str, str]:
    cookie = browser_of(application(settings, db), account).get_cookie("easy-to-reach")
    assert cookie is not None
    return {"name": cookie.key, "value": cookie.value, "url": address}


@pytest.fixture
def small(browser: Browser, address: str, settings: Settings, db: Database, counter: Counter) -> Iterator[Page]:
    """A small window without scripts, with the session of somebody at the counter."""
    context = browser.new_context(base_url=address, viewport=SMALL, java_script_enabled=False)
    context.add_cookies([session_of(settings, db, counter.account, address)])  # type: ignore[list-item]
    yield context.new_page()
    context.close()


def test_a_scanner_and_two_presses_of_a_key_send_a_text(small: Page, counter: Counter) -> None:
    code = counter.code_of()
    small.goto("/pharmacy/")
    expect(small.get_by_label("Code of the person")).to_be_focused()
    small.keyboard.type(code)
    press_enter(small)
    expect(small.get_by_role("button", name="Ready to collect")).to_be_focused()
    press_enter(small)
    expect(small.get_by_role("button", name="Send")).to_be_focused()
    press_enter(small)
    expect(small.get_by_text("The text goes now.")).to_be_visible()
    expect(small.get_by_label("Code of the person")).to_be_focused()
    assert len(counter.town.texts()) == 1


def test_by_number_and_birth_date_with_the_keyboard_alone(small: Page, counter: Counter) -> None:
    small.goto("/pharmacy/")
    tab_to(small, small.get_by_label("NHS number"))
    small.keyboard.type(counter.town.person.nhs_number)
    small.keyboard.press("Tab")
    small.keyboard.type("13051960")
    press_enter(small)
    expect(small.get_by_role("alert")).to_contain_text("No text is possible for this person.")
    tab_to(small, small.get_by_label("Date of birth"))
    small.keyboard.press("Control+A")
    small.keyboard.type("12051960")
    press_enter(small)
    tab_to(small, small.get_by_role("button", name="Not in stock"))
    press_enter(small)
    press_enter(small)
    [text] = counter.town.texts()
    assert text.text_key == "pharmacy-out-of-stock"


def test_the_list_with_the_keyboard_alone(small: Page, counter: Counter) -> None:
    counter.sends()
    with counter.db.write() as session:
        session.execute(update(Message).values(state=State.DELIVERED, sent_at=utc_now()))
    small.goto("/pharmacy/today")
    assert_in_the_window(small)
    tab_to(small, small.get_by_role("button", name="Collected"))
    press_enter(small)
    expect(small.get_by_text("Nothing waits to be collected.")).to_be_visible()


def test_the_pages_of_the_counter_are_accessible(
    page: Page, settings: Settings, address: str, db: Database, counter: Counter
) -> None:
    page.context.add_cookies([session_of(settings, db, counter.account, address)])  # type: ignore[list-item]
    person = counter.town.somebody(language="ur", interpreter=True)
    note_consent(db, Whom(counter.town.practice.code, person.nhs_number), yes=True, actor=CONSOLE)
    page.set_viewport_size(SMALL)
    page.goto("/pharmacy/")
    assert_accessible(page)
    page.get_by_label("Code of the person").fill("K4M9-2710")
    page.get_by_role("button", name="Find by code").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    assert_accessible(page)
    page.get_by_label("Code of the person").fill(counter.code_of(person))
    page.get_by_role("button", name="Find by code").click()
    page.get_by_text("Tell the practice which language they need").click()
    assert_accessible(page)
    page.get_by_role("button", name="Ready to collect").click()
    assert_accessible(page)
    page.get_by_role("button", name="Send").click()
    counter.sends("out-of-stock", person)
    with db.write() as session:
        session.execute(update(Message).values(state=State.DELIVERED, sent_at=utc_now()))
        asked = update(Notice).where(col(Notice.kind) == "problem")
        answered = {"state": NoticeState.ANSWERED, "answer": "phone-me", "answered_at": utc_now()}
        session.execute(asked.values(**answered))
    page.goto("/pharmacy/today")
    expect(page.get_by_role("button", name="Phoned")).to_be_visible()
    assert_accessible(page)
    page.goto(f"/pharmacy/tell/{counter.finds(person)}?what=ready")
    expect(page.get_by_role("button", name="Send it anyway")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Another message").click()
    page.get_by_role("button", name="Label to print").click()
    assert_accessible(page)


def test_the_practice_confirms_a_language(
    page: Page, settings: Settings, address: str, db: Database, counter: Counter
) -> None:
    town = counter.town
    with db.write() as session:
        pharmacy, person = session.get_one(Pharmacy, town.pharmacy.id), session.get_one(Patient, town.person.id)
        report_language(session, pharmacy, person, "ur", interpreter=True, actor=CONSOLE, now=utc_now())
    account = make_account(db, Role.PRACTICE, practice=town.practice)
    page.context.add_cookies([session_of(settings, db, account, address)])  # type: ignore[list-item]
    page.set_viewport_size(SMALL)
    page.goto("/pharmacies/languages")
    assert_accessible(page)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status")).to_contain_text("texts go in Urdu")
    assert_accessible(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)


def test_a_label_is_one_sheet_of_a6_without_anything_else(
    page: Page, settings: Settings, address: str, db: Database, counter: Counter
) -> None:
    account = make_account(db, Role.PRACTICE, practice=counter.town.practice)
    page.context.add_cookies([session_of(settings, db, account, address)])  # type: ignore[list-item]
    page.goto("/pharmacies/languages")
    page.get_by_label("NHS number of the person").fill(counter.town.person.nhs_number)
    page.get_by_role("button", name="Make the label").click()
    page.emulate_media(media="print")
    printed = settled(page).locator("body").inner_text().split()
    assert len(printed) == 1
    sheet = page.pdf(prefer_css_page_size=True)
    assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") <= 1
    assert page.locator(".etr-label").bounding_box() is not None
