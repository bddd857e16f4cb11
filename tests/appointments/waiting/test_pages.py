"""The page of who waits: read, joined and left by staff of the practice; and what the home page says."""

import html
import re

import pytest
from flask.testing import FlaskClient

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import WaitingRequest
from tests.applications import application, browser_of
from tests.appointments.clinics import Ground, make_ground, make_offer
from tests.factories import make_account, make_patient, make_practice
from tests.messaging.helpers import change, rows

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db)


@pytest.fixture
def reception(db: Database, settings: Settings, ground: Ground) -> FlaskClient:
    account = make_account(db, Role.PRACTICE, practice=ground.practice)
    return browser_of(application(settings, db, tokens=False), account)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def form(ground: Ground, **changes: str) -> dict[str, str]:
    return {"nhs_number": ground.patient.nhs_number, "clinic": ground.clinic.code} | changes


def stands(db: Database) -> list[str]:
    with db.read() as session:
        return [str(request.state) for request in rows(session, WaitingRequest)]


def test_nobody_waits_and_the_page_says_how_people_come_here(reception: FlaskClient) -> None:
    assert "Nobody waits for a time." in words(reception.get("/waiting").text)
    assert "Waiting list: nobody waits." in words(reception.get("/visits").text).replace(" :", ":")
    assert "Waiting list" not in words(reception.get("/").text)


def test_staff_put_a_person_on_the_list_and_see_what_they_need(reception: FlaskClient, ground: Ground) -> None:
    wishes = {"clinician_sex": "F", "interpreter_sex": "F", "longer": "yes"}
    page = reception.post("/waiting", data=form(ground, **wishes), follow_redirects=True)
    said = words(page.text)
    assert "The person is on the waiting list. When a time is free, we text them." in said
    for needed in ("Urdu, with an interpreter", "A woman to see them", "A woman to interpret", "A longer visit"):
        assert needed in said
    assert "Not asked yet" in said
    assert f"<bdi>{ground.clinic.code}</bdi>" in page.text
    assert "1 person waits for a time" in words(reception.get("/visits").text)
    assert "1 person waits for a time" in words(reception.get("/").text)


def test_who_has_to_be_phoned_stands_there_with_the_reason(
    reception: FlaskClient, ground: Ground, db: Database
) -> None:
    change(db, ground.patient, texting_refused=True)
    reception.post("/waiting", data=form(ground))
    assert "Phone only : refused texts" in words(reception.get("/waiting").text)
    assert "1 person has to be phoned" in words(reception.get("/").text)


def test_a_time_that_is_kept_for_them_is_shown(reception: FlaskClient, ground: Ground, db: Database) -> None:
    reception.post("/waiting", data=form(ground))
    with db.read() as session:
        [request] = rows(session, WaitingRequest)
    make_offer(db, ground, waiting_id=request.id)
    change(db, request, state="asked", asked=1)
    said = words(reception.get("/waiting").text)
    assert "1 December 2026" in said
    assert "is kept for them, and they have not answered yet. Asked 1 time." in said


def test_staff_take_a_person_off_the_list(reception: FlaskClient, ground: Ground, db: Database) -> None:
    reception.post("/waiting", data=form(ground))
    page = reception.post("/waiting/leave", data=form(ground), follow_redirects=True)
    assert "The person is off the waiting list. No text was sent." in words(page.text)
    assert stands(db) == ["left"]
    again = reception.post("/waiting/leave", data=form(ground))
    assert (again.status_code, "Nothing had to be changed" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("entered", "says", "field"),
    [
        ({"nhs_number": ""}, "Enter the NHS number", "nhs_number"),
        ({"nhs_number": "9990000000"}, "Check the number", "nhs_number"),
        ({"clinic": ""}, "Choose the clinic", "clinic"),
        ({"clinic": "NOWHERE"}, "There is no clinic NOWHERE", "clinic"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    reception: FlaskClient, ground: Ground, db: Database, entered: dict[str, str], says: str, field: str
) -> None:
    page = reception.post("/waiting", data=form(ground, **entered))
    assert page.status_code == 409
    assert f'href="#{field}">{says}' in page.text or says in words(page.text)
    assert f'href="#{field}"' in page.text
    assert stands(db) == []


def test_another_practices_people_and_clinics_are_not_there(
    reception: FlaskClient, ground: Ground, db: Database
) -> None:
    there = make_ground(db, "OTHER")
    change(db, there.patient, surname="Secretperson")
    account = make_account(db, Role.LEAD, practice=there.practice)
    reception.post("/waiting", data=form(ground))
    assert reception.post("/waiting", data=form(there)).status_code == 409
    assert reception.post("/waiting", data=form(ground, clinic=there.clinic.code)).status_code == 409
    theirs = browser_of(reception.application, account)
    theirs.post("/waiting", data=form(there))
    assert theirs.post("/waiting/leave", data=form(ground)).status_code == 409
    assert stands(db) == ["waiting", "waiting"]
    assert "Secretperson" not in reception.get("/waiting").text


@pytest.mark.parametrize("role", [Role.PARTNER, Role.REVIEWER, Role.ADMIN, Role.INTERPRETER, Role.PHARMACY])
def test_nobody_else_sees_it(db: Database, reception: FlaskClient, role: Role) -> None:
    client = browser_of(reception.application, make_account(db, role))
    assert client.get("/waiting").status_code == 403


def test_names_of_people_cannot_break_the_page(reception: FlaskClient, ground: Ground, db: Database) -> None:
    person = make_patient(db, ground.practice, surname="<script>alert(1)</script>")
    reception.post("/waiting", data=form(ground, nhs_number=person.nhs_number))
    assert "<script>alert" not in reception.get("/waiting").text


def test_a_practice_without_clinics_is_told_whom_to_ask(db: Database, settings: Settings) -> None:
    account = make_account(db, Role.PRACTICE, practice=make_practice(db, "EMPTY"))
    page = browser_of(application(settings, db, tokens=False), account).get("/waiting")
    assert "has no clinics here yet" in words(page.text)
