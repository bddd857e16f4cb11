"""Posters and proposed people at the practice, as staff see and press them."""

import html
import re

import pytest
from flask.testing import FlaskClient

from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.audit import CONSOLE
from bot.tables.accounts import Role
from bot.tables.organisations import Sender
from bot.tables.patients import PhoneStatus
from tests.applications import application, browser_of
from tests.appointments.youth.walls import HERS, SATURDAY, Wall
from tests.factories import make_account, make_patient, make_practice
from tests.messaging.helpers import london


@pytest.fixture
def staff(wall: Wall) -> FlaskClient:
    account = make_account(wall.db, Role.PRACTICE, practice=wall.practice)
    return browser_of(application(wall.settings, wall.db, tokens=False), account)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_poster_is_printed_with_its_code_its_times_and_nothing_of_the_clinic(wall: Wall, staff: FlaskClient) -> None:
    page = staff.get(f"/posters/{wall.code}").text
    printed = words(page[page.index("etr-poster") :])
    assert f"Text {wall.code} and the number of your time" in printed
    assert "It is private. You are not wasting our time. Come alone or with a friend." in printed
    for number, clock in ((1, "10am"), (2, "10:30am"), (3, "11am")):
        assert f"{number} Saturday 28 November 2026 at {clock}" in printed
    assert page.count("<svg") == 3
    for secret in ("YOUTH-SAT", "Young People", "sexual", "clinic"):
        assert secret not in printed


def test_a_sender_without_a_number_has_no_poster_to_print(wall: Wall, staff: FlaskClient) -> None:
    with wall.db.write() as session:
        sender = session.get_one(Sender, wall.practice.sender_id)
        sender.number, sender.service_sid = None, "MG00000000000000000000000000000000"
        session.add(sender)
    assert "without a number of its own" in words(staff.get(f"/posters/{wall.code}").text)


def test_a_poster_is_made_of_the_times_that_are_ticked(wall: Wall, staff: FlaskClient) -> None:
    page = staff.get("/posters").text
    assert wall.code in page
    ticked = [london("2026-11-28 11:30").isoformat(), london("2026-11-28 11:40").isoformat()]
    assert all(each in page for each in ticked)
    made = staff.post("/posters", data={"clinic": wall.clinic.code, "starts": ticked})
    assert made.status_code == 303
    printed = words(staff.get(made.location).text)
    assert "2 Saturday 28 November 2026 at 11:40am" in printed


@pytest.mark.parametrize("starts", [[], ["2026-11-28T10:05:00+00:00"], ["soon"]])
def test_what_is_wrong_is_said_on_the_form(wall: Wall, staff: FlaskClient, starts: list[str]) -> None:
    page = staff.post("/posters", data={"clinic": wall.clinic.code, "starts": starts})
    assert page.status_code == 409
    assert "Error:" in page.text


def test_a_poster_that_was_taken_down_says_so(wall: Wall, staff: FlaskClient) -> None:
    assert staff.post(f"/posters/{wall.code}/end").status_code == 303
    assert "This poster has ended" in words(staff.get(f"/posters/{wall.code}").text)


def test_another_practice_s_posters_and_clinics_do_not_exist(wall: Wall) -> None:
    account = make_account(wall.db, Role.LEAD, practice=make_practice(wall.db, "BRIDGE"))
    other = browser_of(application(wall.settings, wall.db, tokens=False), account)
    assert wall.code not in other.get("/posters").text
    assert other.get(f"/posters/{wall.code}").status_code == 404
    assert other.post(f"/posters/{wall.code}/end").status_code == 404
    assert other.post("/posters", data={"clinic": wall.clinic.code}).status_code == 404
    visit = wall.booked()
    for path in ("it-is-them", "it-is-not"):
        assert other.post(f"/visits/{visit.code}/{path}").status_code == 404


def test_who_it_may_be_is_shown_on_the_visit_and_the_day(wall: Wall, staff: FlaskClient) -> None:
    wall.young()
    visit = wall.booked()
    hint = "ay be Aisha Example , born 12 May 2012: ask when they come"
    assert hint in words(staff.get(f"/visits/{visit.code}").text)
    day = words(staff.get(f"/clinics/{wall.clinic.code}/{SATURDAY}").text)
    assert "Name not known: ask" in day
    assert hint in day


def test_one_press_says_that_it_is_them(wall: Wall, staff: FlaskClient) -> None:
    girl, visit = wall.young(), wall.booked()
    staff.post(f"/visits/{visit.code}/it-is-them", data={"nhs_number": girl.nhs_number})
    page = words(staff.get(f"/visits/{visit.code}").text)
    assert "Aisha Example" in page
    assert "ask when they come" not in page
    assert "You have a time on" in page
    assert wall.person(girl).phone_status == PhoneStatus.CONFIRMED


def test_a_number_of_another_person_is_refused_in_words(wall: Wall, staff: FlaskClient) -> None:
    girl, visit = wall.young(), wall.booked()
    make_patient(wall.db, wall.practice, phone=HERS)
    answer = staff.post(f"/visits/{visit.code}/it-is-them", data={"nhs_number": girl.nhs_number})
    assert answer.status_code == 409
    assert "on another person's record" in words(answer.text)


def test_one_press_says_that_it_is_not(wall: Wall, staff: FlaskClient) -> None:
    wall.young()
    visit = wall.booked()
    staff.post(f"/visits/{visit.code}/it-is-not")
    assert "ask when they come" not in words(staff.get(f"/visits/{visit.code}").text)


def test_a_visit_of_a_phone_alone_can_be_moved_from_its_page(wall: Wall, staff: FlaskClient) -> None:
    visit = wall.booked()
    starts = london("2026-11-28 11:30").isoformat()
    assert "New time" in words(staff.get(f"/visits/{visit.code}").text)
    assert staff.post(f"/visits/{visit.code}/move", data={"starts": starts}).status_code == 303
    assert wall.visits()[0].starts == london("2026-11-28 11:30")


def test_staff_are_told_where_a_number_may_be_a_parent_s(wall: Wall, staff: FlaskClient) -> None:
    girl = wall.young()
    wanted = VisitWanted(wall.practice.code, girl.nhs_number, wall.clinic.code, london("2026-11-28 10:30"))
    visit = book_joint_visit(wall.db, wall.settings, wanted, CONSOLE)
    for path in (f"/visits/{visit.code}", f"/clinics/{wall.clinic.code}/{SATURDAY}"):
        page = words(staff.get(path).text)
        assert "No text goes : this number may be a parent's, say nothing of the visit there" in page
        assert "Phone only :" not in page
