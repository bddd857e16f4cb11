"""Which organisation a request is for stands in its address, in every link, form and redirect of the page."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.accounts.acting import prefix_of
from bot.app import TEMPLATES
from bot.database import Database
from bot.tables.accounts import Role
from tests.accounts.conftest import PASSWORD, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import world as world
from tests.applications import browser_of
from tests.factories import join, make_account, make_practice

OURS = [path for path in (TEMPLATES / "pages").rglob("*.html") if "simulator" not in path.parts]
VIEWS = [path for path in (Path(__file__).parents[1] / "bot").rglob("*.py") if "simulator" not in path.parts]
_BARE_ADDRESS = re.compile(r"""(?:href|action|src)(?:="|": ")/(?!static/)""")
_BARE_REDIRECT = re.compile(r"""redirect\(\s*f?["']/""")


@pytest.fixture
def both(app: Flask, db: Database, world: World) -> FlaskClient:
    """Somebody who works for two practices."""
    account = join(db, world.accounts[Role.LEAD], Role.PRACTICE, world.other)
    return browser_of(app, account)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_no_template_has_an_address_without_its_organisation(path: Path) -> None:
    assert not _BARE_ADDRESS.search(path.read_text(encoding="utf-8"))


def test_no_view_leads_to_an_address_without_its_organisation() -> None:
    assert [path for path in VIEWS if _BARE_REDIRECT.search(path.read_text(encoding="utf-8"))] == []


def test_no_script_of_a_page_asks_for_an_address_of_its_own() -> None:
    for script in (TEMPLATES / "static").glob("*.js"):
        if script.name != "nhsuk-frontend.min.js":
            assert not re.search(r"""fetch\(["'`]/""", script.read_text(encoding="utf-8")), script.name


def test_who_works_for_one_organisation_needs_no_prefix_and_may_use_it(app: Flask, world: World) -> None:
    client = browser_of(app, world.accounts[Role.LEAD])
    assert client.get("/inbox").status_code == client.get("/for/STATION/inbox").status_code == 200
    page = client.get("/inbox").text
    assert "/for/" not in page
    assert "Change</a>" not in page


def test_the_home_page_of_several_organisations_asks_which(both: FlaskClient) -> None:
    page = both.get("/").text
    assert 'href="/for/STATION/"' in page
    assert 'href="/for/BRIDGE/"' in page
    assert "Which organisation are you working for?" in page
    assert both.get("/home/cards").status_code == 200


def test_a_page_without_an_organisation_asks_which_and_goes_on_to_it(both: FlaskClient) -> None:
    answer = both.get("/inbox?state=done")
    assert (answer.status_code, answer.location) == (303, "/?next=/inbox%3Fstate%3Ddone")
    assert 'href="/for/BRIDGE/inbox?state=done"' in both.get(answer.location).text


def test_a_page_that_opens_in_one_of_the_organisations_is_opened_there(both: FlaskClient) -> None:
    answer = both.get("/audit?page=2")
    assert (answer.status_code, answer.location) == (303, "/for/STATION/audit?page=2")
    assert both.get("/referrals").status_code == 403


def test_a_form_without_an_organisation_is_refused_and_says_why(both: FlaskClient) -> None:
    answer = post(both, "/inbox/1/done", headers={"Referer": "http://localhost/inbox"})
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.text
    assert "choose the organisation" in answer.text


@pytest.mark.parametrize("code", ["STATION", "BRIDGE"])
def test_every_address_on_a_page_keeps_its_organisation(both: FlaskClient, code: str) -> None:
    for path in ("/", "/inbox", "/lists", "/campaigns", "/account"):
        page = both.get(f"/for/{code}{path}").text
        addresses = re.findall(r'(?:href|action|data-fresh-url)="(/[^"]*)"', page)
        ours = [address for address in addresses if not address.startswith("/static/") and address != "/"]
        assert ours
        assert {address.split("/")[2] for address in ours} == {code}, path
        assert {both.get(address).status_code for address in ours if "sign-out" not in address} <= {200, 400, 405}


