import csv
import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from bot.console import Console
from bot.database import Database
from bot.demo import demo
from bot.lists.commands import patients
from bot.organisations.commands import practices
from bot.refusals import Refused
from bot.settings import Settings
from tests.factories import make_practice
from tests.lists.lists import cells, plain_list


class Run:
    """Runs a command against the test's own database."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.console = Console()
        vars(self.console).update(database=db, settings=settings)

    def __call__(self, group: click.Group, *arguments: str) -> str:
        answer = CliRunner().invoke(group, arguments, obj=self.console, catch_exceptions=False)
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    def json(self, group: click.Group, *arguments: str) -> Any:
        return json.loads(self(group, *arguments, "--json"))


@pytest.fixture
def run(db: Database, settings: Settings) -> Run:
    return Run(db, settings)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(plain_list(cells(), cells(NHS_Number="1", Surname="=cmd()"), cells(Date_of_Birth="13/25/1990")))
    return path


def test_a_practice_is_added_once_and_changed_after_that(run: Run) -> None:
    for name in ("Station", "Station Practice"):
        assert run.json(practices, "add", "STATION", "--name", name, "--phone", "01632 960100") == {"code": "STATION"}


def test_a_phone_that_is_none_is_refused(run: Run) -> None:
    with pytest.raises(Refused, match="not a phone number"):
        run(practices, "add", "STATION", "--name", "Station", "--phone", "ask")


def test_import_answers_with_counts_and_every_problem(run: Run, db: Database, file: Path) -> None:
    make_practice(db)
    answer = run.json(patients, "import", str(file), "--practice", "STATION")
    assert {name: answer[name] for name in ("rows", "accepted", "fixed", "rejected", "duplicates", "stored")} == {
        "rows": 3,
        "accepted": 1,
        "fixed": 0,
        "rejected": 2,
        "duplicates": 0,
        "stored": 1,
    }
    assert answer["problems"][1] == {
        "row": 4,
        "column": "Date of Birth",
        "code": "not-a-date",
        "message": "13/25/1990 is not a date. Day first, please: 25/12/1990.",
    }


def test_without_json_it_speaks_to_people(run: Run, db: Database, file: Path) -> None:
    make_practice(db)
    stated = run(patients, "import", str(file), "--practice", "STATION", "--dry-run")
    assert "3 rows: 1 accepted, 0 fixed, 2 rejected, 0 duplicates. Nothing was stored" in stated
    assert "Row 4, Date of Birth: 13/25/1990 is not a date. Day first, please: 25/12/1990." in stated


def test_rejects_are_written_so_that_no_spreadsheet_runs_them(
    run: Run, db: Database, file: Path, tmp_path: Path
) -> None:
    make_practice(db)
    target = tmp_path / "rejects.csv"
    run(patients, "import", str(file), "--practice", "STATION", "--rejects", str(target))
    rows = list(csv.DictReader(target.open(encoding="utf-8-sig", newline="")))
    assert [row["Row"] for row in rows] == ["3", "4"]
    assert rows[0]["Surname"] == "'=cmd()"
    assert "10 digits" in rows[0]["Reasons"]


def test_rejects_once_corrected_are_a_list_again(run: Run, db: Database, file: Path, tmp_path: Path) -> None:
    make_practice(db)
    target = tmp_path / "rejects.csv"
    run(patients, "import", str(file), "--practice", "STATION", "--rejects", str(target))
    target.write_text(target.read_text("utf-8-sig").replace("13/25/1990", "12/05/1960"))
    answer = run.json(patients, "import", str(target), "--practice", "STATION")
    assert (answer["rows"], answer["rejected"]) == (2, 1)


def test_patients_are_listed_one_json_object_a_line(run: Run, db: Database, file: Path) -> None:
    make_practice(db)
    run(patients, "import", str(file), "--practice", "STATION")
    lines = run(patients, "list", "--practice", "STATION", "--json").splitlines()
    assert [json.loads(line)["nhs_number"] for line in lines] == ["9990000077"]


def test_the_demo_loads_with_accounts_to_sign_in_as(run: Run) -> None:
    answer = run.json(demo, "load", "--patients", "60")
    assert answer["patients"] == 60
    assert set(answer["accounts"][0]) == {"email", "role", "password"}
