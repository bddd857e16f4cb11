"""What the practice sees of a language somebody told us: card, list with its code, item, spreadsheet."""

import csv
import html
import io
import json
from typing import Any

from click.testing import CliRunner

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.console import Console
from bot.conversations.inbox import LANGUAGE_TOLD, finish_item
from bot.conversations.inbox_commands import inbox
from bot.database import Database
from bot.patients.told import note_language
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.conversations import ReplyReading
from bot.tables.organisations import Practice
from bot.tables.patients import FROM_PATIENT, Patient
from tests.accounts.conftest import SignIn, World
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.conversations.test_inbox import write_in
from tests.factories import make_patient

POLISH = "315579002"


def tells(db: Database, practice: Practice, language: str, phone: str = "+447700900123") -> int:
    """Somebody whose language we did not know has told us; gives the item."""
    patient = make_patient(db, practice, phone=phone, language=None)
    item = write_in(db, practice, phone=phone, reason=LANGUAGE_TOLD)
    with db.write() as session:
        row = session.get_one(InboxItem, item)
        row.patient_id = patient.id
        session.add(row)
        note_language(session, session.get_one(Patient, patient.id), language, FROM_PATIENT, utc_now())
    return item


def page(signed_in: SignIn, path: str, role: Role = Role.PRACTICE) -> str:
    return html.unescape(signed_in(role).get(path).text)


def test_the_home_page_says_that_languages_wait_to_be_recorded(db: Database, world: World, signed_in: SignIn) -> None:
    assert "told us their language" not in page(signed_in, "/")
    item = tells(db, world.practice, "pl")
    assert "1 person told us their language." in page(signed_in, "/")
    finish_item(db, item, None, CONSOLE)
    assert "told us their language" not in page(signed_in, "/")


def test_the_list_and_the_item_say_what_to_record(db: Database, world: World, signed_in: SignIn) -> None:
    item = tells(db, world.practice, "pl")
    listed, shown = page(signed_in, f"/inbox?reason={LANGUAGE_TOLD}"), page(signed_in, f"/inbox/{item}")
    for text in (listed, shown):
        assert POLISH in text
        assert "Main spoken language Polish (finding)" in text
    assert "/inbox/languages.csv?state=open" in listed
    assert "languages.csv" not in page(signed_in, "/inbox")


def test_a_language_that_snomed_has_no_code_for_is_said_in_words(db: Database, world: World, signed_in: SignIn) -> None:
    item = tells(db, world.practice, "phr")
    assert "SNOMED CT has no code for it: write it in words." in page(signed_in, f"/inbox/{item}")
    assert "no SNOMED CT code" in page(signed_in, "/inbox")


def test_a_language_named_without_texts_in_it_stands_on_the_item_whatever_is_recorded(
    db: Database, world: World, signed_in: SignIn
) -> None:
    make_patient(db, world.practice, phone="+447700900124", language="en")
    item = write_in(db, world.practice, phone="+447700900124", reason="another-language")
    with db.write() as session:
        message = session.get_one(InboxItem, item).message_id
        reading = session.get_one(ReplyReading, message)
        reading.rule, reading.language = "language-named", "hu"
        session.add(reading)
    text = page(signed_in, f"/inbox/{item}")
    assert "Language they named" in text
    assert "698900008" in text


def test_the_spreadsheet_is_for_the_practice_alone(db: Database, world: World, signed_in: SignIn) -> None:
    tells(db, world.practice, "ur")
    tells(db, world.other, "pl", "+447700900125")
    answer = signed_in(Role.PRACTICE).get("/inbox/languages.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["Language"], row["SNOMED CT"]) for row in rows] == [("Urdu", "315588006")]
    assert signed_in(Role.PARTNER).get("/inbox/languages.csv").status_code == 403


def test_the_command_answers_with_a_line_a_person(db: Database, world: World, settings: Settings) -> None:
    item = tells(db, world.practice, "ckb")
    console = Console()
    console.database, console.settings = db, settings

    def ask(*words: str) -> list[dict[str, Any]]:
        answer = CliRunner().invoke(inbox, ["languages", "--practice", "STATION", *words, "--json"], obj=console)
        assert answer.exit_code == 0, answer.output
        return [json.loads(line) for line in answer.output.splitlines()]

    [line] = ask()
    assert (line["item"], line["language"], line["language_name"]) == (item, "ckb", "Kurdish (Sorani)")
    assert (line["code"], line["term"]) == ("395109004", "Main spoken language Kurdish (finding)")
    finish_item(db, item, None, CONSOLE)
    assert ask() == []
    assert [line["state"] for line in ask("--state", "all")] == ["done"]
