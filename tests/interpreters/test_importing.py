"""An agency's list of interpreters, and the commands about agencies."""

from typing import Any

import pytest
from sqlmodel import select

from bot.audit import CONSOLE
from bot.database import Database
from bot.interpreters.commands import agencies
from bot.interpreters.importing import import_interpreters
from bot.interpreters.listing import list_interpreters
from bot.lists.judging.rows_counted import RowsCounted
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.interpreters import Interpreter
from tests.factories import make_account, make_practice
from tests.interpreters.making import make_agency
from tests.organisations.conftest import Ask
from tests.organisations.conftest import ask as ask

HEADER = "Code,Name,Sex,Phone,Email,Languages,In Person Notice,Telephone Notice,Video Notice,Hours"
DILAN = "KUR-1,Dilan Sample,F,07700 900881,dilan@example.org,Kurdish (Sorani);Arabic,48,0,,mon 08:30-11:00; thu 13-17"
SARA = "KUR-2,Sara Sample,Female,07700 900882,,ckb,0,0,0,mon-fri 9-17"


@pytest.fixture
def agency(db: Database) -> str:
    return make_agency(db, make_practice(db)).code


def load(db: Database, settings: Settings, *rows: str, agency: str = "TONGUES", **more: Any) -> RowsCounted:
    content = "\n".join((HEADER, *rows)).encode()
    return import_interpreters(db, settings, agency, content, CONSOLE, **more)


def counts(result: RowsCounted) -> tuple[int, ...]:
    return (result.rows, result.accepted, result.fixed, result.rejected, result.duplicates, result.stored)


def problems(result: RowsCounted) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.code) for each in result.problems]


def test_a_list_is_stored_and_again_changes_nothing(db: Database, settings: Settings, agency: str) -> None:
    assert counts(load(db, settings, DILAN, SARA)) == (2, 2, 0, 0, 0, 2)
    assert counts(load(db, settings, SARA, DILAN)) == (2, 2, 0, 0, 0, 0)
    with db.read() as session:
        first, second = [line.as_json() for line in list_interpreters(session)]
    assert first == {
        "interpreter": "KUR-1",
        "name": "Dilan Sample",
        "agency": "Many Tongues",
        "sex": "F",
        "languages": ["ar", "ckb"],
        "modes": ["in-person", "telephone"],
        "notice": {"in-person": 48, "telephone": 0},
        "hours": "mon 08:30-11:00; thu 13:00-17:00",
        "hours_this_week": 0.0,
    }
    assert second["modes"] == ["in-person", "telephone", "video"]


def test_what_changed_is_changed_and_what_is_gone_from_a_row_is_gone(
    db: Database, settings: Settings, agency: str
) -> None:
    load(db, settings, DILAN, SARA)
    changed = DILAN.replace("Kurdish (Sorani);Arabic", "ckb").replace("mon 08:30-11:00; ", "")
    assert load(db, settings, changed, SARA).stored == 1
    with db.read() as session:
        first = list_interpreters(session)[0].as_json()
    assert (first["languages"], first["hours"]) == (["ckb"], "thu 13:00-17:00")


def test_a_dry_run_stores_nothing(db: Database, settings: Settings, agency: str) -> None:
    assert counts(load(db, settings, DILAN, dry_run=True)) == (1, 1, 0, 0, 0, 0)
    with db.read() as session:
        assert session.exec(select(Interpreter)).all() == []


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",Dilan,F,,,ckb,0,,,mon 9-12", "Code", "bad-interpreter"),
        ("KUR-1,,F,,,ckb,0,,,mon 9-12", "Name", "bad-interpreter"),
        ("KUR-1,Dilan,F,,,,0,,,mon 9-12", "Languages", "no-language"),
        ("KUR-1,Dilan,F,,,ckb;Klingon,0,,,mon 9-12", "Languages", "unknown-language"),
        ("KUR-1,Dilan,F,,,ckb,,,,mon 9-12", "In Person Notice", "no-mode"),
        ("KUR-1,Dilan,F,,,ckb,0,,,mornings", "Hours", "bad-hours"),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected_with_its_cell(
    db: Database, settings: Settings, agency: str, row: str, column: str, code: str
) -> None:
    result = load(db, settings, row, SARA)
    assert counts(result) == (2, 1, 0, 1, 0, 1)
    assert problems(result) == [(2, column, code)]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("KUR-1,Dilan,?,,,ckb,0,,,mon 9-12", "Sex", "unknown-sex"),
        ("KUR-1,Dilan,F,01632 960100,,ckb,0,,,mon 9-12", "Phone", "phone-not-used"),
        ("KUR-1,Dilan,F,,dilan,ckb,0,,,mon 9-12", "Email", "bad-email"),
        ("KUR-1,Dilan,F,,,ckb,0,soon,,mon 9-12", "Telephone Notice", "bad-notice"),
        ("KUR-1,Dilan,F,,,ckb,0,,,", "Hours", "no-hours"),
    ],
)
def test_a_cell_that_can_be_left_out_is_left_out_and_said(
    db: Database, settings: Settings, agency: str, row: str, column: str, code: str
) -> None:
    result = load(db, settings, row)
    assert counts(result) == (1, 0, 1, 0, 0, 1)
    assert problems(result) == [(2, column, code)]


