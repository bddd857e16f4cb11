"""What anybody may have written anywhere is words: on every page, in every answer to a form, in every spreadsheet."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.campaigns import CampaignLeftOut, LeftOutStage
from bot.tables.patients import Patient
from tests.applications import application
from tests.strangers.hostile_rows import store_everywhere
from tests.strangers.test_matrix import Organisation, address, organisation, routes, visitor

MARKUP = "<img src=x onerror=alert(1)>{{7*7}}\"'><script>alert(1)</script>"
FORMULAS = ("=HYPERLINK(1)", "+1-1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1")
RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
SANE = {"role": "lead", "organisation": "HERE", "practice": "HERE", "places": "5", "code": "NEW"}
FIELD = re.compile(r'<(?:input|select|textarea|button)[^>]* name="([^"]+)"')


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db, tokens=False)


@pytest.fixture
def here(db: Database, settings: Settings) -> Organisation:
    """A practice with a row of everything, and somebody whom its campaign leaves out."""
    ours = organisation(db, settings, "HERE")
    with db.write() as session:
        patient = session.exec(select(Patient)).one()
        left_out = {"campaign_id": ours.parameters["campaign_id"], "patient_id": patient.id}
        session.add(CampaignLeftOut(**left_out, reason="opted-out", stage=LeftOutStage.PLAN, at=utc_now()))
    return ours


def pages(app: Flask, client: FlaskClient, here: Organisation) -> Iterator[tuple[str, TestResponse]]:
    """The answer of every address that is only looked at."""
    for rule, method, _ in routes(app):
        if method == "GET":
            yield rule.rule, client.get(address(app, rule, here.parameters))


def shown(rule: str, answer: TestResponse) -> bool:
    """Whether the words are there at all; they are never markup, and never worked out."""
    assert answer.status_code < 500 or rule == "/readyz", rule
    page = answer.get_data(as_text=True)
    if answer.mimetype == "text/html":
        assert "<img" not in page, rule
        assert "<script>" not in page, rule
        assert "onerror=alert(1)>49" not in page.replace("&gt;", ">"), rule
    return "onerror" in page


@pytest.mark.parametrize("role", list(Role))
def test_no_page_takes_what_is_stored_for_markup(app: Flask, db: Database, here: Organisation, role: Role) -> None:
    client = visitor(app, db, role, here)
    stored = store_everywhere(db, MARKUP)
    assert {"practice.name", "patient.surname", "patient.language_as_written", "message.body"} <= stored
    assert {"list_import.file_name", "referral.said", "audit_entry.actor", "wording_draft.body"} <= stored
    seen = [rule for rule, answer in pages(app, client, here) if shown(rule, answer)]
    assert seen or role not in (Role.ADMIN, Role.LEAD, Role.PRACTICE, Role.PARTNER)


@pytest.mark.parametrize("role", list(Role))
def test_no_answer_to_a_form_takes_what_was_entered_for_markup(
    app: Flask, db: Database, here: Organisation, role: Role
) -> None:
    client = visitor(app, db, role, here)
    asked = {name for _, page in pages(app, client, here) for name in FIELD.findall(page.get_data(as_text=True))}
    assert len(asked) > 2
    entered = dict.fromkeys(asked | {"name", "note"}, MARKUP)
    for form in (entered, entered | SANE):
        for rule, method, roles in routes(app):
            if method == "POST" and role in roles:
                shown(rule.rule, client.post(address(app, rule, here.parameters), data=form))
    for rule, answer in pages(app, client, here):
        shown(rule, answer)


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_spreadsheet_runs_what_is_stored(app: Flask, db: Database, here: Organisation, formula: str) -> None:
    clients = [visitor(app, db, role, here) for role in (Role.LEAD, Role.ADMIN, Role.PARTNER)]
    store_everywhere(db, formula)
    asked, harmless = set(), 0
    for client in clients:
        for rule, answer in pages(app, client, here):
            assert answer.mimetype == "text/csv" or not rule.endswith(".csv") or answer.status_code in (403, 404), rule
            if answer.mimetype == "text/csv":
                asked.add(rule)
                cells = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
                harmless += sum(cell.startswith("'") for row in cells for cell in row)
                assert [cell for row in cells for cell in row if cell.lstrip(" ").startswith(RUNS)] == [], rule
    assert harmless > 1
    assert {rule.rule for rule, method, _ in routes(app) if rule.rule.endswith(".csv")} <= asked
