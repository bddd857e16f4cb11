"""The interpreters' pages on a phone of 360 pixels, with the keyboard alone and without scripts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlmodel import col, select

from bot.clock import london_today
from bot.database import Database
from bot.settings import Settings
from bot.tables.appointments import Visit
from tests.applications import application, browser_of
from tests.appointments.clinics import Ground, make_ground, make_session
from tests.appointments.interpreting import Booth, make_booth, make_person, number_in, texts_of
from tests.browser.chromium import assert_accessible, assert_in_the_window, press_enter, tab_to
from tests.interpreters.making import make_interpreter

pytestmark = pytest.mark.browser
SMALL = ViewportSize(width=360, height=740)


@pytest.fixture
def grounds(db: Database) -> list[Ground]:
    """Three practices, each with an hour of its clinic a week from now."""
    found = [make_ground(db, code) for code in ("ONE", "TWO", "THREE")]
    for number, ground in enumerate(found):
        hours = {"opens": f"{9 + 2 * number:02d}:00", "closes": f"{10 + 2 * number}:00"}
        make_session(db, ground.clinic, ground.clinician, **hours, day=london_today() + timedelta(days=7))
    return found


@pytest.fixture
def booth(db: Database, grounds: list[Ground]) -> Booth:
    return make_booth(db, *[ground.practice for ground in grounds])


def session_of(settings: Settings, db: Database, booth: Booth, address: str) -> dict[str, str]:
    cookie = browser_of(application(settings, db), booth.account).get_cookie("easy-to-reach")
    assert cookie is not None
    return {"name": cookie.key, "value": cookie.value, "url": address}


@pytest.fixture
def small(browser: Browser, address: str, settings: Settings, db: Database, booth: Booth) -> Iterator[Page]:
    """A small window without scripts, with the session of the interpreter."""
    context = browser.new_context(base_url=address, viewport=SMALL, java_script_enabled=False)
    context.add_cookies([session_of(settings, db, booth, address)])  # type: ignore[list-item]
    yield context.new_page()
    context.close()


def press(page: Page, name: str) -> None:
    """Press a button, or a link that looks like one, and see where it leads."""
    tab_to(page, page.get_by_role("button", name=name))
    press_enter(page)


def fill(page: Page, label: str, words: str) -> None:
    """Type into a field and send its form."""
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(words)
    press_enter(page)


def test_three_people_at_three_practices_are_booked_in_one_session(
    small: Page, db: Database, grounds: list[Ground], booth: Booth
) -> None:
    small.goto("/interpreter/")
    for ground in grounds:
        press(small, "Book for a person who is with you")
        fill(small, "Code of the person", make_person(db, ground.practice)[1].lower())
        expect(small.get_by_text("If the code is right, a number has gone to their phone.")).to_be_visible()
        fill(small, "Number", number_in(texts_of(db)[-1]))
        tab_to(small, small.get_by_role("radio").first)
        small.keyboard.press(" ")
        press(small, "Book this time")
        expect(small.get_by_text("The visit is booked.")).to_be_visible()
        small.goto("/interpreter/times")
        press(small, "Done with this person")
        small.goto("/interpreter/")
    expect(small.get_by_text("Urdu, in person, 20 minutes")).to_have_count(3)
    assert_in_the_window(small)
    with db.read() as session:
        visits = session.exec(select(Visit).order_by(col(Visit.id))).all()
    assert [visit.practice_id for visit in visits] == [ground.practice.id for ground in grounds]
    assert {visit.interpreter_id for visit in visits} == {booth.interpreter.id}


def test_the_pages_are_accessible(
    page: Page, settings: Settings, address: str, db: Database, grounds: list[Ground], booth: Booth
) -> None:
    make_interpreter(db, booth.agency, "ur", code="ANOTHER")
    page.context.add_cookies([session_of(settings, db, booth, address)])  # type: ignore[list-item]
    page.goto("/interpreter/join")
    page.get_by_label("Code of the person").fill("K4M9-2710")
    page.get_by_role("button", name="Send the number").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    assert_accessible(page)
    page.get_by_label("Code of the person").fill(make_person(db, grounds[0].practice)[1])
    page.get_by_role("button", name="Send the number").click()
    expect(page.get_by_role("heading", name="Enter the number on their phone")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Number", exact=True).fill(number_in(texts_of(db)[-1]))
    page.get_by_role("button", name="Go on").click()
    assert_accessible(page)
    page.get_by_role("button", name="Book this time").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose one of the times.")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Book this time").click()
    expect(page.get_by_role("status")).to_contain_text("The visit is booked.")
    assert_accessible(page)
    page.get_by_role("link", name="Move it to another time").click()
    assert_accessible(page)
    page.get_by_role("radio").last.check()
    page.get_by_role("button", name="Move the visit").click()
    expect(page.get_by_role("status")).to_contain_text("The visit is moved.")
    page.goto("/interpreter/")
    assert_accessible(page)
    page.get_by_text("Your visits in your own calendar").click()
    page.get_by_role("button", name="Make an address").click()
    assert_accessible(page)