def test_the_page_says_for_whom_one_acts_and_offers_to_change(both: FlaskClient) -> None:
    page = both.get("/for/BRIDGE/inbox").text
    assert "<strong>Bridge Practice</strong>" in page
    assert 'class="nhsuk-header__account-link" href="/"' in page


def test_a_redirect_stays_with_the_organisation(both: FlaskClient) -> None:
    answer = post(both, "/for/BRIDGE/account", {"old": PASSWORD, "password": "kettle anchor violet", "again": ""})
    assert answer.status_code == 400
    form = {"old": PASSWORD, "password": "kettle anchor violet", "again": "kettle anchor violet"}
    assert post(both, "/for/BRIDGE/account", form).location == "/for/BRIDGE/account"


def test_roles_are_those_of_the_organisation_acted_for(both: FlaskClient) -> None:
    assert both.get("/for/STATION/audit").status_code == 200
    assert both.get("/for/BRIDGE/audit").status_code == 403
    assert "Audit trail" not in both.get("/for/BRIDGE/").text


@pytest.mark.parametrize("prefix", ["/for/BRIDGE", "/for/CAB", "/for/NOWHERE", "/for/-", "/for/station"])
def test_an_organisation_one_does_not_work_for_opens_nothing(app: Flask, world: World, prefix: str) -> None:
    client = browser_of(app, world.accounts[Role.LEAD])
    for path in ("/", "/inbox", "/account", "/audit", "/home/cards"):
        answer = client.get(prefix + path)
        assert answer.status_code == 403
        assert 'href="/">Go to the home page' in answer.text
    assert post(client, f"{prefix}/inbox/1/done").status_code == 403


def test_an_administrator_acts_for_the_service(app: Flask, db: Database, world: World) -> None:
    client = browser_of(app, join(db, world.accounts[Role.ADMIN], Role.LEAD, world.practice))
    assert client.get("/for/-/accounts").status_code == 200
    assert client.get("/for/-/inbox").status_code == client.get("/for/STATION/accounts").status_code == 403
    assert client.get("/accounts").location == "/for/-/accounts"


def test_a_stranger_signs_in_and_comes_back_to_the_organisation(client: FlaskClient, world: World) -> None:
    asked = client.get("/for/STATION/inbox?state=done")
    assert asked.location == "/sign-in?next=/for/STATION/inbox%3Fstate%3Ddone"
    form = {"email": "lead@example.org", "password": PASSWORD, "next": "/for/STATION/inbox?state=done"}
    assert post(client, "/sign-in", form).location == "/for/STATION/inbox?state=done"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/static/icon.svg", "/twilio/inbound"])
def test_what_machines_ask_for_belongs_to_no_organisation(client: FlaskClient, path: str) -> None:
    assert client.get(f"/for/STATION{path}").status_code == 404


def test_one_prefix_is_enough(both: FlaskClient) -> None:
    assert both.get("/for/STATION/for/BRIDGE/inbox").status_code == 404
    assert both.get("/for/STATION").status_code == 200
    assert both.get("/for//inbox").status_code == 404


@pytest.mark.parametrize("code", ["A/B", "Świt 2", "100%", "q?a#b", "%2F", "a\\b"])
def test_any_code_can_stand_in_an_address(app: Flask, db: Database, world: World, code: str) -> None:
    practice = make_practice(db, code, name="Odd Practice")
    account = join(db, make_account(db, Role.LEAD, practice=practice), Role.LEAD, world.practice)
    client = browser_of(app, account)
    page = client.get(f"{prefix_of(code)}/inbox")
    assert page.status_code == 200
    assert f'href="{prefix_of(code)}/lists"' in page.text
    assert client.get(f"{prefix_of(code)}/lists").status_code == 200


def test_the_cookie_is_good_for_every_organisation(both: FlaskClient, app: Flask, world: World) -> None:
    client = app.test_client()
    answer = post(client, "/for/STATION/sign-in", {"email": "lead@example.org", "password": PASSWORD})
    assert "Path=/;" in answer.headers["Set-Cookie"] + ";"
