"""What holds for every page: who may open it, headers, cookies, tokens and plain errors."""

import io
import json
import logging
import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot import assets
from bot.accounts.access import PUBLIC, open_to, refuse_unmarked_views
from bot.capability import in_use
from bot.database import Database
from bot.logs import set_up_logging, without_personal_data
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.web import local_path
from tests.accounts.conftest import PASSWORD, SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.applications import OF_PROGRAMS, application, browser_of
from tests.factories import make_account

LIVE = {
    "mode": "live",
    "secret_key": "a-long-secret-for-tests-of-no-value",
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "token",
    "twilio_from": "+441632960001",
    "public_url": "https://texts.example.org",
}


def _example(rule: str) -> str:
    """An address that fits a route, with made-up values."""
    return re.sub(r"<[^>]+>", "1", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule))


def _pages(app: Flask) -> list[tuple[str, str, frozenset[Role]]]:
    """Every address that can be asked for with GET: endpoint, a concrete path, and who may open it."""
    found = []
    for rule in app.url_map.iter_rules():
        roles = open_to(app.view_functions[rule.endpoint])
        if "GET" in (rule.methods or ()) and roles is not None:
            found.append((rule.endpoint, _example(rule.rule), roles))
    return found


def test_every_page_opens_for_its_roles_and_for_no_other(app: Flask, signed_in: SignIn) -> None:
    for role in Role:
        client = signed_in(role)
        for endpoint, path, roles in _pages(app):
            if roles == PUBLIC:
                continue
            status = client.get(path).status_code
            assert (status == 403) is (role not in roles), (role, endpoint, status)
            assert status < 500, (role, endpoint)


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_page(app: Flask, client: FlaskClient) -> None:
    for _, path, roles in _pages(app):
        if roles != PUBLIC:
            answer = client.get(path)
            assert answer.status_code == 303
            assert answer.location.startswith("/sign-in?next=")


def test_a_view_that_does_not_say_who_may_open_it_stops_the_start(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.view_functions, "forgotten", lambda: "open to the world")
    with pytest.raises(RuntimeError, match="forgotten"):
        refuse_unmarked_views(app)


def test_every_place_in_the_header_is_a_page_its_roles_can_open(signed_in: SignIn) -> None:
    for role in Role:
        client = signed_in(role)
        for place in in_use().bring("navigation"):
            if role in place.roles:
                assert client.get(place.path).status_code == 200, (role, place.path)


def test_every_form_that_changes_something_needs_a_token(app: Flask, signed_in: SignIn) -> None:
    client = signed_in(Role.ADMIN)
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.rule.startswith(OF_PROGRAMS):
            answer = client.post(_example(rule.rule))
            assert answer.status_code == 400, rule.rule
            assert "open for too long" in answer.get_data(as_text=True)


