"""What a list says of cervical screening: read as it is written, in any of its words, and stored once."""

import io
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.lists.conflicts import open_conflicts, settle_conflict
from bot.lists.judging.grouping import ListedPerson, RowVersion, listed_from_text, person_from_json, person_to_json
from bot.lists.judging.row_reading import PersonIn
from bot.lists.judging.screening_words import DUE_WITHIN, read_status, status_on
from bot.lists.reading.columns import PLAIN_LIST, SCREENING, Field, field_of
from bot.lists.reading.tables_of_files import read_table
from bot.lists.rejects import write_rejects
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.lists import ListConflict
from bot.tables.organisations import Practice
from bot.tables.patients import CervicalScreening, Patient, ScreeningStatus
from tests.applications import application, browser_of, form_token
from tests.factories import make_account, make_practice, nhs_number
from tests.lists.files import patient as fhir_patient
from tests.lists.files import workbook
from tests.lists.importer import Importer
from tests.lists.lists import with_columns

NUMBERS = {"NHS Number": "9990000077", "DOB": "12/05/1990"}
TODAY = date(2026, 11, 24)
"""The Tuesday on which tests run."""


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def importer(db: Database, settings: Settings, practice: Practice) -> Importer:
    return Importer(db, settings, practice)


def rows_of(db: Database) -> list[CervicalScreening]:
    with db.read() as session:
        return list(session.exec(select(CervicalScreening).order_by(col(CervicalScreening.patient_id))))


def stored(db: Database) -> dict[str, Any]:
    """The one row there is, or nothing."""
    rows = rows_of(db)
    assert len(rows) < 2
    return {name: getattr(row, name) for row in rows for name in ("status", "deferred_until", "declined_on")}


def one(**cells: str) -> bytes:
    """A list of one person with these columns beside the number and date of birth."""
    return with_columns(NUMBERS | {name.replace("_", " "): cell for name, cell in cells.items()})


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *[("Cervical Screening", Field.CERVICAL), ("CERVICAL_SCREENING", Field.CERVICAL)],
        *[(name, Field.CERVICAL) for name in ("Cervical due", "smear due", "Next test due date", "Recall Status")],
        *[(name, Field.CERVICAL) for name in ("CSMS status", "next_test_due_date", "Cervical Screening Due Date")],
        *[("Deferred Until", Field.DEFERRED_UNTIL), ("deferred_to", Field.DEFERRED_UNTIL)],
        *[("Cervical Declined", Field.CERVICAL_DECLINED), ("Cervical Screening Declined", Field.CERVICAL_DECLINED)],
        *[(name, None) for name in ("Cervical smear", "Last smear", "Smear date", "Smear result", "Declined")],
    ],
)
def test_columns_have_other_names_and_the_last_test_is_none_of_them(heading: str, field: Field | None) -> None:
    assert field_of(heading) is field


def test_the_columns_are_no_part_of_the_plain_list() -> None:
    assert not set(SCREENING) & set(PLAIN_LIST)


@pytest.mark.parametrize(
    ("written", "status"),
    [
        *[(word, "due") for word in ("Due", " due ", "DUE NOW", "Smear due", "test-due")],
        *[(word, "overdue") for word in ("Overdue", "OVER DUE", "over-due", "Past due", "Overdue by 3 months")],
        *[(word, "not-due") for word in ("Not due", "NOT-DUE", "not_due", "NotDue", "Up to date", "up-to-date", "No")],
        *[(word, "ceased") for word in ("Ceased", "CEASED", "Ceased - no cervix", "ceased (informed choice)")],
        *[(word, "deferred") for word in ("Deferred", "deferred: pregnant", "Postponed", "Suspended")],
        *[(word, None) for word in ("", "-", "n/a", "Not recorded", "Unknown", "Routine recall", "Call")],
    ],
)
def test_words_are_read_in_any_case_and_spacing(
    db: Database, importer: Importer, written: str, status: str | None
) -> None:
    result = importer(one(Cervical_Screening=written))
    assert (result.accepted, result.problems) == (1, [])
    assert importer.people()[0]["cervical_screening"] == status
    assert stored(db).get("status") == status


@pytest.mark.parametrize(
    "written",
    [
        *["banana", "Overdue, now declined", "Overdue 01/02/2029", "Under colposcopy", "not ceased"],
        *["due in 3 months", "?!x", "2", "Yes"],
    ],
)
def test_a_word_that_is_not_known_is_set_aside_and_said_on_its_cell(importer: Importer, written: str) -> None:
    result = importer(one(CSMS_Status=written))
    assert (result.accepted, result.fixed) == (0, 1)
    assert [(p.column, p.code) for p in result.problems] == [("CSMS Status", "screening-unknown")]
    assert importer.people()[0]["cervical_screening"] is None


