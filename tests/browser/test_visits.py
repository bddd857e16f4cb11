"""Visits in a browser: an interpreter books for three people, a clinic's day, and an interpreter who is lost.

With the keyboard alone, on the narrowest phone there is.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect
from sqlmodel import col, select

from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.audit import CONSOLE
from bot.clock import LONDON, london_today
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.appointments import Visit
from tests.applications import browser_of
from tests.appointments.clinics import Ground, make_clinic, make_clinician, make_session, make_site
from tests.appointments.interpreting import Booth, make_booth, make_person, number_in, texts_of
from tests.browser.chromium import assert_accessible, assert_in_the_window, settled
from tests.browser.test_reviewing import press, tab_to, write
from tests.factories import make_account, make_practice
from tests.interpreters.making import make_interpreter

pytestmark = pytest.mark.browser
NARROW = ViewportSize(width=360, height=740)
AFTERNOON = time(14)
Enter = Callable[[UserAccount], None]


@pytest.fixture
def today() -> Iterator[date]:
    """It is two in the afternoon of the day after the one on which tests run: cookies of it have not run out."""
    day = london_today() + timedelta(days=1)
    with time_machine.travel(datetime.combine(day, AFTERNOON, LONDON)):
        yield day


@pytest.fixture
def enter(page: Page, address: str, app: Flask) -> Enter:
    """Give the narrow window the session of an account."""

    def sign_in(account: UserAccount) -> None:
        page.set_viewport_size(NARROW)
        session = browser_of(app, account).get_cookie("easy-to-reach")
        assert session is not None
        page.context.add_cookies([{"name": session.key, "value": session.value, "url": address}])

    return sign_in


@pytest.fixture
def grounds(db: Database, today: date) -> list[Ground]:
    return [a_clinic(db, code, today + timedelta(days=1)) for code in ("STATION", "HILL", "QUAY")]


@pytest.fixture
def booth(db: Database, grounds: list[Ground]) -> Booth:
    return make_booth(db, *(ground.practice for ground in grounds), name="Dilan Sample")


def a_clinic(db: Database, code: str, day: date) -> Ground:
    """A practice whose clinician is there in the morning of that day, and a person who needs an interpreter."""
    practice = make_practice(db, code)
    site, clinician = make_site(db, practice), make_clinician(db, practice)
    patient, _ = make_person(db, practice, surname=f"Of {code}")
    ground = Ground(practice, site, clinician, make_clinic(db, practice, site), patient)
    opens = {"STATION": "09:00", "HILL": "11:00", "QUAY": "13:00"}[code]
    make_session(db, ground.clinic, clinician, opens, f"{int(opens[:2]) + 1}:00", day)
    return ground


def visits(db: Database) -> list[Visit]:
    with db.read() as session:
        return list(session.exec(select(Visit).order_by(col(Visit.starts))))


def seen(page: Page, heading: str, *, again: bool = False) -> None:
    """The page of that heading fits; axe finds nothing on it, where it is not the same again."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    if not again:
        assert_accessible(page)
    assert_in_the_window(page)


def test_three_people_at_three_practices_are_booked_in_one_session_of_the_portal(
    page: Page, enter: Enter, db: Database, grounds: list[Ground], booth: Booth
) -> None:
    people = [make_person(db, ground.practice, surname="Hidden") for ground in grounds]
    enter(booth.account)
    page.goto("/interpreter/")
    seen(page, "Your visits")
    for turn, (_, code) in enumerate(people):
        press(page, "Book for a person who is with you" if turn == 0 else "Done with this person")
        seen(page, "Enter the person's code", again=turn > 0)
        write(page, "Code of the person", code.lower())
        press(page, "Send the number")
        seen(page, "Enter the number on their phone", again=turn > 0)
        write(page, "Number", number_in(texts_of(db)[-1]))
        press(page, "Go on")
        seen(page, "Free times", again=turn > 0)
        assert "Hidden" not in settled(page).content()
        tab_to(page, f"at {('9am', '11am', '1pm')[turn]}")
        page.keyboard.press("Space")
        press(page, "Book this time")
        seen(page, "Visit ", again=turn > 0)
        expect(page.get_by_role("status")).to_contain_text("The visit is booked.")
        press(page, "Free times")
        seen(page, "Free times", again=turn > 0)
    booked = visits(db)
    assert [visit.practice_id for visit in booked] == [ground.practice.id for ground in grounds]
    assert [visit.patient_id for visit in booked] == [patient.id for patient, _ in people]
    assert {visit.interpreter_id for visit in booked} == {booth.interpreter.id}
    assert {visit.starts.astimezone(LONDON).date() for visit in booked} == {london_today() + timedelta(days=1)}