def test_somebody_named_twice_counts_once(db: Database, settings: Settings, agency: str) -> None:
    result = load(db, settings, DILAN, DILAN, DILAN.replace("48", "24"))
    assert counts(result) == (3, 1, 0, 1, 1, 1)
    assert problems(result) == [(4, "Code", "conflict")]


def test_a_code_and_an_email_are_one_interpreters(db: Database, settings: Settings, agency: str) -> None:
    load(db, settings, DILAN)
    make_agency(db, code="OTHER")
    theirs = DILAN.replace("KUR-1", "KUR-9")
    result = load(db, settings, DILAN, theirs, agency="OTHER")
    assert counts(result) == (2, 0, 1, 1, 0, 1)
    assert problems(result) == [(2, "Code", "code-taken"), (3, "Email", "email-taken")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"Code,Name\nA,B\n", "missing-column"),
        (b'{"resourceType": "Bundle"}', "not-a-list"),
        (b"%PDF-1.7", "not-a-list"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused(
    db: Database, settings: Settings, agency: str, content: bytes, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        import_interpreters(db, settings, agency, content, CONSOLE)
    assert refused.value.code == code


def test_only_an_administrator_imports_and_only_for_an_agency_there_is(db: Database, settings: Settings) -> None:
    practice = make_practice(db)
    make_agency(db, practice)
    content = f"{HEADER}\n{DILAN}".encode()
    with pytest.raises(Refused, match="administrator"):
        import_interpreters(db, settings, "TONGUES", content, actor_of(make_account(db, Role.LEAD, practice=practice)))
    with pytest.raises(Refused, match="There is no agency NONE"):
        import_interpreters(db, settings, "NONE", content, CONSOLE)
    assert import_interpreters(db, settings, "TONGUES", content, actor_of(make_account(db, Role.ADMIN))).stored == 1


def test_an_agency_is_added_once_and_linked_to_each_practice(ask: Ask, db: Database) -> None:
    make_practice(db)
    make_practice(db, "HILL")
    assert ask(agencies, "add", "TONGUES", "--name", "Many Tongues", "--practice", "STATION") == [{"code": "TONGUES"}]
    ask(agencies, "add", "TONGUES", "--practice", "HILL", "--phone", "01632 960300")
    ask(agencies, "add", "TONGUES", "--practice", "HILL")
    assert ask(agencies, "list") == [
        {"code": "TONGUES", "name": "Many Tongues", "phone": "+441632960300", "practices": ["HILL", "STATION"]}
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("TONGUES", "--practice", "STATION"), "agency-incomplete"),
        (("STATION", "--name", "Many Tongues", "--practice", "STATION"), "code-taken"),
        (("TONGUES", "--name", "Many Tongues", "--practice", "NONE"), "unknown-practice"),
        (("TONGUES", "--name", "Many Tongues", "--practice", "STATION", "--phone", "x"), "bad-phone"),
    ],
)
def test_an_agency_that_cannot_be_is_refused(ask: Ask, db: Database, words: tuple[str, ...], code: str) -> None:
    make_practice(db)
    with pytest.raises(Refused) as refused:
        ask(agencies, "add", *words)
    assert refused.value.code == code