@pytest.mark.parametrize(("heading", "status"), [("Smear due", "due"), ("Cervical due", "due"), ("CSMS status", None)])
def test_yes_says_due_where_the_heading_asks_whether_a_test_is_due(
    importer: Importer, heading: str, status: str | None
) -> None:
    importer(with_columns(NUMBERS | {heading: "Yes"}))
    assert importer.people()[0]["cervical_screening"] == status


@pytest.mark.parametrize(
    ("written", "status"),
    [
        *[("24/11/2026", "overdue"), ("23/11/2026", "overdue"), ("01/02/2019", "overdue"), ("25/11/2026", "due")],
        *[("05/01/2027", "due"), ("06/01/2027", "not-due"), ("2029-03-01", "not-due"), ("5-Jan-2027", "due")],
        *[("03/12/2026", "due"), ("12/03/2027", "not-due"), ("2026-11-24 09:30", "overdue")],
    ],
)
def test_a_date_alone_is_the_day_on_which_the_test_is_due(importer: Importer, written: str, status: str) -> None:
    result = importer(one(Next_test_due_date=written))
    assert (result.accepted, result.problems) == (1, [])
    assert importer.people()[0]["cervical_screening"] == status


@pytest.mark.parametrize(
    ("written", "status", "code"),
    [("46350", "overdue", "spreadsheet-day"), ("46500", "not-due", "spreadsheet-day"), ("1/3/29", "not-due", None)],
)
def test_day_numbers_and_years_of_two_digits_are_read_and_said(
    importer: Importer, written: str, status: str, code: str | None
) -> None:
    result = importer(one(Next_test_due=written))
    assert [p.code for p in result.problems] == [code or "two-digit-year"]
    assert importer.people()[0]["cervical_screening"] == status


@given(st.integers(-4000, 4000))
def test_within_42_days_is_due(days: int) -> None:
    due = TODAY + timedelta(days=days)
    expected = "overdue" if days <= 0 else "due" if days <= 42 else "not-due"
    assert status_on(due, TODAY) == expected
    assert read_status(due.strftime("%d/%m/%Y"), TODAY).status == expected
    assert DUE_WITHIN.days == 42


@pytest.mark.parametrize(
    ("written", "status"),
    [
        *[("Due 12/03/2026", "overdue"), ("Next test due: 1 December 2026", "due"), ("due 01/02/2029", "not-due")],
        *[("Overdue since 12.3.2024", "overdue"), ("Not due until 12/03/2028", "not-due")],
        *[("Ceased 01/02/2020", "ceased"), ("Deferred until 01/03/2027", "deferred")],
        *[("Deferred until 24/11/2026", "not-due"), ("Deferred (until 25/11/2026)", "deferred")],
    ],
)
def test_a_word_may_stand_with_its_date(importer: Importer, written: str, status: str) -> None:
    result = importer(one(Cervical_Screening=written))
    assert result.problems == []
    assert importer.people()[0]["cervical_screening"] == status


