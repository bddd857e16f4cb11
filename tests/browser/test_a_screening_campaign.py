"""A campaign of cervical screening in browsers: from the list to a visit in Urdu that was kept, with an interpreter.

The nurse who leads, the patient's phone and the interpreter, with the real processes.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlmodel import col, select

from bot.clock import LONDON, london_today
from bot.tables.appointments import Visit
from tests.browser.chromium import DESKTOP, assert_accessible, open_window, watch
from tests.browser.test_story import PASSWORD, OpenWindow, as_people_read, choose, write
from tests.browser.test_story import world as world
from tests.factories import nhs_number
from tests.world import World, wait_until

pytestmark = pytest.mark.browser

PHONE_OF_ZARA = "+447700900123"
HEADER = "NHS Number,Surname,Given Name,Date of Birth,Sex,Mobile Telephone,Main Language,Interpreter Required"
LIST = f"""{HEADER},Cervical Screening,Deferred Until,Cervical Declined
{nhs_number(1)},Example,Zara,12/05/1985,F,07700 900123,Urdu,Y,Overdue,,
{nhs_number(2)},Example,Maria,12/05/1985,F,07700 900124,Urdu,Y,Not due,,
{nhs_number(3)},Example,Ewa,12/05/1985,F,07700 900125,Polish,Y,Due,,
"""
INTERPRETERS = """Code,Name,Sex,Phone,Email,Languages,In Person Notice,Telephone Notice,Video Notice,Hours
NADIA,Nadia Sample,F,07700 900700,nadia@example.org,Urdu,0,0,0,mon-sun 00:00-23:59
"""


@pytest.fixture
def opened(browser: Browser, world: World) -> Iterator[OpenWindow]:
    watched: list[tuple[Page, list[str]]] = []

    def open_one(size: ViewportSize = DESKTOP) -> Page:
        page = open_window(browser, world.url, size)
        watched.append((page, watch(page, world.url, world.phones_url)))
        return page

    yield open_one
    for page, _ in watched:
        page.context.close()
    assert not [fault for _, faults in watched for fault in faults]


def test_from_the_list_to_a_visit_that_was_kept(world: World, opened: OpenWindow) -> None:
    links = make_the_clinic(world)
    nurse, phone, interpreter = (opened() for _ in range(3))
    sign_up(nurse, links["lead"])
    the_list_is_stored(nurse)
    the_campaign_is_planned_and_released(nurse)
    she_takes_a_time_in_urdu(world, phone)
    sign_up(interpreter, links["interpreter"])
    the_interpreter_sees_it_without_a_name(interpreter)
    the_nurse_sees_her_come(world, nurse)


def make_the_clinic(world: World) -> dict[str, str]:
    """A woman's clinic all day, and an interpreter; gives the one-time link of each account."""
    today = london_today()
    world.command("practices", "add", "HILL", "--name", "Hill Surgery", "--phone", "01632 960300")
    world.command("sites", "add", "HILL-1", "--practice", "HILL", "--name", "Hill Surgery", "--address", "1 Hill Road")
    world.command("clinicians", "add", "NURSE", "--practice", "HILL", "--name", "Nurse Joy Sample", "--sex", "F")
    of = ("--practice", "HILL", "--site", "HILL-1", "--purpose", "cervical", "--slot-minutes", "20", "--held", "all")
    world.command("clinics", "add", "WOMEN", *of, "--bank-holidays")
    hours = ("--days", "mon-sun", "--from", "00:00", "--to", "23:40", "--start", today.isoformat())
    world.command("sessions", "add", "--clinic", "WOMEN", "--clinician", "NURSE", *hours)
    world.command("agencies", "add", "TONGUES", "--name", "Tongues", "--practice", "HILL")
    file = world.folder / "interpreters.csv"
    file.write_text(INTERPRETERS, encoding="utf-8")
    world.command("interpreters", "import", str(file), "--agency", "TONGUES")
    accounts = {"lead": ("lead@example.org", "HILL"), "interpreter": ("nadia@example.org", "TONGUES")}
    return {
        role: world.command("users", "add", email, "--role", role, "--organisation", code)["link"]
        for role, (email, code) in accounts.items()
    }


