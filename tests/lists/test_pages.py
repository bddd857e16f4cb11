import csv
import io
import json
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import select
from werkzeug.test import TestResponse

from bot.clock import utc_now
from bot.database import Database
from bot.lists import pages
from bot.lists.demo_list import demo_csv
from bot.patients.listing import list_people
from bot.patients.optouts import record_opt_out
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.lists import ListImport, ListPart, ListState
from bot.tables.organisations import Practice
from bot.tables.patients import OptOutScope
from tests.applications import application, browser_of, form_token
from tests.factories import make_account, make_patient, make_practice, nhs_number
from tests.lists.files import bundle, patient, workbook
from tests.lists.lists import COLUMNS, cells, plain_list
from tests.world import wait_until


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db)


@pytest.fixture
def client(app: Flask, db: Database, practice: Practice) -> FlaskClient:
    return browser_of(app, make_account(db, Role.PRACTICE, practice=practice))


def upload(client: FlaskClient, content: bytes, **fields: str) -> TestResponse:
    data = {"csrf_token": form_token(client), "list": (io.BytesIO(content), "list.csv"), **fields}
    return client.post("/lists", data=data)


def press(client: FlaskClient, path: str) -> TestResponse:
    return client.post(path, data={"csrf_token": form_token(client)})


def stored(db: Database, practice: Practice) -> int:
    with db.read() as session:
        return len(list(list_people(session, practice.id or 0)))


def test_a_list_is_looked_at_then_stored(client: FlaskClient, db: Database, practice: Practice) -> None:
    answer = upload(client, plain_list(cells(), cells(NHS_Number="9990000212", Date_of_Birth="13/25/1990")))
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "13/25/1990 is not a date. Day first, please: 25/12/1990." in page
    assert stored(db, practice) == 0
    assert press(client, f"{answer.location}/confirm").status_code == 303
    assert stored(db, practice) == 1
    assert "The list is stored" in client.get(answer.location).text


def test_rows_can_be_filtered_by_verdict(client: FlaskClient) -> None:
    where = upload(client, plain_list(cells(), cells(NHS_Number="1"))).location
    assert "9990000077" in client.get(f"{where}?show=accepted").text
    assert "9990000077" not in client.get(f"{where}?show=rejected").text
    assert "There are no such rows" in client.get(f"{where}?show=duplicate").text


def test_long_previews_have_pages(client: FlaskClient) -> None:
    rows = (cells(NHS_Number=nhs_number(index), Mobile_Telephone="ask") for index in range(150))
    where = upload(client, plain_list(*rows)).location
    assert "Page 2" in client.get(where).text
    assert "Page 1" in client.get(f"{where}?page=2").text


def test_a_list_can_be_discarded(client: FlaskClient, db: Database, practice: Practice) -> None:
    where = upload(client, plain_list(cells())).location
    assert press(client, f"{where}/discard").status_code == 303
    assert "discarded" in client.get(where).text
    assert stored(db, practice) == 0


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "The file is empty"), (b"%PDF-1.7", "This is a PDF"), (b"a,b\n", "no row of headings")]
)
def test_a_file_that_is_no_list_is_explained_at_its_field(client: FlaskClient, content: bytes, says: str) -> None:
    answer = upload(client, content)
    assert answer.status_code == 400
    assert answer.text.count(says) == 2
    assert 'href="#list"' in answer.text


def test_no_file_is_explained_too(client: FlaskClient) -> None:
    assert "Choose the file" in client.post("/lists", data={"csrf_token": form_token(client)}).text


def test_a_list_longer_than_other_forms_may_be_is_taken(client: FlaskClient) -> None:
    content = plain_list(cells(), *([" " * 100] * 12 for _ in range(2_000)))
    assert len(content) > 2 * 1024 * 1024
    answer = upload(client, content)
    assert answer.status_code == 303
    wait_until(lambda: "Check the list before" in client.get(answer.location).text)


def test_a_stranger_cannot_send_a_long_request(app: Flask) -> None:
    data = {"list": (io.BytesIO(b"x" * 2 * 1024 * 1024), "list.csv")}
    assert app.test_client().post("/lists", data=data).status_code in (400, 413)


