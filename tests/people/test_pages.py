import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.app import create_app
from bot.database import Database
from bot.people.listing import list_people
from bot.people.tables import Practice
from bot.settings import Settings
from bot.staff.tables import Role, UserAccount
from tests.factories import make_account, make_practice, nhs_number
from tests.people.lists import cells, plain_list

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return create_app(settings, db)


def browser(app: Flask, account: UserAccount) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as session:
        session["user"], session["epoch"] = account.id, account.session_epoch
    return client


@pytest.fixture
def client(app: Flask, db: Database, practice: Practice) -> FlaskClient:
    return browser(app, make_account(db, Role.PRACTICE, practice=practice))


def token(client: FlaskClient) -> str:
    found = TOKEN.search(client.get("/lists").text)
    assert found is not None
    return found[1]


def upload(client: FlaskClient, content: bytes, **fields: str) -> TestResponse:
    data = {"csrf_token": token(client), "list": (io.BytesIO(content), "list.csv"), **fields}
    return client.post("/lists", data=data)


def press(client: FlaskClient, path: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token(client)})


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
    ("content", "says"), [(b"", "The file is empty"), (b"NHS Number,Surname\n1,2\n", "no column Date of Birth")]
)
def test_a_file_that_is_no_list_is_explained_at_its_field(client: FlaskClient, content: bytes, says: str) -> None:
    answer = upload(client, content)
    assert answer.status_code == 400
    assert answer.text.count(says) == 2
    assert 'href="#list"' in answer.text


def test_no_file_is_explained_too(client: FlaskClient) -> None:
    assert "Choose the file" in client.post("/lists", data={"csrf_token": token(client)}).text


def test_a_list_longer_than_other_forms_may_be_is_taken(client: FlaskClient) -> None:
    content = plain_list(cells(), *([""] * 12 for _ in range(200_000)))
    assert len(content) > 2 * 1024 * 1024
    assert upload(client, content).status_code == 303


def test_a_stranger_cannot_send_a_long_request(app: Flask) -> None:
    data = {"list": (io.BytesIO(b"x" * 2 * 1024 * 1024), "list.csv")}
    assert app.test_client().post("/lists", data=data).status_code in (400, 413)


def test_another_practices_list_is_not_there(app: Flask, client: FlaskClient, db: Database) -> None:
    where = upload(client, plain_list(cells())).location
    outsider = browser(app, make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")))
    assert outsider.get(where).status_code == 404
    assert press(outsider, f"{where}/confirm").status_code == 404
    assert press(outsider, f"{where}/discard").status_code == 404


@pytest.mark.parametrize("role", [Role.PARTNER, Role.ADMIN, Role.REVIEWER])
def test_only_the_practice_sees_lists(app: Flask, db: Database, role: Role) -> None:
    assert browser(app, make_account(db, role)).get("/lists").status_code == 403


def test_a_name_that_is_markup_is_shown_as_it_is(client: FlaskClient) -> None:
    where = upload(client, plain_list(cells(Surname="<script>alert(1)</script>", Sex="?!q"))).location
    assert "<script>alert(1)" not in client.get(where).text