def sign_up(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("textbox", name="New password").fill(PASSWORD)
    page.get_by_role("textbox", name="The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()


def the_list_is_stored(nurse: Page) -> None:
    nurse.get_by_role("link", name="Lists", exact=True).click()
    choose(nurse, "screening.csv", LIST.encode())
    expect(nurse.get_by_text("Nothing is stored yet.")).to_be_visible(timeout=15_000)
    nurse.get_by_role("button", name="Store this list").click()
    expect(nurse.get_by_role("heading", level=1)).to_have_text("The list is stored", timeout=15_000)


def the_campaign_is_planned_and_released(nurse: Page) -> None:
    """For Urdu there are times; for Polish there are none, and nobody who speaks it is invited yet."""
    nurse.get_by_role("link", name="Campaigns", exact=True).click()
    form = nurse.locator("#plan-appointments")
    form.get_by_label("Kind of appointment").select_option("Cervical screening")
    form.get_by_label("Which clinic").select_option("WOMEN")
    assert_accessible(nurse)
    form.get_by_role("button", name="Find whom to invite").click()
    expect(nurse.get_by_role("status")).to_contain_text("Planned: 2 people will be invited.")
    expect(nurse.get_by_role("row", name="Polish, with an interpreter")).to_contain_text("0")
    assert_accessible(nurse)
    nurse.get_by_role("button", name="Approve batch 1: 1 text").click()
    expect(nurse.get_by_role("status")).to_contain_text("Batch 1 is on its way: 1 text.")


def she_takes_a_time_in_urdu(world: World, phone: Page) -> None:
    wait_until(lambda: len(world.ledger()) == 1 and world.settled())
    phone.goto(world.phones_url)
    phone.get_by_role("link", name=as_people_read(PHONE_OF_ZARA)).click()
    write(phone, "۱")
    expect(phone.locator(".theirs")).to_have_count(2, timeout=15_000)
    write(phone, "۱")
    expect(phone.locator(".theirs")).to_have_count(3, timeout=15_000)
    expect(phone.locator(".theirs").last).to_contain_text("Nadia Sample")


def the_interpreter_sees_it_without_a_name(interpreter: Page) -> None:
    interpreter.goto(interpreter.url.split("/", 3)[0] + "//" + interpreter.url.split("/")[2] + "/interpreter/")
    expect(interpreter.get_by_text("Urdu").first).to_be_visible()
    assert_accessible(interpreter)
    content = interpreter.content()
    assert not any(word in content for word in ("Zara", "Example", "ervical", "WOMEN"))


def the_nurse_sees_her_come(world: World, nurse: Page) -> None:
    """On the day of the visit; where the day is over already, it is taken to be this one."""
    with world.database.write() as session:
        visit = session.exec(select(Visit).order_by(col(Visit.id))).one()
        ahead = visit.starts.astimezone(LONDON).date() - london_today()
        visit.starts, visit.ends = visit.starts - ahead, visit.ends - ahead
        session.add(visit)
        day, code = london_today(), visit.code
        assert ahead >= timedelta(0)
    nurse.goto(f"{world.url}/clinics/WOMEN/{day}")
    expect(nurse.get_by_text("Nadia Sample")).to_be_visible()
    nurse.get_by_role("button", name="Attended").first.click()
    assert_accessible(nurse)
    assert world.command("visits", "show", code)["state"] == "attended"
    status = world.command("campaign", "status", "1")
    assert (status["booked"], status["attended"], status["waiting_list"]) == (0, 1, 0)
    assert [line["n"] for line in status["free_times"] if line["language"] == "pl"] == [0]