def test_another_practices_list_is_not_there(app: Flask, client: FlaskClient, db: Database) -> None:
    where = upload(client, plain_list(cells())).location
    outsider = browser_of(app, make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")))
    assert outsider.get(where).status_code == 404
    assert press(outsider, f"{where}/confirm").status_code == 404
    assert press(outsider, f"{where}/discard").status_code == 404


@pytest.mark.parametrize("role", [Role.PARTNER, Role.ADMIN, Role.REVIEWER])
def test_only_the_practice_sees_lists(app: Flask, db: Database, role: Role) -> None:
    assert browser_of(app, make_account(db, role)).get("/lists").status_code == 403


def test_a_name_that_is_markup_is_shown_as_it_is(client: FlaskClient) -> None:
    where = upload(client, plain_list(cells(Surname="<script>alert(1)</script>", Sex="?!q"))).location
    assert "<script>alert(1)" not in client.get(where).text


def say_columns(client: FlaskClient, where: str, *fields: str) -> TestResponse:
    stated = {f"column-{place}": field for place, field in enumerate(fields)}
    return client.post(f"{where}/columns", data={"csrf_token": form_token(client), **stated})


def test_unknown_columns_are_asked_for_once_and_remembered(
    client: FlaskClient, db: Database, practice: Practice
) -> None:
    content = b"Identifier,Born,Nickname\n9990000077,12/05/1960,Al\n"
    where = upload(client, content).location
    asked = client.get(client.get(where).location).text
    assert "Which column is which?" in asked
    assert "9990000077" in asked
    refused = say_columns(client, where, "Surname", "Date of Birth", "")
    assert (refused.status_code, "Say which column is NHS Number" in refused.text) == (400, True)
    assert say_columns(client, where, "NHS Number", "Date of Birth", "").location == where
    assert "Check the list before it is stored" in client.get(where).text
    again = upload(client, content).location
    press(client, f"{again}/confirm")
    assert stored(db, practice) == 1


def test_a_column_that_was_understood_wrongly_can_be_put_right(client: FlaskClient, db: Database) -> None:
    content = b"NHS Number,DOB,Name,Mobile\n9990000077,12/05/1960,Al,01632 960001\n"
    where = upload(client, content).location
    assert "not a mobile" in client.get(where).text
    say_columns(client, where, "NHS Number", "Date of Birth", "Full Name", "")
    assert "not a mobile" not in client.get(where).text


def test_another_practice_is_asked_for_itself(app: Flask, client: FlaskClient, db: Database) -> None:
    content = b"Identifier,Born,Nickname\n9990000077,12/05/1960,Al\n"
    say_columns(client, upload(client, content).location, "NHS Number", "Date of Birth", "")
    outsider = browser_of(app, make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")))
    where = upload(outsider, content).location
    assert outsider.get(where).location.endswith("/columns")


def test_rejected_rows_are_a_file_that_no_spreadsheet_runs(client: FlaskClient) -> None:
    where = upload(client, plain_list(cells(), cells(NHS_Number="1", Surname='=HYPERLINK("http://x")'))).location
    answer = client.get(f"{where}/rejects.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert (len(rows), rows[1][0], rows[1][2]) == (2, "3", '\'=HYPERLINK("http://x")')
    assert "NHS Number: 1 is not an NHS number" in rows[1][-1]


def test_a_person_settles_rows_that_disagree(client: FlaskClient, app: Flask, db: Database, practice: Practice) -> None:
    rows = (cells(), cells(Mobile_Telephone="07700 900200", Surname="<b>"))
    where = upload(client, plain_list(*rows)).location
    assert "1 row contradicts" in client.get(where).text
    press(client, f"{where}/confirm")
    assert "1 person needs" in client.get(where).text
    assert "1 person needs" in client.get("/lists").text
    listed = client.get("/lists/conflicts").text
    task = re.search(r"/lists/conflicts/\d+", listed)
    assert task is not None
    page = client.get(task[0]).text
    assert "07700 900 200" in page
    assert "&lt;b&gt;" in page
    outsider = browser_of(app, make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")))
    assert outsider.get(task[0]).status_code == 404
    answer = client.post(task[0], data={"csrf_token": form_token(client), "choice": "1"})
    assert answer.status_code == 303
    with db.read() as session:
        assert next(list_people(session, practice.id or 0))["phone"] == "+447700900200"
    assert "No rows disagree" in client.get("/lists/conflicts").text
    assert client.get(task[0]).status_code == 404


def test_a_long_list_is_worked_on_beside_the_page_which_tells_how_far_it_is(
    client: FlaskClient, db: Database, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SMALL_LIST", 10)
    monkeypatch.setattr(pages, "FEW_ROWS", 10)
    where = upload(client, demo_csv(300)).location
    wait_until(lambda: "Check the list before" in client.get(where).text)
    press(client, f"{where}/confirm")
    wait_until(lambda: "The list is stored" in client.get(where).text)
    assert stored(db, practice) == 300


@pytest.mark.parametrize("state", [ListState.READING, ListState.STORING])
def test_work_that_was_broken_off_can_be_taken_up_on_its_page(
    client: FlaskClient, db: Database, practice: Practice, state: ListState
) -> None:
    where = upload(client, plain_list(cells())).location

    def change(**values: Any) -> None:
        with db.write() as session:
            session.execute(update(ListImport).values(**values))

    change(state=state.value, busy_until=utc_now() + timedelta(minutes=1), rows_done=7000)
    answer = client.get(where)
    assert "<strong>7,000</strong> rows read so far" in answer.text
    assert answer.headers["Refresh"] == "2"
    change(busy_until=None)
    answer = client.get(where)
    assert "This list was not finished" in answer.text
    assert "Refresh" not in answer.headers
    press(client, f"{where}/{'confirm' if state is ListState.STORING else 'look'}")
    assert stored(db, practice) == (1 if state is ListState.STORING else 0)


@pytest.mark.parametrize("content", [workbook(COLUMNS, cells()), json.dumps(bundle(patient())).encode()])
def test_workbooks_and_fhir_are_lists_too(
    client: FlaskClient, db: Database, practice: Practice, content: bytes
) -> None:
    where = upload(client, content).location
    press(client, f"{where}/confirm")
    assert stored(db, practice) == 1


def test_a_long_list_is_never_called_interrupted_before_its_work_has_begun(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SMALL_LIST", 0)
    monkeypatch.setattr(pages.threading.Thread, "start", lambda _thread: None)
    page = client.get(upload(client, plain_list(cells())).location)
    assert "The list is being looked at" in page.text
    assert "Refresh" in page.headers


def test_a_list_without_people_is_not_offered_for_storing(client: FlaskClient) -> None:
    page = client.get(upload(client, plain_list()).location).text
    assert "There is nobody below the headings" in page
    assert "Store this list" not in page


def test_the_preview_says_which_columns_are_not_there(client: FlaskClient) -> None:
    content = plain_list(["9990000077", "12/05/1960", "A B"], header=["NHS Number", "DOB", "Full Name"])
    page = client.get(upload(client, content).location).text
    assert "Your list has no column Sex, Mobile Telephone, Main Language," in page
    assert "Your list has no column" not in client.get(upload(client, plain_list(cells())).location).text


def test_a_small_list_that_costs_much_holds_no_request_up(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = threading.Event()
    look = pages.look_apart
    monkeypatch.setattr(pages, "_WAIT", 0.01)
    monkeypatch.setattr(pages, "look_apart", lambda *given: ready.wait(10) and look(*given))
    where = upload(client, plain_list(cells())).location
    assert "being looked at" in client.get(where).text
    ready.set()
    wait_until(lambda: "Check the list" in client.get(where).text)


def test_a_fault_while_a_small_list_is_stored_never_says_that_it_was(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, db: Database, practice: Practice
) -> None:
    where = upload(client, plain_list(cells())).location
    monkeypatch.setattr(pages, "store_list", lambda *_: 1 / 0)
    press(client, f"{where}/confirm")
    assert "The list is stored" not in client.get(where).text
    assert stored(db, practice) == 0


def test_a_list_that_nobody_confirmed_stays_in_view(
    app: Flask, client: FlaskClient, db: Database, practice: Practice
) -> None:
    where = upload(client, plain_list(cells())).location
    outsider = browser_of(app, make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")))
    page = client.get("/lists").text
    assert "Not yet confirmed" in page
    assert re.search(r"today at 9am, by <bdi>A practice</bdi>", page)
    assert f'action="{where}/discard"' in page
    assert "list.csv" not in outsider.get("/lists").text
    for _ in range(pages.LISTS_SHOWN + 1):
        press(client, f"{upload(client, plain_list(cells())).location}/confirm")
    assert f'href="{where}"' in client.get("/lists").text, "however many came after it"
    press(client, f"{where}/discard")
    assert "Not yet confirmed" not in client.get("/lists").text


def test_the_lists_before_are_shown_with_what_became_of_them(client: FlaskClient) -> None:
    press(client, f"{upload(client, plain_list(cells())).location}/confirm")
    upload(client, b"%PDF-1.7")
    page = client.get("/lists").text
    assert "Your last lists" in page
    assert "Stored" in page
    assert "Could not be read" in page


def test_the_preview_says_how_many_could_be_texted_and_why_others_could_not(
    client: FlaskClient, db: Database, practice: Practice
) -> None:
    with db.write() as session:
        record_opt_out(
            session, practice_id=practice.id or 0, phone="+447700900310", scope=OptOutScope.ALL, source="reply"
        )
    make_patient(db, practice, nhs_number=nhs_number(40), phone="+447700900311")
    people = (
        {"Mobile_Telephone": "07700 900301"},
        {"Mobile_Telephone": "07700 900302", "Date_of_Death": "01/02/2020"},
        {"Mobile_Telephone": "07700 900303", "Registration_Status": "Deducted"},
        {"Mobile_Telephone": "01632 960001"},
        {"Mobile_Telephone": ""},
        {"Mobile_Telephone": "07700 900304"},
        {"Mobile_Telephone": "07700 900304"},
        {"Mobile_Telephone": "07700 900311"},
        {"Mobile_Telephone": "07700 900305", "Date_of_Birth": "01/02/2018"},
        {"Mobile_Telephone": "07700 900306", "SMS_Consent": "N"},
        {"Mobile_Telephone": "07700 900310"},
    )
    rows = [cells(NHS_Number=nhs_number(index), **changes) for index, changes in enumerate(people)]
    page = re.sub(r"<[^>]+>", "", client.get(upload(client, plain_list(*rows)).location).text)
    assert "1 person of this list could be texted" in page
    for words in (
        "Has died: 1",
        "Not registered any more: 1",
        "No usable mobile number: 2",
        "Mobile is on more than one record: 3",
        "Mobile is not safe to text, or texts to it failed: 1",
        "Refused texts: 1",
        "Asked for no texts: 1",
    ):
        assert words in page, words


def test_a_rejected_row_names_the_person_as_the_file_does(client: FlaskClient) -> None:
    where = upload(client, plain_list(cells(NHS_Number="999 000 0078", Surname="Ó Néill"))).location
    page = client.get(f"{where}?show=rejected").text
    assert "<bdi>Alex Ó Néill 999 000 0078</bdi>" in page


def test_a_page_of_the_preview_does_not_read_the_file_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = upload(client, plain_list(cells(), cells(NHS_Number="1"))).location
    monkeypatch.setattr("bot.lists.waiting.content_of", lambda *_: 1 / 0)
    monkeypatch.setattr("bot.lists.importing.content_of", lambda *_: 1 / 0)
    for path in (where, f"{where}?show=accepted", f"{where}/columns", f"{where}/rejects.csv"):
        assert client.get(path).status_code == 200
    assert press(client, f"{where}/confirm").status_code == 303
    assert "The list is stored" in client.get(where).text


def test_nothing_found_in_a_list_outlives_it(client: FlaskClient, db: Database) -> None:
    for way in ("confirm", "discard"):
        where = upload(client, plain_list(cells(), cells(NHS_Number="1"))).location
        press(client, f"{where}/{way}")
        with db.read() as session:
            assert session.exec(select(ListPart)).all() == []
            assert {(found.content, str(found.columns)) for found in session.exec(select(ListImport))} == {(None, "[]")}
        assert client.get(f"{where}/rejects.csv").status_code == 409
