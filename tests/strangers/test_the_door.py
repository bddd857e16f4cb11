"""What stands before every page: hosts, proxies, cookies, tokens, sizes, sessions."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from bot.accounts.access import PUBLIC, open_to
from bot.accounts.sessions import SESSION_LASTS
from bot.accounts.tries import FAILURES_PER_PLACE
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, SignInAttempt
from tests.accounts.conftest import PASSWORD, SignIn, World, csrf_token, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.applications import application, form_token

LIVE = Settings(
    mode="live",
    secret_key="a-long-secret-for-tests-of-no-value",
    twilio_account_sid="AC1",
    twilio_auth_token="token",
    twilio_from="+441632960001",
    public_url="https://texts.example.org",
)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "pod-7.cluster", "localhost", ""])
def test_machines_that_look_after_us_may_use_any_host_name(client: FlaskClient, path: str, host: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code in (200, 503)


@pytest.mark.parametrize("path", ["/sign-in", "/", "/healthz/../sign-in", "/twilio/inbound"])
def test_pages_are_answered_under_our_own_names_only(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


def test_a_link_to_set_a_password_never_names_a_host_that_somebody_sent(db: Database, signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    form = {"email": "new@example.org", "role": "admin", "organisation": ""}
    page = post(admin, "/accounts", form, headers={"X-Forwarded-Host": "evil.example"}).get_data(as_text=True)
    assert "/set-password/" in page
    assert "evil.example" not in page


def addresses(db: Database) -> set[str]:
    with db.read() as session:
        return set(session.exec(select(SignInAttempt.address_hash)))


def try_from(app: Flask, forwarded: str) -> None:
    client = app.test_client()
    form = {"csrf_token": form_token(client), "email": "lead@example.org", "password": "wrong"}
    client.post("/sign-in", data=form, headers={"X-Forwarded-For": forwarded})


def test_without_a_proxy_of_ours_nobody_can_choose_their_address(app: Flask, db: Database, world: World) -> None:
    try_from(app, "198.51.100.1")
    try_from(app, "198.51.100.2")
    assert len(addresses(db)) == 1


def test_behind_one_proxy_the_address_it_saw_counts(db: Database, settings: Settings, world: World) -> None:
    app = application(settings.model_copy(update={"trusted_proxies": 1}), db)
    try_from(app, "203.0.113.9, 198.51.100.1")
    try_from(app, "203.0.113.8, 198.51.100.1")
    assert len(addresses(db)) == 1
    try_from(app, "198.51.100.2")
    assert len(addresses(db)) == 2
    assert FAILURES_PER_PLACE > 2


def test_over_https_the_cookie_belongs_to_this_very_host(db: Database) -> None:
    client = application(LIVE, db).test_client()
    cookie = client.get("/sign-in", base_url="https://texts.example.org").headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Domain=" not in cookie
    for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert flag in cookie


def test_a_session_ends_twelve_hours_after_signing_in_however_busy(signed_in: SignIn) -> None:
    began = datetime.now(UTC)
    client = signed_in(Role.LEAD)
    for hours in (4, 8, 11.9):
        with time_machine.travel(began + timedelta(hours=hours)):
            assert client.get("/").status_code == 200
    with time_machine.travel(began + SESSION_LASTS + timedelta(minutes=1)):
        assert client.get("/").status_code == 303


def test_a_token_of_another_session_is_worth_nothing(app: Flask, signed_in: SignIn) -> None:
    stolen = csrf_token(signed_in(Role.ADMIN), "/account")
    mine = signed_in(Role.LEAD)
    assert mine.post("/sign-out", data={"csrf_token": stolen}).status_code == 400
    assert mine.get("/").status_code == 200


WITHOUT_ONE = {"/twilio/": 403, "/fhir/": 401, "/api/": 401}
"""What programs are answered without a signature or a key, by the beginning of the address."""


def test_every_route_that_changes_something_wants_a_token_a_signature_or_a_key(app: Flask, signed_in: SignIn) -> None:
    for role in Role:
        client = signed_in(role)
        for rule in app.url_map.iter_rules():
            if "POST" not in (rule.methods or ()):
                continue
            with app.test_request_context():
                names = dict.fromkeys(rule.arguments, 1) | {"change": "hold", "code": "A", "name": "n"}
                path = app.url_map.bind("localhost").build(rule.endpoint, {n: names[n] for n in rule.arguments})
            roles = open_to(app.view_functions[rule.endpoint])
            expected = next((answer for begins, answer in WITHOUT_ONE.items() if rule.rule.startswith(begins)), 400)
            assert client.post(path).status_code == expected, (role, rule.rule, roles == PUBLIC)


def test_no_page_allows_scripts_or_styles_within_it(signed_in: SignIn) -> None:
    for path in ("/", "/accounts", "/audit", "/operations", "/account"):
        answer = signed_in(Role.ADMIN).get(path)
        page = answer.get_data(as_text=True)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert " style=" not in page
        assert " onclick=" not in page
        assert all("src=" in tag for tag in page.split("<script")[1:])


@pytest.mark.parametrize("path", ["/sign-in", "/twilio/inbound"])
def test_a_form_of_ten_thousand_fields_is_no_work_for_us(client: FlaskClient, path: str) -> None:
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="f{i}"\r\n\r\nx\r\n' for i in range(10_000)) + "--b--"
    answer = client.post(path, data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code in (400, 403, 413)


def test_the_right_password_of_somebody_who_waits_is_refused_as_well(app: Flask, world: World, db: Database) -> None:
    client = app.test_client()
    for _ in range(10):
        post(client, "/sign-in", {"email": "lead@example.org", "password": "wrong"})
    answer = post(client, "/sign-in", {"email": "lead@example.org", "password": PASSWORD})
    assert answer.status_code == 429
