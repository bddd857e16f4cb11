"""Rows of the hot paths: inserted and changed without a flush, many at once, and looked up among many."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.organisations.codes import take_code
from bot.rows import (
    among,
    columns_of,
    insert_many,
    insert_row,
    insert_unless_known,
    objects_of,
    one_of_given,
    update_row,
)
from bot.tables.lists import ListImport
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PatientCode
from tests.factories import make_patient, make_practice


@pytest.fixture
def practice(db: Database) -> Practice:
    with db.write() as session:
        take_code(session, "HARBOUR", "practice")
    return make_practice(db)


def another(practice: Practice, code: str) -> dict[str, Any]:
    return {"code": code, "name": "Harbour Practice", "sender_id": practice.sender_id, "created_at": utc_now()}


def test_an_inserted_row_has_its_id_and_belongs_to_the_session(db: Database, practice: Practice) -> None:
    with db.write() as session:
        made = insert_row(session, Practice, **another(practice, "HARBOUR"))
        assert session.get(Practice, made.id) is made
        made.name = "Quay Practice"
    with db.read() as session:
        assert session.get_one(Practice, made.id).name == "Quay Practice"


def test_what_is_known_is_not_inserted_again(db: Database, practice: Practice) -> None:
    with db.write() as session:
        assert insert_unless_known(session, Practice, "code", **another(practice, practice.code)) is None
        assert insert_unless_known(session, Practice, "code", **another(practice, "HARBOUR")) is not None
    with db.read() as session:
        assert len(session.exec(select(Practice)).all()) == 2


def test_a_row_that_breaks_a_rule_is_refused(db: Database, practice: Practice) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        insert_row(session, Practice, **another(practice, practice.code))


def test_a_changed_row_is_the_same_in_the_session_and_in_the_database(db: Database, practice: Practice) -> None:
    with db.write() as session:
        found = session.get_one(Practice, practice.id)
        update_row(session, found, phone="01632 960300")
        assert found.phone == "01632 960300"
        assert not session.dirty
    with db.read() as session:
        assert session.get_one(Practice, practice.id).phone == "01632 960300"


def test_rows_read_as_columns_are_the_sessions_and_what_is_changed_in_them_is_kept(
    db: Database, practice: Practice
) -> None:
    everybody = (
        sqlalchemy_select(*columns_of(Practice, Patient))
        .select_from(Practice)
        .outerjoin(Patient, col(Patient.practice_id) == col(Practice.id))
    )
    with db.write() as session:
        row = session.connection().execute(everybody).one()
        found, nobody = objects_of(session, row, Practice, Patient)
        assert (found, nobody) == (practice, None)
        assert session.get(Practice, practice.id) is found
        assert objects_of(session, row, Practice, Patient)[0] is found
        found.name = "Quay Practice"
    with db.read() as session:
        assert session.get_one(Practice, practice.id).name == "Quay Practice"


def test_what_is_not_given_has_its_default(db: Database, practice: Practice) -> None:
    with db.write() as session:
        made = insert_row(session, Practice, **another(practice, "HARBOUR"))
        session.expunge(made)
        assert session.get_one(Practice, made.id) == made


def test_a_statement_built_once_takes_however_many_values(db: Database, practice: Practice) -> None:
    with db.write() as session:
        insert_row(session, Practice, **another(practice, "HARBOUR"))
        connection = session.connection()
        given = one_of_given(col(Practice.code), "codes", connection.dialect.name)
        chosen = sqlalchemy_select(func.count()).select_from(Practice).where(given)
        counts = [
            connection.scalar(chosen, {"codes": codes}) for codes in ([], ["HARBOUR"], [practice.code, "HARBOUR"])
        ]
    assert counts == [0, 1, 2]


def test_many_rows_are_inserted_or_none(db: Database, practice: Practice) -> None:
    patient = make_patient(db, practice, codes=())
    rows = [{"patient_id": patient.id, "code": str(code)} for code in (38341003, 84114007)]
    with db.write() as session:
        insert_many(session, PatientCode, [])
        insert_many(session, PatientCode, rows)
    with pytest.raises(Exception, match=r"(?i)unique"), db.write() as session:
        insert_many(session, PatientCode, [rows[0] | {"code": "22298006"}, rows[1]])
    with db.read() as session:
        assert set(session.exec(select(PatientCode.code))) == {"38341003", "84114007"}


def test_rows_are_found_among_many_values_of_whatever_type(db: Database, practice: Practice) -> None:
    patient = make_patient(db, practice, nhs_number="9990000077", born=date(1960, 5, 12))
    with db.read() as session:
        wanted = {
            Patient.nhs_number: ["9990000077", "9990000212"],
            Patient.id: [patient.id, 7_000],
            Patient.born: [date(1960, 5, 12)],
        }
        for column, values in wanted.items():
            assert session.exec(select(Patient.id).where(among(session, col(column), values))).all() == [patient.id]
            assert session.exec(select(Patient.id).where(among(session, col(column), []))).all() == []


def test_what_a_function_makes_by_default_is_made_anew_for_each_row(db: Database, practice: Practice) -> None:
    with db.write() as session:
        values = {"practice_id": practice.id, "file_name": "list.csv", "created_at": utc_now()}
        first, second = (insert_row(session, ListImport, **values) for _ in range(2))
        assert (first.counts, second.counts) == ({}, {})
        assert first.counts is not second.counts
    with db.read() as session:
        assert session.exec(select(ListImport.counts)).all() == [{}, {}]
