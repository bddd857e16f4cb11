"""Requests that no browser and no Twilio sends are not understood (400); they are no fault of ours (500)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.applications import OF_PROGRAMS, application, browser_of, form_token
from tests.factories import make_account, make_practice

NUL = "a\0b"


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db)


@pytest.fixture
def client(app: Flask, db: Database) -> FlaskClient:
    return browser_of(app, make_account(db, Role.LEAD, practice=make_practice(db)))


@pytest.mark.parametrize("raw", ["http://localhost/twilio/inbound", "http://localhost:x/", "*", "localhost:80"])
@pytest.mark.parametrize("variable", ["RAW_URI", "REQUEST_URI"])
@pytest.mark.parametrize("path", ["/twilio/inbound", "/twilio/status/x", "/sign-in"])
def test_an_address_that_does_not_begin_with_a_slash(client: FlaskClient, path: str, variable: str, raw: str) -> None:
    headers = {"X-Twilio-Signature": "x"}
    answer = client.post(path, data={"a": "b"}, headers=headers, environ_overrides={variable: raw})
    assert answer.status_code == 400


@pytest.mark.parametrize("field", ["email", "password", "next", NUL])
def test_a_nul_at_the_door(app: Flask, field: str) -> None:
    client = app.test_client()
    form = {"csrf_token": form_token(client), "email": "lead@example.org", "password": "x"}
    assert client.post("/sign-in", data=form | {field: NUL}).status_code == 400
    assert client.get("/sign-in", query_string={"next": f"/{NUL}"}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/set-password/%00", "/%00", "/campaigns?page=%00", "/inbox?%00=1", "/referrals/%00", "/criteria/%00"]
)
def test_a_nul_in_an_address(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 400


def test_a_nul_in_any_form(app: Flask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.rule.startswith(OF_PROGRAMS):
            with app.test_request_context():
                names = dict.fromkeys(rule.arguments, 1) | {"change": "hold", "code": "A", "name": "n"}
                path = app.url_map.bind("localhost").build(rule.endpoint, {n: names[n] for n in rule.arguments})
            form = {"csrf_token": form_token(client), "name": NUL, "note": NUL}
            assert client.post(path, data=form).status_code == 400, rule.rule


FAR = ["192.0.2.1", "10.0.0.7", "2001:db8::1", "::ffff:192.0.2.1", "0.0.0.0", ""]
PASSED_ON = ["X-Forwarded-For", "Forwarded", "X-Real-IP"]


@pytest.mark.parametrize("address", FAR)
def test_figures_are_not_for_another_machine(settings: Settings, db: Database, address: str) -> None:
    ours = settings.model_copy(update={"metrics_token": "t" * 32})
    client, there = application(ours, db).test_client(), {"REMOTE_ADDR": address}
    for token in ("", "Bearer ", "Bearer x", f"Basic {'t' * 32}", f"Bearer {'t' * 31}"):
        answer = client.get("/metrics", headers={"Authorization": token}, environ_overrides=there)
        assert answer.status_code == 403, token
    known = client.get("/metrics", headers={"Authorization": f"Bearer {'t' * 32}"}, environ_overrides=there)
    assert known.status_code == 200


@pytest.mark.parametrize("name", PASSED_ON)
@pytest.mark.parametrize("said", ["127.0.0.1", "for=127.0.0.1", "", "unknown"])
@pytest.mark.parametrize("proxies", [0, 1])
def test_nor_for_one_that_a_proxy_on_this_machine_asks_for(
    settings: Settings, db: Database, name: str, said: str, proxies: int
) -> None:
    client = application(settings.model_copy(update={"trusted_proxies": proxies}), db).test_client()
    assert client.get("/metrics", headers={name: said}).status_code == 403
