"""How much anybody may send where: little without a session, a form with one, a list to whoever may upload one."""

from collections.abc import Mapping
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.bodies import READ_TO_BE_REFUSED, limit_by_header
from bot.database import Database
from bot.lists.reading.file_kinds import LARGEST_LIST
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.web import LARGEST_FORM, LARGEST_OF_STRANGERS
from tests.applications import application, browser_of
from tests.factories import join, make_account, make_practice

PUBLIC_PATHS = (
    "/sign-in",
    "/twilio/inbound",
    "/twilio/status/x",
    "/set-password/x",
    "/nothing",
    "/static/x",
    "/healthz",
)


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db)


def header_of(client: FlaskClient, path: str, method: str = "POST") -> Mapping[str, str]:
    cookie = client.get_cookie("easy-to-reach")
    kept = {"HTTP_COOKIE": f"easy-to-reach={cookie.value}"} if cookie else {}
    return {"REQUEST_METHOD": method, "PATH_INFO": path} | kept


@pytest.mark.parametrize("path", [*PUBLIC_PATHS, "/lists", "/campaigns", "/lists/1/confirm", "/\xff\x00"])
def test_a_stranger_may_send_little_anywhere(app: Flask, path: str) -> None:
    assert limit_by_header(app)(header_of(app.test_client(), path)) == LARGEST_OF_STRANGERS
    forged = header_of(app.test_client(), path) | {"HTTP_COOKIE": "easy-to-reach=eyJ1c2VyIjoxfQ.aaaaaa.bbbbbbbbbb"}
    assert limit_by_header(app)(forged) == LARGEST_OF_STRANGERS


def test_somebody_signed_in_may_send_a_form_and_to_one_place_a_list(app: Flask, db: Database) -> None:
    client = browser_of(app, make_account(db, Role.PRACTICE, practice=make_practice(db)))
    limit = limit_by_header(app)
    assert limit(header_of(client, "/lists")) > LARGEST_LIST
    assert limit(header_of(client, "/campaigns")) == LARGEST_FORM
    assert limit(header_of(client, "/lists", "GET")) == LARGEST_FORM
    for path in PUBLIC_PATHS:
        assert limit(header_of(client, path)) == LARGEST_OF_STRANGERS


@pytest.mark.parametrize("path", [*PUBLIC_PATHS, "/lists", "/campaigns"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "text/csv"])
def test_the_application_refuses_too_long_a_body_unread(app: Flask, path: str, kind: str) -> None:
    sent = {"wsgi.input": Unreadable(), "CONTENT_LENGTH": "399000000"}
    answer = app.test_client().post(path, content_type=kind, environ_overrides=sent)
    assert answer.status_code == 413


class Unreadable:
    """A body that must not be read."""

    def read(self, _size: int = -1) -> bytes:
        raise AssertionError("read")

    readline = readinto = read

    def close(self) -> None:
        """Nothing to close."""


def test_a_list_is_for_the_roles_that_may_upload_one(app: Flask, db: Database) -> None:
    practice = make_practice(db)
    for role, status in ((Role.ADMIN, 413), (Role.REVIEWER, 413), (Role.PRACTICE, 400), (Role.LEAD, 400)):
        client = browser_of(app, make_account(db, role, practice=practice if role != Role.ADMIN else None))
        # 400: so far it may come, and it has no token.
        assert client.post("/lists", data={"list": "x" * 400_000, "more": "y" * 900_000}).status_code == status, role


def test_what_everybody_may_load_sets_no_cookie(app: Flask, db: Database) -> None:
    for client in (app.test_client(), browser_of(app, make_account(db, Role.ADMIN))):
        for path in ("/static/nothing.css", "/healthz", "/readyz", "/metrics"):
            assert "Set-Cookie" not in client.get(path).headers, path
    assert "Set-Cookie" in app.test_client().get("/sign-in").headers


def test_a_list_may_be_as_long_for_whoever_names_the_practice_in_the_address(app: Flask, db: Database) -> None:
    station, bridge = make_practice(db), make_practice(db, "BRIDGE")
    account = join(db, make_account(db, Role.PRACTICE, practice=station), Role.PRACTICE, bridge)
    client = browser_of(app, account)
    assert limit_by_header(app)(header_of(client, "/for/BRIDGE/lists")) > LARGEST_LIST
    assert limit_by_header(app)(header_of(client, "/for/BRIDGE/twilio/inbound")) == LARGEST_OF_STRANGERS
    sent = {"list": (BytesIO(b"x" * (LARGEST_FORM + 1)), "list.csv")}
    assert client.post("/for/BRIDGE/lists", data=sent, content_type="multipart/form-data").status_code != 413


@pytest.mark.parametrize("path", ["/fhir/prescription-status-update", "/api/v1/notices", "/api/v1/notices/batch"])
def test_a_program_is_read_further_than_it_may_send_so_that_it_hears_why(app: Flask, path: str) -> None:
    header = header_of(app.test_client(), path)
    key = f"Bearer etr_{'0' * 16}_{'0' * 64}"
    assert limit_by_header(app)(header) == LARGEST_OF_STRANGERS
    assert limit_by_header(app)(header | {"HTTP_AUTHORIZATION": key}) == READ_TO_BE_REFUSED
    answer = app.test_client().post(path, data=b" " * READ_TO_BE_REFUSED, headers={"Authorization": key})
    assert (answer.status_code, answer.mimetype.endswith("json")) == (413, True)


def test_a_key_opens_no_more_elsewhere(app: Flask) -> None:
    shown = {"HTTP_AUTHORIZATION": f"Bearer etr_{'0' * 16}_{'0' * 64}"}
    for path in PUBLIC_PATHS:
        assert limit_by_header(app)(header_of(app.test_client(), path) | shown) == LARGEST_OF_STRANGERS
