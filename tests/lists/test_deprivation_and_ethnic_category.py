import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from bot.database import Database, unpooled
from bot.lists.reading.columns import Field, field_of
from bot.migrations.running import migrate
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PatientCode
from tests.applications import application, browser_of, form_token
from tests.factories import make_account, make_patient, make_practice
from tests.lists.importer import Importer
from tests.lists.lists import with_columns
from tests.postgres import PostgresServer

NUMBERS = {"NHS Number": "9990000077", "DOB": "12/05/1960"}


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def importer(db: Database, settings: Settings, practice: Practice) -> Importer:
    return Importer(db, settings, practice)


@pytest.mark.parametrize(("written", "decile"), [("1", 1), ("10", 10), (" 7 ", 7), ("3.0", 3), ("03", 3), ("", None)])
def test_a_decile_is_a_whole_number_from_one_to_ten(importer: Importer, written: str, decile: int | None) -> None:
    result = importer(with_columns(NUMBERS | {"IMD Decile": written}))
    assert (result.accepted, result.problems) == (1, [])
    assert importer.people()[0]["imd_decile"] == decile


@pytest.mark.parametrize("written", ["0", "11", "2.5", "-1", "first", "1-2", "33,000", "½", "100"])
def test_what_is_no_decile_is_set_aside_and_said_on_its_cell(importer: Importer, written: str) -> None:
    result = importer(with_columns(NUMBERS | {"Deprivation decile": written}))
    assert (result.accepted, result.fixed) == (0, 1)
    assert [(p.column, p.code) for p in result.problems] == [("Deprivation decile", "decile-unreadable")]
    assert importer.people()[0]["imd_decile"] is None


@pytest.mark.parametrize("heading", ["IMD Quintile", "Quintile", "IMD Rank", "IMD Score", "IMD"])
def test_a_quintile_or_rank_is_no_decile(heading: str) -> None:
    assert field_of(heading) is None


@pytest.mark.parametrize("heading", ["imd_decile", "IMD Decile 2019", "Index of Multiple Deprivation Decile"])
def test_a_decile_has_other_names(heading: str) -> None:
    assert field_of(heading) is Field.IMD_DECILE


@pytest.mark.parametrize("heading", ["Ethnic Category", "Ethnicity", "ethnic origin"])
def test_ethnic_category_is_kept_as_written_only_where_the_practice_asked(importer: Importer, heading: str) -> None:
    content = with_columns(NUMBERS | {heading: "A"})
    refused = importer(content)
    assert [heading in note and "not asked for" in note for note in refused.notes] == [True]
    assert importer.people()[0]["ethnic_category"] is None
    kept = importer(content, keep_ethnic_category=True)
    assert (kept.notes, kept.stored) == ([], 1)
    assert importer.people()[0]["ethnic_category"] == "A"
    assert importer(content).stored == 0
    assert importer.people()[0]["ethnic_category"] == "A", "a column that is not read takes nothing away"


@pytest.mark.parametrize("written", ["A", "Z", "99", "White - British", "x" * 100])
def test_codes_and_words_are_ethnic_categories(importer: Importer, written: str) -> None:
    result = importer(with_columns(NUMBERS | {"Ethnicity": written}), keep_ethnic_category=True)
    assert (result.accepted, importer.people()[0]["ethnic_category"]) == (1, written)


def test_an_ethnic_category_of_too_many_letters_is_left_out_and_said(importer: Importer) -> None:
    result = importer(with_columns(NUMBERS | {"Ethnicity": "x" * 101}), keep_ethnic_category=True)
    assert [(p.column, p.code) for p in result.problems] == [("Ethnicity", "ethnic-category-too-long")]
    assert importer.people()[0]["ethnic_category"] is None


def test_rows_that_disagree_on_a_decile_wait_for_a_person(importer: Importer) -> None:
    rows = [NUMBERS | {"IMD Decile": decile} for decile in ("1", "9")]
    assert importer(with_columns(*rows)).conflicts == 1
    assert importer.people()[0]["imd_decile"] is None


def test_the_page_asks_before_it_keeps_ethnic_categories(
    db: Database, settings: Settings, practice: Practice, importer: Importer
) -> None:
    client = browser_of(application(settings, db), make_account(db, Role.PRACTICE, practice=practice))
    content = with_columns(NUMBERS | {"Ethnicity": "A"})
    unticked = upload(client, content)
    assert "not asked for" in client.get(unticked).text
    client.post(f"{unticked}/confirm", data={"csrf_token": form_token(client)})
    assert "not asked for" in client.get(unticked).text
    ticked = upload(client, content, ethnic_category="keep")
    assert "not asked for" not in client.get(ticked).text
    client.post(f"{ticked}/confirm", data={"csrf_token": form_token(client)})
    assert importer.people()[0]["ethnic_category"] == "A"


def upload(client: FlaskClient, content: bytes, **fields: str) -> str:
    data = {"csrf_token": form_token(client), "list": (io.BytesIO(content), "list.csv"), **fields}
    return client.post("/lists", data=data).location


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/with-people.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


def test_the_schema_goes_down_and_up_with_people_in_it(url: str) -> None:
    migrate(url)
    database = Database(url)
    patient = make_patient(database, make_practice(database), imd_decile=3, ethnic_category="A")
    with database.write() as session:
        session.add(PatientCode(patient_id=patient.id or 0, code="195967001"))
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(update(Patient).values(imd_decile=11))
    database.dispose()
    migrate(url, "0003")
    assert column_of_patients(url, "surname")
    migrate(url)
    assert column_of_patients(url, "imd_decile") == [None]


def column_of_patients(url: str, name: str) -> list[object]:
    engine = unpooled(url)
    with engine.connect() as connection:
        found = list(connection.execute(text(f"SELECT {name} FROM patient")).scalars())
    engine.dispose()
    return found