def test_a_day_of_a_clinic_is_booked_pressed_and_printed(
    page: Page, enter: Enter, db: Database, grounds: list[Ground], booth: Booth, today: date
) -> None:
    ground = grounds[0]
    make_session(db, ground.clinic, ground.clinician, "15:00", "16:00", today)
    enter(make_account(db, Role.PRACTICE, practice=ground.practice))
    page.goto(f"/clinics/{ground.clinic.code}/{today - timedelta(days=1)}")
    press(page, "Day after")
    expect(page.get_by_text("Nobody is booked on this day. 6 times are free.")).to_be_visible()
    seen(page, ground.clinic.code)
    write(page, "NHS number", "999 000 0000")
    press(page, "Book the visit")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    assert_accessible(page)
    tab_to(page, "NHS number")
    tab_to(page, "NHS number")
    page.keyboard.press("Control+A")
    page.keyboard.type(ground.patient.nhs_number)
    press(page, "Book the visit")
    expect(page.get_by_role("status")).to_contain_text("An interpreter is booked with it.")
    expect(page.get_by_text("Dilan Sample")).to_be_visible()
    assert_accessible(page)
    press(page, "Arrived")
    expect(page.locator(".nhsuk-tag")).to_have_text("Arrived")
    seen(page, ground.clinic.code)
    page.emulate_media(media="print")
    expect(page.get_by_text("Alex Of STATION", exact=True)).to_be_visible()
    settled(page)
    for not_printed in (page.get_by_text("Day after"), page.locator("#book"), page.get_by_role("button")):
        assert not any(each.is_visible() for each in not_printed.all())
    assert [visit.state for visit in visits(db)] == ["arrived"]


def test_an_interpreter_who_cannot_come_is_replaced_and_the_practice_sees_it(
    page: Page, enter: Enter, db: Database, settings: Settings, grounds: list[Ground], booth: Booth
) -> None:
    ground = grounds[0]
    wanted = VisitWanted(ground.practice.code, ground.patient.nhs_number, ground.clinic.code)
    visit = book_joint_visit(db, settings, wanted, CONSOLE)
    account = make_account(db, Role.INTERPRETER, agency=booth.agency)
    make_interpreter(db, booth.agency, "ur", email=account.email, name="Robin Other")
    reception = make_account(db, Role.PRACTICE, practice=ground.practice)

    enter(booth.account)
    page.goto(f"/interpreter/visits/{visit.code}")
    press(page, "You cannot come")
    press(page, "I cannot come to this visit")
    expect(page.get_by_role("status")).to_contain_text("Another interpreter is being asked.")
    seen(page, "Your visits")

    enter(reception)
    page.goto("/visits/without-interpreter")
    expect(page.get_by_text("Interpreters are being asked until")).to_be_visible()
    seen(page, "Visits without an interpreter")

    enter(account)
    page.goto("/interpreter/")
    expect(page.get_by_role("heading", name="Can you take these?")).to_be_visible()
    press(page, "I will come")
    expect(page.get_by_role("status")).to_contain_text("The visit is yours.")

    enter(reception)
    page.goto("/visits/without-interpreter")
    expect(page.get_by_text("Every visit that needs an interpreter has one.")).to_be_visible()
    page.goto(f"/visits/{visit.code}")
    expect(page.get_by_text("Robin Other (woman)")).to_be_visible()
    assert_accessible(page)
