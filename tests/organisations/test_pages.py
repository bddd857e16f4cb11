"""The administrator's page of practices and partners."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.audit import CONSOLE
from bot.campaigns.planning import plan_campaign
from bot.database import Database
from bot.organisations.partners import list_partners
from bot.organisations.practices import list_practices
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world

PRACTICE = {"code": "HILL", "name": "Hill Practice", "phone": "01632 960111", "sender": ""}
PARTNER = {"code": "AGE", "name": "Age Concern", "places": "5", "phone": "", "practice": "STATION"}


@pytest.fixture
def admin(signed_in: SignIn) -> FlaskClient:
    return signed_in(Role.ADMIN)


def names(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {line.code: line.name for line in [*list_practices(session), *list_partners(session)]}


def links(db: Database) -> dict[str, list[str]]:
    with db.read() as session:
        return {line.code: line.practices for line in list_partners(session)}


def test_it_lists_practices_and_partners_with_who_works_with_whom(admin: FlaskClient, world: World) -> None:
    page = admin.get("/organisations").text
    for words in ("Station Practice", "Bridge Practice", "Citizens Advice", "01632 960 100", "30 places"):
        assert words in page
    assert page.count("End this") == 1


def test_a_practice_and_a_partner_are_added(admin: FlaskClient, db: Database, world: World) -> None:
    assert post(admin, "/organisations/practices", PRACTICE).status_code == 303
    assert post(admin, "/organisations/partners", PARTNER | {"practice": "HILL"}).status_code == 303
    page = admin.get("/organisations").text
    assert "Age Concern is added as AGE" in page
    assert names(db)["HILL"] == "Hill Practice"
    assert links(db)["AGE"] == ["HILL"]


def test_name_and_phone_are_changed(admin: FlaskClient, db: Database, world: World) -> None:
    change = {"code": "STATION", "name": "New Station", "phone": ""}
    assert post(admin, "/organisations/practices/change", change).status_code == 303
    change = {"code": "CAB", "name": "Citizens Advice Rother", "phone": "01632 960222"}
    assert post(admin, "/organisations/partners/change", change).status_code == 303
    assert names(db) == {"BRIDGE": "Bridge Practice", "STATION": "New Station", "CAB": "Citizens Advice Rother"}
    assert "01632 960 222" in admin.get("/organisations").text


def test_a_partner_is_linked_and_unlinked(admin: FlaskClient, db: Database, world: World) -> None:
    post(admin, "/organisations/partners/link", {"code": "CAB", "practice": "BRIDGE"})
    assert links(db) == {"CAB": ["BRIDGE", "STATION"]}
    post(admin, "/organisations/partners/unlink", {"code": "CAB", "practice": "STATION"})
    assert links(db) == {"CAB": ["BRIDGE"]}


def test_what_ties_them_is_said_on_the_page(admin: FlaskClient, db: Database, settings: Settings, world: World) -> None:
    plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, CONSOLE)
    answer = post(admin, "/organisations/partners/unlink", {"code": "CAB", "practice": "STATION"})
    assert answer.status_code == 400
    assert "Campaign 1 is not stopped" in answer.text
    assert links(db) == {"CAB": ["STATION"]}


@pytest.mark.parametrize(
    ("path", "form", "field", "words"),
    [
        ("practices", PRACTICE | {"code": "STATION"}, "add-practice-code", "in the list already"),
        ("practices", PRACTICE | {"code": "CAB"}, "add-practice-code", "code of a partner"),
        ("practices", PRACTICE | {"phone": "ring us"}, "add-practice-phone", "not a phone number"),
        ("practices", PRACTICE | {"sender": "NHS"}, "add-practice-sender", "is no sender"),
        ("practices", PRACTICE | {"code": ""}, "add-practice-code", "needs a code"),
        ("practices", PRACTICE | {"name": ""}, "add-practice-name", "needs a code"),
        ("partners", PARTNER | {"code": "CAB"}, "add-partner-code", "in the list already"),
        ("partners", PARTNER | {"places": "many"}, "add-partner-places", "whole number"),
        ("partners", PARTNER | {"places": "999999"}, "add-partner-places", "from 0 to"),
        ("practices/change", {"code": "STATION", "name": "A", "phone": "x"}, "change-STATION-phone", "not a phone"),
        ("partners/change", {"code": "CAB", "name": "", "phone": ""}, "change-CAB-name", "needs a code"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_what_was_entered_stays(
    admin: FlaskClient, db: Database, world: World, path: str, form: dict[str, str], field: str, words: str
) -> None:
    before = names(db)
    answer = post(admin, f"/organisations/{path}", form)
    assert answer.status_code == 400
    assert words in answer.text
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert not form["name"] or f'value="{form["name"]}"' in answer.text
    assert names(db) == before


def test_no_page_of_the_administrator_speaks_of_commands(admin: FlaskClient, world: World) -> None:
    for path in ("/organisations", "/accounts"):
        assert not re.search(r"python -m|\s--\w|practices add|partners add", admin.get(path).text)


def test_the_accounts_page_shows_every_role_and_adds_one(app: Flask, admin: FlaskClient, world: World) -> None:
    form = {"email": "lead@example.org", "role": "practice", "organisation": "BRIDGE"}
    answer = post(admin, "/accounts", form, follow_redirects=True)
    assert "lead@example.org has that role now, and signs in as before." in answer.text
    assert "Lead, Station Practice" in answer.text
    assert "Practice, Bridge Practice" in answer.text
    assert 'value="lead@example.org"' in admin.get("/accounts?email=lead@example.org").text
