"""`patients opt-out`, `died`, `phone` and `language`: each answers that person's line of `patients list`."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlmodel import select

from bot.audit import AuditEntry
from bot.console import Console
from bot.database import Database
from bot.lists.commands import patients
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from bot.tables.patients import PhoneStatus
from tests.factories import make_account, make_patient, make_practice
from tests.lists.test_commands import Run

NHS = "9990000077"
COMMANDS: dict[str, tuple[str, ...]] = {
    "opt-out": ("--scope", "all"),
    "died": (),
    "phone": ("--own",),
    "language": ("so",),
}
every_command = pytest.mark.parametrize("command", COMMANDS)


@pytest.fixture
def run(db: Database, settings: Settings) -> Run:
    return Run(db, settings)


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_patient(db, practice, nhs_number=NHS, phone="+447700900123", phone_status=PhoneStatus.UNSAFE)
    return practice


def line_of(run: Run) -> dict[str, Any]:
    lines = run(patients, "list", "--practice", "STATION", "--json").splitlines()
    [line] = [line for line in map(json.loads, lines) if line["nhs_number"] == NHS]
    return line


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        (("opt-out", NHS, "--scope", "outreach"), {"opted_out": "outreach"}),
        (("opt-out", NHS, "--scope", "all"), {"opted_out": "all"}),
        (("died", NHS), {"deceased": True}),
        (("died", NHS, "--on", "2026-11-01"), {"deceased": True}),
        (("phone", NHS, "--own"), {"phone_status": "confirmed"}),
        (("phone", NHS, "--not-own"), {"phone_status": "unsafe"}),
        (("phone", NHS, "--wrong"), {"phone_status": "failed"}),
        (("language", NHS, "pa-Guru"), {"language": "pa-Guru"}),
    ],
)
def test_each_answers_that_persons_line(
    run: Run, practice: Practice, words: tuple[str, ...], changed: dict[str, Any]
) -> None:
    before = line_of(run)
    answer = run.json(patients, *words, "--practice", "STATION")
    assert answer == before | changed
    assert answer == line_of(run)
    assert run.json(patients, *words, "--practice", "STATION") == answer


@every_command
def test_without_json_it_is_a_line_people_read(run: Run, practice: Practice, command: str) -> None:
    said = run(patients, command, NHS, *COMMANDS[command], "--practice", "STATION")
    assert [line.split()[0] for line in said.splitlines()] == ["nhs_number", NHS]


@every_command
def test_the_trail_names_who_acted_and_holds_nobody(run: Run, db: Database, practice: Practice, command: str) -> None:
    lead = make_account(db, Role.LEAD, practice=practice)
    run(patients, command, NHS, *COMMANDS[command], "--practice", "STATION", "--as", lead.email)
    with db.read() as session:
        [entry] = session.exec(select(AuditEntry)).all()
    assert (entry.actor, entry.practice_id) == (f"lead:{lead.id}", practice.id)
    assert not any(word in f"{entry.subject} {entry.detail}" for word in (NHS, "7700", "Example"))


@every_command
@pytest.mark.parametrize(
    ("number", "code", "refused"),
    [
        ("9990000212", "STATION", "unknown-person"),
        ("9990000078", "STATION", "unknown-person"),
        (NHS, "BRIDGE", "unknown-person"),
        (NHS, "NOWHERE", "unknown-practice"),
    ],
)
def test_unknown_people_and_practices_are_refused(
    run: Run, db: Database, practice: Practice, command: str, number: str, code: str, refused: str
) -> None:
    make_practice(db, "BRIDGE")
    with pytest.raises(Refused) as error:
        run(patients, command, number, *COMMANDS[command], "--practice", code)
    assert error.value.code == refused


@every_command
def test_who_works_elsewhere_is_refused(run: Run, db: Database, practice: Practice, command: str) -> None:
    outsider = make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE"))
    with pytest.raises(Refused) as error:
        run(patients, command, NHS, *COMMANDS[command], "--practice", "STATION", "--as", outsider.email)
    assert error.value.code == "not-allowed"


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (("died", NHS, "--on", "yesterday"), "bad-date"),
        (("died", NHS, "--on", "2026-02-30"), "bad-date"),
        (("died", NHS, "--on", ""), "bad-date"),
        (("died", NHS, "--on", "2026-11-25"), "future-date"),
        (("died", NHS, "--on", "1959-01-01"), "before-birth"),
        (("language", NHS, "xx"), "unknown-language"),
    ],
)
def test_a_day_or_a_language_that_is_none_is_refused(
    run: Run, practice: Practice, words: tuple[str, ...], refused: str
) -> None:
    before = line_of(run)
    with pytest.raises(Refused) as error:
        run(patients, *words, "--practice", "STATION")
    assert error.value.code == refused
    assert line_of(run) == before


@pytest.mark.parametrize(
    "words",
    [
        ("phone", NHS),
        ("phone", NHS, "--own", "--wrong"),
        ("phone", NHS, "--own", "--not-own", "--wrong"),
        ("opt-out", NHS),
        ("opt-out", NHS, "--scope", "everything"),
        ("language", NHS),
        ("died",),
        ("died", NHS, "--mistake", "--on", "2026-11-01"),
    ],
)
def test_too_little_or_too_much_is_wrong_usage(
    db: Database, settings: Settings, practice: Practice, words: tuple[str, ...]
) -> None:
    console = Console()
    vars(console).update(database=db, settings=settings)
    answer = CliRunner().invoke(patients, [*words, "--practice", "STATION"], obj=console)
    assert answer.exit_code == 2


def test_a_death_by_mistake_is_taken_back(run: Run, practice: Practice) -> None:
    before = line_of(run)
    run(patients, "died", NHS, "--practice", "STATION")
    assert run.json(patients, "died", NHS, "--practice", "STATION", "--mistake") == before