def test_what_somebody_wrote_is_not_lost_when_the_page_was_open_for_too_long(client: FlaskClient) -> None:
    answer = client.post("/inbox/1/free-text", data={"words": "Come <b>soon</b>.", "password": "not to be shown"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Come &lt;b&gt;soon&lt;/b&gt;." in page
    assert "not to be shown" not in page


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/sign-in", "/nowhere", "/static/icon.svg"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_pages_are_kept_by_no_cache_but_the_styles_are(client: FlaskClient) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert "max-age=3600" in client.get("/static/icon.svg").headers["Cache-Control"]


def test_over_https_the_cookie_is_secure_and_browsers_stay_on_https(db: Database, world: World) -> None:
    client = application(Settings(**LIVE), db).test_client()
    answer = client.get("/sign-in", base_url="https://texts.example.org")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax"):
        assert flag in answer.headers["Set-Cookie"]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_lasts_half_a_day(app: Flask, world: World) -> None:
    client = app.test_client()
    answer = post(client, "/sign-in", {"email": "lead@example.org", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie
    assert app.permanent_session_lifetime.total_seconds() == 12 * 3600


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"])
def test_another_host_name_is_refused_in_plain_words(client: FlaskClient, host: str) -> None:
    answer = client.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "does not answer to that web address" in answer.get_data(as_text=True)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "127.0.0.1"])
def test_the_names_of_this_machine_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@given(st.text(max_size=40) | st.sampled_from(["//evil.example", "/\\evil.example", "https://evil.example", "/\t/e"]))
def test_a_link_never_leads_away_from_the_service(candidate: str) -> None:
    path = local_path(candidate)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert not re.search(r"[\s\\\x00-\x1f]", path)


def test_after_signing_in_nobody_is_sent_elsewhere(app: Flask, world: World) -> None:
    for target in ("//evil.example", "https://evil.example/", "/\\evil.example", "/%09/evil.example\n"):
        data = {"email": "lead@example.org", "password": PASSWORD, "next": target}
        answer = post(app.test_client(), "/sign-in", data)
        assert answer.location.startswith("/")
        assert "//" not in answer.location


def test_a_page_that_does_not_exist_says_so_in_plain_words(client: FlaskClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "Page not found" in answer.get_data(as_text=True)


def test_a_form_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"email": "x" * (1024 * 1024 + 1)})
    assert answer.status_code == 413
    assert "too large" in answer.get_data(as_text=True)


def test_a_fault_of_ours_shows_no_inner_workings(
    app: Flask, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(Role.LEAD)

    def broken() -> str:
        raise ValueError("inner workings")

    broken.open_to = PUBLIC  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "home.home", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "something went wrong on our side" in answer.get_data(as_text=True)
    assert "inner workings" not in answer.get_data(as_text=True)


def test_while_the_database_cannot_be_used_a_page_says_so_and_that_nothing_was_changed(
    app: Flask, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(Role.LEAD)

    def full() -> str:
        raise OperationalError("INSERT …", {}, sqlite3.OperationalError("database or disk is full"))

    full.open_to = PUBLIC  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "home.home", full)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "Nothing was changed." in answer.get_data(as_text=True)
    assert "INSERT" not in answer.get_data(as_text=True)


def test_the_demo_says_that_it_is_one_and_live_does_not(db: Database, client: FlaskClient) -> None:
    assert "Demo: simulated phones" in client.get("/sign-in").get_data(as_text=True)
    live = application(Settings(**LIVE), db).test_client().get("/sign-in", base_url="https://texts.example.org")
    assert "Demo" not in live.get_data(as_text=True)


def test_a_rehearsal_says_that_no_real_phone_is_reached(db: Database) -> None:
    settings = Settings(**LIVE | {"twilio_api_url": "http://127.0.0.1:9", "public_url": "http://127.0.0.1:8000"})
    page = application(settings, db).test_client().get("/sign-in").get_data(as_text=True)
    assert "Rehearsal" in page


def test_no_page_asset_names_another_address() -> None:
    assets.build_assets()
    for path in assets.BUILT.rglob("*"):
        if path.is_file() and path.suffix in (".css", ".js"):
            words = path.read_text(encoding="utf-8")
            assert "@font-face" not in words
            assert not re.search(r"""(https?:)?//[a-z0-9.-]+\.[a-z]{2,}/""", words), path.name
            assert all(url.startswith(("/static/", "data:")) for url in re.findall(r"""url\(["']?([^)"']+)""", words))


def test_every_image_the_styles_ask_for_is_there(client: FlaskClient) -> None:
    styles = (assets.BUILT / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    images = set(re.findall(r"/static/images/[\w.-]+", styles))
    assert images
    assert {client.get(path).status_code for path in images} == {200}


def test_building_the_assets_again_does_nothing() -> None:
    assets.build_assets()
    assert assets.build_assets() is False


@pytest.mark.parametrize(
    "words",
    [
        "07700 900123",
        "07700900123",
        "+447700900123",
        "+44 7700 900 123",
        "0044 7700 900123",
        "447700900123",
        "(01632) 960 101",
        "999 000 0077",
        "999-000-0077",
        "9990000077",
    ],
)
def test_numbers_of_people_never_reach_the_log(words: str) -> None:
    event = without_personal_data(None, "info", {"event": f"sent to {words}, twice", "why": [words]})
    assert not re.search(r"\d{3}", str(event))


def test_what_is_named_like_personal_data_never_reaches_the_log() -> None:
    event = {"event": "sent", "phone": "a", "body": "b", "name": "c", "inner": {"phone": "d", "count": 3}}
    assert without_personal_data(None, "info", event) == {"event": "sent", "inner": {"count": 3}}


def test_counts_codes_and_times_stay_in_the_log() -> None:
    event = {
        "event": "batch 12 of 100, error 30003",
        "at": "2026-12-03T09:30:00.123456Z",
        "sid": "SM" + "0" * 32,
    }
    assert without_personal_data(None, "info", event) == event


def test_every_card_of_every_home_page_leads_to_a_page_of_that_role(signed_in: SignIn) -> None:
    for role in Role:
        client = signed_in(role)
        cards = re.findall(r'nhsuk-card__link" href="([^"]+)"', client.get("/").get_data(as_text=True))
        assert {client.get(path).status_code for path in cards} <= {200}, (role, cards)


def test_what_was_typed_comes_back_without_becoming_markup(client: FlaskClient, world: World) -> None:
    answer = post(client, "/sign-in", {"email": '"><script>alert(1)</script>', "password": "x"})
    assert "<script>alert" not in answer.get_data(as_text=True)


def test_a_page_number_out_of_all_reason_is_no_fault(signed_in: SignIn) -> None:
    assert signed_in(Role.PRACTICE).get("/inbox?page=99999999999999999999").status_code == 200


@pytest.mark.parametrize("path", ["/inbox", "/lists", "/campaigns"])
@pytest.mark.parametrize("role", [Role.ADMIN, Role.PARTNER, Role.REVIEWER, Role.PHARMACY, Role.INTERPRETER])
def test_patients_are_shown_to_their_practice_only(signed_in: SignIn, role: Role, path: str) -> None:
    assert signed_in(role).get(path).status_code == 403


@pytest.fixture
def log_lines(settings: Settings) -> Iterator[Callable[[], str]]:
    """What the process logs as JSON, from set-up on."""
    root, written = logging.getLogger(), io.StringIO()
    before, level = root.handlers, root.level
    set_up_logging(settings.model_copy(update={"log_format": "json"}))
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written.getvalue
    root.handlers, root.level = before, level
    structlog.reset_defaults()


def test_a_request_is_logged_by_its_route_and_never_by_its_address(
    client: FlaskClient, log_lines: Callable[[], str]
) -> None:
    client.get("/set-password/very-secret-token?phone=07700900123")
    line = json.loads(log_lines().splitlines()[-1])
    assert (line["method"], line["rule"], line["status"]) == ("GET", "/set-password/<token>", 409)
    assert line["ms"] > 0
    assert "very-secret-token" not in log_lines()
    assert "07700900123" not in log_lines()


def test_the_libraries_logs_are_masked_too(log_lines: Callable[[], str]) -> None:
    try:
        raise ValueError("no such phone: 07700 900123")
    except ValueError:
        logging.getLogger("some.library").exception("could not reach %s", "+447700900123")
    assert "could not reach [phone]" in log_lines()
    assert "900123" not in log_lines()


def test_a_demo_that_is_open_to_others_says_so_on_every_page(db: Database, settings: Settings) -> None:
    words = "open to everybody"
    for open_to_all in (True, False):
        app = application(settings.model_copy(update={"demo_for_all": open_to_all}), db)
        for browser in (app.test_client(), browser_of(app, make_account(db, Role.ADMIN))):
            for path in ("/sign-in", "/", "/accounts", "/nothing", "/set-password/x"):
                page = browser.get(path, follow_redirects=True).get_data(as_text=True)
                assert (words in page and "etr-mode--open" in page) == open_to_all, path
