"""The story as people see it: a practice, a patient and a partner, each at a browser, with the real processes.

Every page on the way is free of axe findings and of script errors, fits its window, and asks no other host.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PHONE, assert_accessible, keep_pictures, open_window, watch
from tests.conftest import NewDatabase
from tests.story.test_the_whole_story import LANGUAGES, phone, practice_list
from tests.world import World, a_world

pytestmark = pytest.mark.browser

PASSWORD = "a long quiet winter"
SAID = "جی ہاں، ہمارے گھر میں بہت سردی ہے"
YES_IN_URDU_DIGITS = "۱"
OpenWindow = Callable[..., Page]


@pytest.fixture
def world(new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, new_database("sqlite")) as world:
        world.start("serve")
        world.wait_for_pages()
        yield world


@pytest.fixture
def opened(browser: Browser, world: World) -> Iterator[OpenWindow]:
    """Open a window with a memory of its own; at the end, nothing on any page may have gone wrong."""
    watched: list[tuple[Page, list[str]]] = []

    def open_one(size: ViewportSize = DESKTOP) -> Page:
        page = open_window(browser, world.url, size)
        watched.append((page, watch(page, world.url, world.phones_url)))
        return page

    yield open_one
    for page, _ in watched:
        page.context.close()
    # Chromium itself reports each answer of 400 and above, and a refused form is one.
    assert not [fault for _, faults in watched for fault in faults if "status of 4" not in fault]


def seen(page: Page, name: str) -> None:
    """Look at a page; with SCREENSHOTS=folder, keep how it looked."""
    assert_accessible(page)
    if folder := os.environ.get("SCREENSHOTS"):
        keep_pictures(page, Path(folder), f"story-{name}")


def test_the_story_in_a_browser(world: World, opened: OpenWindow) -> None:
    links = make_the_practice(world)
    lead, patient, partner = (opened() for _ in range(3))
    a_password_is_set(lead, links["lead"])
    a_list_is_looked_at_and_stored(lead)
    a_campaign_is_planned_and_read(lead)
    the_batch_goes_out_while_they_watch(lead)
    number = somebody_answers_in_urdu(world, lead, patient)
    the_partner_takes_the_referral(partner, links["partner"], number)
    the_practice_sees_how_it_ended(lead)
    danger_is_red_and_answered(world, lead, patient)
    the_other_pages_are_seen(lead)
    the_same_on_a_phone(opened(PHONE), world, number)


def make_the_practice(world: World) -> dict[str, str]:
    """A practice and its partner; gives the one-time link of each account."""
    world.command("practices", "add", "HILL", "--name", "Hill Surgery", "--phone", "01632 960300")
    world.command("partners", "add", "WARM", "--name", "Warm Homes", "--places", "30", "--practice", "HILL")
    organisations = {"lead": "HILL", "partner": "WARM"}
    return {
        role: world.command("users", "add", f"{role}@example.org", "--role", role, "--organisation", code)["link"]
        for role, code in organisations.items()
    }


def a_password_is_set(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("textbox", name="New password").fill(PASSWORD)
    page.get_by_role("textbox", name="The same password again").fill("something else")
    page.get_by_role("button", name="Set password").click()
    assert_refused(page, "The two passwords are not the same", "again")
    page.get_by_role("textbox", name="New password").fill(PASSWORD)
    page.get_by_role("textbox", name="The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs you now")
    seen(page, "home")


def assert_refused(page: Page, words: str | re.Pattern[str], field: str) -> None:
    """The summary says so, has the focus, and its link leads to the field."""
    expect(page).to_have_title(re.compile("^Error: "))
    summary = page.locator(".nhsuk-error-summary")
    expect(summary).to_be_focused()
    assert_accessible(page)
    summary.get_by_role("link", name=words).click()
    expect(page.locator(f"#{field}")).to_be_focused()


def a_list_is_looked_at_and_stored(page: Page) -> None:
    page.get_by_role("link", name="Lists", exact=True).click()
    page.get_by_role("button", name="Look at the list").click()
    assert_refused(page, "Choose the file with your list.", "list")
    choose(page, "holiday.png", b"\x89PNG\r\n\x00\x00")
    assert_refused(page, re.compile("file|list"), "list")
    choose(page, "patients.csv", practice_list())
    expect(page.get_by_text("Nothing is stored yet.")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("999 123 4567 is not a valid NHS number")).to_be_visible()
    seen(page, "list-preview")
    page.get_by_role("button", name="Store this list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The list is stored", timeout=15_000)
    seen(page, "list-stored")


def choose(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Look at the list").click()


def a_campaign_is_planned_and_read(page: Page) -> None:
    page.get_by_role("link", name="Campaigns", exact=True).click()
    seen(page, "campaigns")
    page.get_by_role("button", name="Find the people").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing has been sent.")
    seen(page, "campaign-planned")
    page.get_by_role("link", name="Read the text in each language").click()
    expect(page.get_by_role("heading", name="Urdu")).to_be_visible()
    expect(page.locator(".etr-bubble").filter(has_text="1 = yes, help me")).to_have_count(2)
    seen(page, "preview")
    page.go_back()
    page.get_by_role("link", name="Who is left out and why").click()
    expect(page.get_by_role("row", name="Mobile is on more than one record").first).to_contain_text("2")
    seen(page, "cohort")
    page.go_back()


def the_batch_goes_out_while_they_watch(page: Page) -> None:
    page.get_by_role("button", name="Approve batch 1: 73 texts").click()
    expect(page.get_by_role("status")).to_contain_text("Batch 1 is on its way: 73 texts.")
    page.evaluate("window.neverReloaded = true")
    delivered = page.get_by_role("row", name="Batch 1").get_by_role("cell").nth(3)
    expect(delivered).to_have_text("73", timeout=30_000)
    assert page.evaluate("window.neverReloaded")
    seen(page, "campaign-sent")


def somebody_answers_in_urdu(world: World, lead: Page, patient: Page) -> str:
    """A yes with something more, and a yes to the question whether it may be shared; gives the phone."""
    number = a_phone_of(world, "Urdu")
    patient.goto(world.phones_url)
    seen(patient, "phones")
    patient.get_by_role("link", name=as_people_read(number)).click()
    write(patient, SAID)
    expect(patient.locator(".theirs")).to_have_count(2)
    write(patient, YES_IN_URDU_DIGITS)
    expect(patient.locator(".theirs")).to_have_count(3)
    seen(patient, "phone-answered")
    expect(figure(lead, "Referred")).to_have_text("1")
    assert lead.evaluate("window.neverReloaded")
    return number


def a_phone_of(world: World, language: str) -> str:
    """The phone of somebody in the batch who reads this language."""
    texted = {entry["to"] for entry in world.ledger()}
    speakers = range(LANGUAGES.index(language), 160, len(LANGUAGES))
    return next(phone(index) for index in speakers if phone(index) in texted)


def as_people_read(number: str) -> re.Pattern[str]:
    return re.compile(rf"0{number[3:7]}\s?{number[7:10]}\s?{number[10:]}")


def write(patient: Page, words: str) -> None:
    patient.get_by_label("Your answer, in any language").fill(words)
    patient.get_by_role("button", name="Send", exact=True).click()
    expect(patient.locator(".mine").last).to_contain_text(words)


def figure(page: Page, name: str) -> Locator:
    return page.locator(".etr-figure").filter(has=page.get_by_text(name, exact=True)).locator("strong")


def the_partner_takes_the_referral(page: Page, link: str, number: str) -> None:
    page.goto(link)
    page.get_by_role("textbox", name="New password").fill(PASSWORD)
    page.get_by_role("textbox", name="The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.get_by_role("link", name="Referrals", exact=True).click()
    person = page.locator("tbody tr")
    expect(person).to_contain_text(as_people_read(number))
    expect(person).to_contain_text(SAID)
    seen(page, "referrals-new")
    person.get_by_role("button", name="Accept").click()
    expect(person).to_contain_text("You are helping")
    person.get_by_role("button", name="Called, no answer").click()
    expect(person).to_contain_text("Called, no answer")
    person.get_by_text("Close it").click()
    person.get_by_role("button", name="Close", exact=False).click()
    outcome = str(page.get_by_label("How it ended").get_attribute("id"))
    assert_refused(page, "Choose how it ended.", outcome)
    page.get_by_label("How it ended").select_option("Money for heating")
    page.get_by_role("button", name="Close", exact=False).click()
    expect(page.get_by_text("Nobody at the moment.")).to_be_visible()
    page.get_by_text("Ended lately").click()
    seen(page, "referrals-closed")


def the_practice_sees_how_it_ended(lead: Page) -> None:
    expect(lead.get_by_text("How they ended: money for heating 1.")).to_be_visible()
    assert lead.evaluate("window.neverReloaded")


def danger_is_red_and_answered(world: World, lead: Page, patient: Page) -> None:
    number = a_phone_of(world, "Bengali")
    patient.goto(f"{world.phones_url}/phones/{number}")
    patient.get_by_role("button", name="urgent").click()
    expect(patient.locator(".theirs").last).to_contain_text("999")
    lead.get_by_role("link", name="Inbox", exact=True).click()
    expect(lead.locator(".etr-item--red")).to_contain_text("Urgent: act now")
    lead.locator(".etr-item--red").get_by_role("link").click()
    lead.get_by_role("button", name="See it before it goes").click()
    assert_refused(lead, "Choose which text to send", "text")
    lead.get_by_label("We will phone you").check()
    lead.get_by_role("button", name="See it before it goes").click()
    assert_refused(lead, "Enter the day and the time", "day")
    seen(lead, "inbox-item")
    lead.get_by_label("Please phone us").check()
    lead.get_by_role("button", name="See it before it goes").click()
    expect(lead.get_by_text("This is what will be sent")).to_be_visible()
    lead.get_by_role("button", name="Send and mark as done").click()
    expect(lead.get_by_text("Nobody is waiting for an answer.")).to_be_visible()
    expect(patient.locator(".theirs").last).to_contain_text(re.compile(r"1632\s?960\s?300"), timeout=15_000)


def the_other_pages_are_seen(lead: Page) -> None:
    for name, path in {
        "lists": "/lists",
        "list": "/lists/1",
        "hold": "/campaigns/1/hold",
        "stop": "/campaigns/1/stop",
        "referrals": "/campaigns/1/referrals",
        "done": "/inbox?state=done",
        "nowhere": "/nowhere",
    }.items():
        lead.goto(path)
        seen(lead, name)


def the_same_on_a_phone(page: Page, world: World, number: str) -> None:
    """Signing in and out the way a person does, and the pages that move, opened in a small window."""
    page.goto("/sign-in")
    sign_in(page, "lead")
    for name, path in {"campaign": "/campaigns/1", "phone": f"{world.phones_url}/phones/{number}"}.items():
        page.goto(path)
        seen(page, f"small-{name}")
    page.goto("/")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "partner")
    page.goto("/referrals")
    expect(page.get_by_text("Nobody at the moment.")).to_be_visible()


def sign_in(page: Page, role: str) -> None:
    page.get_by_label("Email address").fill(f"{role}@example.org")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs you now")