def test_a_deferral_that_names_its_day_fills_the_column_for_it(db: Database, importer: Importer) -> None:
    importer(one(Cervical_Screening="Deferred until 1 March 2027", Deferred_Until=""))
    assert stored(db) == {"status": "deferred", "deferred_until": date(2027, 3, 1), "declined_on": None}
    importer(one(Cervical_Screening="Deferred until 1 March 2027", Deferred_Until="01/06/2027"))
    assert stored(db)["deferred_until"] == date(2027, 6, 1)


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ({"Deferred_Until": "01/03/2027"}, {"deferred_until": date(2027, 3, 1)}),
        ({"Deferred_Until": "1/3/27"}, {"deferred_until": date(2027, 3, 1)}),
        ({"Deferred_Until": "46500"}, {"deferred_until": date(2027, 4, 23)}),
        ({"Cervical_Declined": "1/3/26"}, {"declined_on": date(2026, 3, 1)}),
        ({"Cervical_Declined": "24/11/2026"}, {"declined_on": date(2026, 11, 24)}),
        *[({"Deferred_Until": word, "Cervical_Declined": word}, {}) for word in ("", "-", "No", "N", "not recorded")],
    ],
)
def test_days_are_read_as_lists_read_days(db: Database, importer: Importer, cells: dict[str, str], kept: Any) -> None:
    importer(one(Cervical_Screening="due", **cells))
    assert stored(db) == {"status": "due", "deferred_until": None, "declined_on": None} | kept


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"Deferred_Until": "soon"}, "Deferred Until", "deferred-until-unreadable"),
        ({"Deferred_Until": "Yes"}, "Deferred Until", "deferred-until-unreadable"),
        ({"Deferred_Until": "31/02/2027"}, "Deferred Until", "deferred-until-unreadable"),
        ({"Cervical_Declined": "Yes"}, "Cervical Declined", "cervical-declined-unreadable"),
        ({"Cervical_Declined": "25/11/2026"}, "Cervical Declined", "cervical-declined-unreadable"),
    ],
)
@pytest.mark.parametrize(("written", "status"), [("Due", None), ("Overdue", None), ("Ceased", "ceased")])
def test_nobody_is_due_of_whom_a_deferral_or_decline_cannot_be_read(
    db: Database, importer: Importer, cells: dict[str, str], column: str, code: str, written: str, status: str | None
) -> None:
    result = importer(one(Cervical_Screening=written, **cells))
    assert (result.fixed, [(p.column, p.code) for p in result.problems]) == (1, [(column, code)])
    assert ("not taken to be due" in result.problems[0].message) is (status is None)
    assert stored(db).get("status") == status


@pytest.mark.parametrize(
    ("first", "second", "status", "codes"),
    [
        ("Due", "01/03/2026", "overdue", []),
        ("Routine", "01/03/2030", "not-due", []),
        ("Routine", "01/03/2026", "overdue", []),
        ("", "Overdue", "overdue", []),
        ("Ceased", "01/03/2026", "ceased", ["screening-several"]),
        ("Due", "Deferred", "deferred", ["screening-several"]),
        ("Overdue", "Not due", "not-due", ["screening-several"]),
        ("Under treatment", "01/03/2026", None, ["screening-unknown", "screening-several"]),
        ("Under treatment", "Ceased", "ceased", ["screening-unknown", "screening-several"]),
    ],
)
def test_of_two_columns_the_more_careful_one_counts(
    importer: Importer, first: str, second: str, status: str | None, codes: list[str]
) -> None:
    result = importer(one(Recall_status=first, Next_test_due_date=second))
    assert [p.code for p in result.problems] == codes
    assert importer.people()[0]["cervical_screening"] == status


def test_of_two_days_the_latest_counts_and_is_said(db: Database, importer: Importer) -> None:
    result = importer(one(Deferred_Until="01/03/2027", Deferred_to="01/06/2027"))
    assert [p.code for p in result.problems] == ["deferred-until-several"]
    assert stored(db)["deferred_until"] == date(2027, 6, 1)


def test_a_workbook_says_the_same_with_real_dates(db: Database, importer: Importer) -> None:
    header = ["NHS Number", "DOB", "Next Test Due Date", "Deferred Until", "Cervical Declined"]
    born = date(1990, 5, 12)
    numbers = [nhs_number(index) for index in range(3)]
    result = importer(
        workbook(
            header,
            [numbers[0], born, date(2026, 11, 20), None, date(2026, 2, 3)],
            [numbers[1], born, "Deferred", date(2027, 3, 1), None],
            [numbers[2], born, None, None, None],
        )
    )
    assert (result.accepted, result.stored, result.problems) == (3, 3, [])
    assert [(row.status, row.deferred_until, row.declined_on) for row in rows_of(db)] == [
        ("overdue", None, date(2026, 2, 3)),
        ("deferred", date(2027, 3, 1), None),
    ]


def test_the_same_list_again_stores_nothing_and_notes_when_it_was_said(db: Database, importer: Importer) -> None:
    content = one(Cervical_Screening="due", Deferred_Until="", Cervical_Declined="")
    assert importer(content).stored == 1
    before = rows_of(db)[0].listed_at
    with time_machine.travel(utc_now() + timedelta(days=30)):
        assert importer(content).stored == 0
    assert rows_of(db)[0].listed_at >= before + timedelta(days=30)


def test_a_list_that_says_something_else_changes_one_person(importer: Importer) -> None:
    importer(one(Cervical_Screening="due"))
    assert importer(one(Cervical_Screening="ceased")).stored == 1
    assert importer.people()[0]["cervical_screening"] == "ceased"


