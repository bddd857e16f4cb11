"""The pages of appointment reports and of what is to be done in the practice's own system."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select
from werkzeug.test import TestResponse

from bot.accounts.memberships import all_acting
from bot.appointments.cards import own_system_cards
from bot.appointments.own_book.own_system import ask_to_take_out
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import AppointmentReport, Visit
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.accounts.test_second_factor import LIVE
from tests.applications import application, browser_of, form_token
from tests.appointments.reports.files import imported, report, row, visits
from tests.factories import make_account, make_patient, make_practice


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def alice(db: Database, practice: Practice) -> Patient:
    return make_patient(db, practice, given_name="Alice", surname="Nowak")


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db)


@pytest.fixture
def client(app: Flask, db: Database, practice: Practice) -> FlaskClient:
    return browser_of(app, make_account(db, Role.PRACTICE, practice=practice))


def upload(client: FlaskClient, content: bytes) -> TestResponse:
    data = {"csrf_token": form_token(client), "report": (io.BytesIO(content), "report.csv")}
    return client.post("/visits/import", data=data)


def press(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": form_token(client), **fields})


def texts(db: Database) -> list[str | None]:
    with db.read() as session:
        return list(session.exec(select(Message.text_key).order_by(col(Message.id))))


def test_the_demo_has_a_report_to_try_with_rows_that_are_fine_fixed_and_rejected(
    client: FlaskClient, db: Database, practice: Practice
) -> None:
    for index in range(9):
        make_patient(db, practice, interpreter=index % 3 == 0 or None, language="ur")
    make_patient(db, practice, deceased=True)
    assert "/visits/import/example.csv" in client.get("/visits/import").text
    answer = client.get("/visits/import/example.csv")
    assert answer.mimetype == "text/csv"
    press(client, f"{upload(client, answer.data).location}/confirm")
    with db.read() as session:
        counts = session.exec(select(AppointmentReport.counts)).one()
        stored = session.exec(select(Visit)).all()
    assert (counts["rows"], counts["accepted"], counts["fixed"], counts["rejected"]) == (10, 5, 2, 3)
    assert sum(visit.interpreter_state != "not-needed" for visit in stored) == 2


def test_in_live_there_is_none(db: Database, practice: Practice, settings: Settings) -> None:
    account = make_account(db, Role.PRACTICE, practice=practice)
    live = browser_of(application(LIVE, db), account)
    assert live.get("/visits/import/example.csv").status_code == 404
    assert "example.csv" not in live.get("/visits/import").text


def test_a_report_is_looked_at_and_then_stored(client: FlaskClient, db: Database, alice: Patient) -> None:
    where = upload(client, report(row(alice.nhs_number, "A1"), row("9990000019", "A2"))).location
    page = client.get(where).text
    assert "a digit must be wrong" in page
    assert "Nothing is stored yet" in page
    assert "Alice Nowak" in client.get(f"{where}?show=new").text
    assert (visits(db), texts(db)) == ([], [])
    assert press(client, f"{where}/confirm").status_code == 303
    assert len(visits(db)) == 1
    assert texts(db) == []
    assert "The report is stored" in client.get(where).text


def test_people_are_texted_only_where_that_was_ticked(client: FlaskClient, db: Database, alice: Patient) -> None:
    where = upload(client, report(row(alice.nhs_number, "A1"))).location
    press(client, f"{where}/confirm", tell="yes")
    assert texts(db) == ["visit-booked"]
    assert "1 text waits to go" in client.get(where).text


def test_a_confirmation_pressed_twice_stores_once(client: FlaskClient, db: Database, alice: Patient) -> None:
    where = upload(client, report(row(alice.nhs_number, "A1"))).location
    for _ in range(2):
        press(client, f"{where}/confirm", tell="yes")
    assert (len(visits(db)), texts(db)) == (1, ["visit-booked"])


def test_what_is_missing_and_moved_is_named_before_anything_is_stored(
    client: FlaskClient, db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    bob = make_patient(db, practice, given_name="Bob", surname="Khan")
    both = report(row(alice.nhs_number, "A1"), row(bob.nhs_number, "B1", Time="11:00"))
    imported(db, settings, both)
    page = client.get(upload(client, report(row(alice.nhs_number, "A1", Time="15:00"))).location).text
    assert "Missing from this report" in page
    assert "moved from Tuesday 1 December 2026 at 9:30am" in page
    assert "Bob Khan" in page


def test_a_report_can_be_discarded(client: FlaskClient, db: Database, alice: Patient) -> None:
    where = upload(client, report(row(alice.nhs_number, "A1"))).location
    assert press(client, f"{where}/discard").status_code == 303
    assert "was discarded" in client.get(where).text
    assert visits(db) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"a,b\n1,2\n", "The report has no column NHS Number"),
    ],
)
def test_a_file_that_is_no_report_is_explained_at_its_field(client: FlaskClient, content: bytes, says: str) -> None:
    answer = upload(client, content)
    assert answer.status_code == 400
    assert answer.text.count(says) == 2
    assert 'href="#report"' in answer.text


def test_no_file_is_explained_too(client: FlaskClient) -> None:
    assert "Choose the file" in press(client, "/visits/import").text


def test_a_visit_to_take_out_waits_for_one_press(
    client: FlaskClient, db: Database, settings: Settings, alice: Patient
) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    with db.write() as session:
        task = ask_to_take_out(session, session.get_one(Visit, visits(db)[0].id))
    page = client.get("/visits/own-system").text
    for said in ("Alice Nowak", "Tuesday 1 December 2026 at 9:30am", "Dr A Ahmed", "Done: it is taken out"):
        assert said in page
    assert "<strong>1</strong> visit waits" in client.get("/visits").text
    assert press(client, f"/visits/own-system/{task.id}", answer="stands").status_code == 409
    assert visits(db)[0].state == "booked"
    assert press(client, f"/visits/own-system/{task.id}", answer="done").status_code == 303
    assert (visits(db)[0].state, texts(db)) == ("cancelled", ["visit-given-up"])
    assert "Nothing waits" in client.get("/visits/own-system").text


def test_the_home_page_says_so_while_something_waits(
    client: FlaskClient, db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    lead = make_account(db, Role.LEAD, practice=practice)
    outsider = make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE"))
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    with db.write() as session:
        ask_to_take_out(session, session.get_one(Visit, visits(db)[0].id))
    with db.read() as session:
        said = {
            account.id: [
                card.words
                for acting in all_acting(session, account.id or 0)
                for card in own_system_cards(session, acting)
            ]
            for account in (lead, outsider)
        }
    assert said == {lead.id: ["1 visit needs something done in your own appointment system."], outsider.id: []}


def test_another_practices_report_is_not_there(app: Flask, client: FlaskClient, db: Database, alice: Patient) -> None:
    where = upload(client, report(row(alice.nhs_number, "A1"))).location
    outsider = browser_of(app, make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")))
    assert outsider.get(where).status_code == 404
    assert press(outsider, f"{where}/confirm").status_code == 404
    assert press(outsider, f"{where}/discard").status_code == 404


@pytest.mark.parametrize("role", [Role.PARTNER, Role.ADMIN, Role.REVIEWER, Role.INTERPRETER, Role.PHARMACY])
@pytest.mark.parametrize("path", ["/visits", "/visits/import", "/visits/own-system"])
def test_only_the_practice_sees_visits(app: Flask, db: Database, role: Role, path: str) -> None:
    assert browser_of(app, make_account(db, role)).get(path).status_code == 403
