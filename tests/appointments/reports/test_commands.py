"""`visits import` as programs call it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.appointments.reports.commands import visits as visits_group
from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.organisations import Practice
from tests.appointments.reports.files import report, row, visits
from tests.factories import make_patient, make_practice


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def console(db: Database, settings: Settings) -> Console:
    console = Console()
    console.__dict__.update(database=db, settings=settings)
    return console


def run(console: Console, *words: str) -> Any:
    return CliRunner().invoke(visits_group, ["import", *words], obj=console, catch_exceptions=False)


def test_the_answer_has_the_words_of_an_import_of_people(
    console: Console, db: Database, practice: Practice, tmp_path: Path
) -> None:
    alice = make_patient(db, practice)
    file = tmp_path / "report.csv"
    file.write_bytes(report(row(alice.nhs_number, "A1"), row(alice.nhs_number, "A2", Date="")))
    dry = json.loads(run(console, str(file), "--practice", "STATION", "--dry-run", "--json").output)
    assert (dry["report"], dry["new"], dry["stored"], visits(db)) == (None, 1, 0, [])
    answer = json.loads(run(console, str(file), "--practice", "STATION", "--confirmation", "--json").output)
    assert answer.pop("report") is not None
    assert answer == {
        "rows": 2,
        "accepted": 1,
        "fixed": 0,
        "rejected": 1,
        "duplicates": 0,
        "stored": 1,
        "new": 1,
        "moved": 0,
        "changed": 0,
        "unchanged": 0,
        "missing": 0,
        "to_staff": 0,
        "overlapping": 0,
        "told": 1,
        "problems": [
            {
                "row": 3,
                "column": "Date",
                "code": "date-missing",
                "message": "There is no day, so we cannot know when this is.",
            }
        ],
        "notes": [],
    }


def test_people_are_told_only_with_confirmation(
    console: Console, db: Database, practice: Practice, tmp_path: Path
) -> None:
    file = tmp_path / "report.csv"
    file.write_bytes(report(row(make_patient(db, practice).nhs_number, "A1")))
    said = run(console, str(file), "--practice", "STATION").output
    assert "Visits: 1 new, 0 moved" in said
    assert "0 texts are queued." in said


def test_an_unknown_practice_is_refused(console: Console, practice: Practice, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_bytes(report())
    with pytest.raises(Refused, match="There is no practice NOWHERE"):
        run(console, str(file), "--practice", "NOWHERE")
