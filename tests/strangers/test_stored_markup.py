"""Names, notes, file names and what people wrote are words on every page, never markup."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

import bot.tables
from bot.database import Database
from bot.lists.judging.grouping import person_to_json
from bot.lists.judging.row_reading import PersonIn
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.applications import application
from tests.operations.test_audit import behind_the_triggers
from tests.strangers.test_matrix import address, organisation, routes, visitor

MARKUP = "\"'><img src=x onerror=alert(1)>{{7*7}}</script><script>alert(1)</script>"
STORED: dict[str, tuple[str, ...]] = {
    "practice": ("name", "phone"),
    "partner": ("name", "phone"),
    "user_account": ("name",),
    "patient": ("surname", "given_name", "language_recorded", "phone", "ethnic_category"),
    "message": ("body", "twilio_status", "reason"),
    "inbox_item": ("phone",),
    "inbox_note": ("words",),
    "list_import": ("file_name", "refusal"),
    "list_heading": ("heading",),
    "referral": ("said", "outcome"),
    "referral_note": ("words",),
    "consent": ("question",),
    "sender": ("service_sid",),
    "wording_approval": ("body", "source"),
    "wording_draft": ("body",),
    "wording_rejection": ("why",),
    "opt_out": ("phone", "said"),
}


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db, tokens=False)


def store_markup(db: Database) -> set[str]:
    """Put it into every column of those that is there; gives which."""
    done = set()
    for table, columns in STORED.items():
        for column in set(columns) & set(bot.tables.metadata.tables[table].columns.keys()):
            with db.engine.begin() as connection:
                connection.execute(text(f"UPDATE {table} SET {column} = :words"), {"words": MARKUP})
            done.add(f"{table}.{column}")
    image = "'<img src=x onerror>'"
    behind_the_triggers(db, f"UPDATE audit_entry SET actor = {image}, action = {image}, subject = {image}")
    people = [PersonIn("9990000018", date(1960, 5, 12), MARKUP, MARKUP, language_as_written=MARKUP) for _ in range(2)]
    versions = [{"row": row, "person": person_to_json(person)} for row, person in enumerate(people, 2)]
    with db.engine.begin() as connection:
        connection.execute(bot.tables.metadata.tables["list_conflict"].update().values(versions=versions))
    return done


def test_every_page_shows_stored_markup_as_words(app: Flask, db: Database, settings: Settings) -> None:
    here = organisation(db, settings, "HERE")
    done = store_markup(db)
    assert {
        "practice.name",
        "patient.surname",
        "message.body",
        "list_import.file_name",
        "referral.said",
        "inbox_note.words",
        "referral_note.words",
        "wording_draft.body",
        "wording_rejection.why",
    } <= done
    seen = 0
    for role in Role:
        client = visitor(app, db, role, here)
        for rule, method, _ in routes(app):
            if method != "GET":
                continue
            answer = client.get(address(app, rule, here.parameters))
            assert answer.status_code < 500 or rule.rule == "/readyz", (role, rule.rule)
            seen += shown_as_words(answer, rule.rule)
    assert seen > 10


def shown_as_words(answer: Any, rule: str) -> bool:
    page = answer.get_data(as_text=True)
    if answer.mimetype == "text/html":
        assert "<img" not in page, rule
        assert "<script>" not in page, rule
        assert "49" not in page[page.find("onerror") :][:60], rule
    return "onerror" in page