def test_a_list_without_the_columns_leaves_what_is_stored(db: Database, importer: Importer) -> None:
    importer(one(Cervical_Screening="due", Deferred_Until="01/03/2027", Cervical_Declined="01/03/2025"))
    before = rows_of(db)
    with time_machine.travel(utc_now() + timedelta(days=30)):
        assert importer(with_columns(NUMBERS | {"Surname": "Other"})).stored == 1
    assert rows_of(db) == before


def test_each_column_speaks_for_itself(db: Database, importer: Importer) -> None:
    importer(one(Cervical_Screening="due", Deferred_Until="01/03/2027", Cervical_Declined="01/03/2025"))
    before = rows_of(db)[0].listed_at
    with time_machine.travel(utc_now() + timedelta(days=30)):
        assert importer(one(Deferred_Until="")).stored == 1
    assert stored(db) == {"status": "due", "deferred_until": None, "declined_on": date(2025, 3, 1)}
    assert rows_of(db)[0].listed_at == before, "only the status says anew whether a test is due"


def test_a_blank_cell_takes_the_status_away(db: Database, importer: Importer) -> None:
    importer(one(Cervical_Screening="due"))
    assert importer(one(Cervical_Screening="")).stored == 1
    assert stored(db) == {"status": None, "deferred_until": None, "declined_on": None}
    assert importer.people()[0]["cervical_screening"] is None


def test_nothing_is_kept_of_those_of_whom_nothing_was_said(db: Database, importer: Importer) -> None:
    assert importer(one(Cervical_Screening="", Deferred_Until="")).stored == 1
    assert rows_of(db) == []


def test_fhir_says_nothing_of_it(db: Database, importer: Importer) -> None:
    importer(one(Cervical_Screening="due"))
    before = rows_of(db)
    importer(json.dumps([fhir_patient(born="1990-05-12")]).encode())
    assert rows_of(db) == before


def test_a_long_list_takes_a_statement_for_many(db: Database, importer: Importer) -> None:
    people = [
        {"NHS Number": nhs_number(index), "DOB": "12/05/1990", "Cervical Screening": "due" if index % 2 else ""}
        for index in range(1200)
    ]
    importer(with_columns(*people))
    assert len(rows_of(db)) == 600
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if "cervical_screening" in statement:
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    changed = [row | {"Cervical Screening": "overdue"} for row in people]
    assert importer(with_columns(*changed)).stored == 1200
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(said) <= 2 * 3
    assert {row.status for row in rows_of(db)} == {"overdue"}


def two_rows(**second: str) -> bytes:
    first = NUMBERS | {"Cervical Screening": "due", "Deferred Until": "", "Cervical Declined": ""}
    return with_columns(first, first | {name.replace("_", " "): cell for name, cell in second.items()})


def conflict_in(db: Database, practice: Practice) -> ListConflict:
    with db.read() as session:
        return open_conflicts(session, practice.id or 0)[0]


@pytest.mark.parametrize(
    ("second", "field"),
    [
        ({"Cervical_Screening": "ceased"}, "Cervical Screening"),
        ({"Cervical_Screening": "overdue"}, "Cervical Screening"),
    ],
)
def test_rows_that_disagree_wait_for_a_person(
    db: Database, settings: Settings, practice: Practice, importer: Importer, second: dict[str, str], field: str
) -> None:
    result = importer(two_rows(**second))
    assert (result.conflicts, result.duplicates) == (1, 1)
    assert stored(db) == {}
    conflict = conflict_in(db, practice)
    assert conflict.fields == [field]
    settle_conflict(db, settings, conflict.id or 0, 1, CONSOLE)
    assert stored(db)["status"] == second["Cervical_Screening"]
    again = importer(two_rows(**second))
    assert (again.conflicts, again.stored) == (1, 0), "what was settled is not asked again"
    with db.read() as session:
        assert open_conflicts(session, practice.id or 0) == []


def test_rows_that_disagree_on_a_day_wait_for_a_person(
    db: Database, settings: Settings, practice: Practice, importer: Importer
) -> None:
    first = NUMBERS | {"Cervical Screening": "deferred", "Deferred Until": "01/03/2027"}
    importer(with_columns(first, first | {"Deferred Until": "01/06/2027"}))
    assert stored(db) == {"status": "deferred", "deferred_until": None, "declined_on": None}
    conflict = conflict_in(db, practice)
    assert conflict.fields == ["Deferred Until"]
    settle_conflict(db, settings, conflict.id or 0, 1, CONSOLE)
    assert stored(db)["deferred_until"] == date(2027, 6, 1)


