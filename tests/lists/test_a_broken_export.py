"""An export as practices really have it: title rows, Windows letters, mangled numbers, a count at its end."""

import csv
import io
from datetime import date

import pytest
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.database import Database
from bot.lists.conflicts import open_conflicts
from bot.lists.importing import import_list
from bot.lists.judging.judging import ImportResult
from bot.lists.reading.tables_of_files import read_table
from bot.lists.rejects import write_rejects
from bot.settings import Settings
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PhoneStatus
from tests.factories import make_practice, nhs_number
from tests.lists.files import workbook
from tests.lists.lists import COLUMNS, cells, plain_list

TITLES = "Report: Respiratory register\r\nRun: 23/11/2026 09:14\r\n"
FIRST = 4  # the line of the first person


def person(index: int, **changes: str) -> list[str]:
    values = {"NHS_Number": nhs_number(index), "Mobile_Telephone": f"07700 9{index:05d}", "Surname": f"Person{index}"}
    return cells(**(values | changes))


ODD = [
    person(0, NHS_Number="999 000 0078"),
    person(1, NHS_Number="9991234567", Surname="=HYPERLINK(1)"),
    person(2, NHS_Number="9990000079"),
    person(3, Date_of_Birth="13/25/1990"),
    person(4, Date_of_Birth=""),
    person(5, Mobile_Telephone="4.477E+11"),
    person(6, Mobile_Telephone="4.477E+11"),
    person(7, Mobile_Telephone="01632 960001"),
    person(8, Given_Name="?ukasz"),
    person(9, Date_of_Birth="03/04/1985", Main_Language=""),
    person(10, Surname="O’Brien"),
    person(11, Surname="Two\nlines"),
    person(12, Surname="=1+1"),
]
USUAL = [person(index) for index in range(13, 210)]
REPEATED = [
    person(20, Problem_Codes="13645005"),
    person(21),
    person(22, Mobile_Telephone="07700 900999"),
    person(23, Date_of_Birth="01/01/1950"),
]
ROWS = [*ODD, *USUAL, *REPEATED]


def export(encoding: str) -> bytes:
    return (TITLES + plain_list(*ROWS).decode() + "214 patients\r\n").encode(encoding)


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


def store(db: Database, settings: Settings, content: bytes) -> ImportResult:
    return import_list(db, settings, "STATION", content, selected_for=None, dry_run=False, actor=CONSOLE)


def find(db: Database, index: int) -> Patient | None:
    with db.read() as session:
        return session.exec(select(Patient).where(Patient.nhs_number == nhs_number(index))).first()


@pytest.mark.parametrize(
    "content",
    [export("cp1252"), export("utf-16"), export("utf-8-sig"), workbook([TITLES], [], COLUMNS, *ROWS, ["214 patients"])],
    ids=["cp1252", "utf-16", "utf-8-sig", "xlsx"],
)
def test_every_row_is_counted_once(db: Database, settings: Settings, practice: Practice, content: bytes) -> None:
    result = store(db, settings, content)
    formula_lost = content.startswith(b"PK")  # a workbook keeps what a formula shows, which here is nothing
    assert (result.rows, result.rejected, result.fixed, result.duplicates) == (214, 7, 4, 3)
    assert result.accepted == 200
    assert result.conflicts == 2
    surnames = [found.surname for index in (10, 11, 12) if (found := find(db, index))]
    assert surnames == ["O’Brien", "Two\nlines", "" if formula_lost else "=1+1"]


def test_dates_are_day_first_and_unusable_numbers_are_set_aside(
    db: Database, settings: Settings, practice: Practice
) -> None:
    store(db, settings, export("cp1252"))
    read_day_first, rounded, landline = find(db, 9), find(db, 5), find(db, 7)
    assert read_day_first is not None and rounded is not None and landline is not None  # noqa: PT018
    assert (read_day_first.born, read_day_first.language) == (date(1985, 4, 3), None)
    assert (rounded.phone, rounded.phone_status) == (None, PhoneStatus.UNREADABLE)
    assert (landline.phone, landline.phone_status) == (None, PhoneStatus.NOT_MOBILE)


def test_every_reject_says_where_and_why(db: Database, settings: Settings, practice: Practice) -> None:
    result = store(db, settings, export("cp1252"))
    rejected = [problem for problem in result.problems if problem.row in result.rejected_rows]
    assert [(p.row, p.column) for p in rejected] == [
        *((FIRST + index, "NHS Number") for index in range(3)),
        *((FIRST + index, "Date of Birth") for index in (3, 4, 23, len(ROWS) - 1)),
    ]
    assert rejected[3].message == "13/25/1990 is not a date. Day first, please: 25/12/1990."
    assert all(problem.message for problem in rejected)


def test_the_file_of_rejects_runs_no_formula_and_can_be_read_again(
    db: Database, settings: Settings, practice: Practice
) -> None:
    content = export("cp1252")
    result, target = store(db, settings, content), io.StringIO()
    write_rejects(read_table(content), result, target)
    rows = list(csv.reader(io.StringIO(target.getvalue())))
    assert rows[2][2] == "'=HYPERLINK(1)"
    assert [row[0] for row in rows[1:]] == ["4", "5", "6", "7", "8", "27", "217"]
    assert store(db, settings, target.getvalue().encode()).rejected == 7


def test_what_two_rows_disagree_on_waits_for_a_person(db: Database, settings: Settings, practice: Practice) -> None:
    store(db, settings, export("cp1252"))
    with db.read() as session:
        found = {conflict.nhs_number: conflict.fields for conflict in open_conflicts(session, practice.id or 0)}
    assert found == {nhs_number(22): ["Mobile Telephone"], nhs_number(23): ["Date of Birth"]}
    undecided = find(db, 22)
    assert undecided is not None
    assert (undecided.phone, find(db, 23)) == (None, None)


def test_nobody_is_texted_by_a_list_and_the_same_again_changes_nothing(
    db: Database, settings: Settings, practice: Practice
) -> None:
    assert store(db, settings, export("cp1252")).stored == 204
    assert store(db, settings, export("utf-16")).stored == 0
    with db.read() as session:
        assert session.exec(select(col(Message.id))).all() == []