def test_what_the_first_row_left_blank_is_filled_in(db: Database, importer: Importer) -> None:
    assert importer(two_rows(Cervical_Screening="", Cervical_Declined="01/03/2025")).conflicts == 0
    assert stored(db) == {"status": "due", "deferred_until": None, "declined_on": date(2025, 3, 1)}


def test_a_later_list_that_says_one_thing_settles_it(db: Database, practice: Practice, importer: Importer) -> None:
    importer(two_rows(Cervical_Screening="ceased"))
    importer(with_columns(NUMBERS | {"Surname": "Example"}))
    assert conflict_in(db, practice).fields == ["Cervical Screening"], "that list said nothing of it"
    importer(one(Cervical_Screening="ceased"))
    with db.read() as session:
        assert open_conflicts(session, practice.id or 0) == []
    assert stored(db)["status"] == "ceased"


def test_the_page_shows_both_side_by_side(
    db: Database, settings: Settings, practice: Practice, importer: Importer
) -> None:
    importer(two_rows(Cervical_Screening="Not due", Deferred_Until="01/03/2027"))
    client = browser_of(application(settings, db), make_account(db, Role.PRACTICE, practice=practice))
    page = client.get(f"/lists/conflicts/{conflict_in(db, practice).id}").text
    assert "Not due" in page
    assert "Due" in page
    assert "Monday 1 March 2027" in page


def upload(client: FlaskClient, content: bytes) -> str:
    data = {"csrf_token": form_token(client), "list": (io.BytesIO(content), "list.csv")}
    return client.post("/lists", data=data).location


def test_the_page_asks_what_a_heading_holds_and_remembers_it(
    db: Database, settings: Settings, practice: Practice, importer: Importer
) -> None:
    client = browser_of(application(settings, db), make_account(db, Role.PRACTICE, practice=practice))
    content = with_columns(NUMBERS | {"Sm. Call": "Overdue"})
    place = upload(client, content)
    page = client.get(f"{place}/columns").text
    assert all(field.value in page for field in SCREENING)
    meant = ["NHS Number", "Date of Birth", "Cervical Screening"]
    fields = {f"column-{column}": field for column, field in enumerate(meant)}
    client.post(f"{place}/columns", data=fields | {"csrf_token": form_token(client)})
    importer(content)
    assert importer.people()[0]["cervical_screening"] == "overdue"


def test_rejected_rows_are_written_with_these_columns_as_they_came(importer: Importer) -> None:
    content = with_columns({"NHS Number": "123", "DOB": "12/05/1990", "Smear due": "banana", "Deferred to": "soon"})
    result = importer(content)
    target = io.StringIO()
    write_rejects(read_table(content), result, target)
    lines = target.getvalue().splitlines()
    assert lines[0].startswith("Row,NHS Number,DOB,Smear due,Deferred to,Reasons")
    assert lines[1].startswith("2,123,12/05/1990,banana,soon,")


words = st.sampled_from([None, *ScreeningStatus])
days = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2040, 1, 1)))


@given(words, days, days)
def test_a_person_is_written_and_read_as_they_were(status: str | None, until: date | None, on: date | None) -> None:
    said = {"cervical_status": status, "cervical_deferred_until": until, "cervical_declined_on": on}
    person = PersonIn("9990000077", date(1990, 5, 12), codes=frozenset(["736595007"]), **said)
    assert person_from_json(person_to_json(person)) == person
    assert person_from_json(without(person_to_json(person), said)) == person._replace(**dict.fromkeys(said))


def without(values: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """As it was written before lists had these columns."""
    return {name: value for name, value in values.items() if name not in names}


def test_people_kept_before_lists_had_these_columns_are_still_read() -> None:
    shorter = json.dumps(["9990000077", "1990-05-12", "", "", None, None, "none", *[None] * 3, [], *[None] * 6])
    person = PersonIn("9990000077", date(1990, 5, 12))
    assert listed_from_text(2, shorter, "[]") == ListedPerson(RowVersion(2, person))


def test_the_listed_person_is_the_one_on_record(db: Database, importer: Importer) -> None:
    importer(one(Cervical_Screening="due"))
    with db.read() as session:
        joined = select(Patient.nhs_number).join(
            CervicalScreening, col(CervicalScreening.patient_id) == col(Patient.id)
        )
        assert session.exec(joined).all() == ["9990000077"]
