"""A text from somebody nobody has texted yet belongs to the practice that has the number on its list."""

from sqlmodel import select

from bot.database import Database
from bot.settings import Settings
from bot.tables.organisations import Practice
from bot.tables.patients import OptOut
from tests.factories import make_patient, make_practice, text_in
from tests.messaging.helpers import queue, send_all


def test_a_stop_before_the_first_text_counts_at_the_practice_that_knows_the_phone(
    db: Database, settings: Settings, practice: Practice
) -> None:
    second = make_practice(db, "BRIDGE")
    patient = make_patient(db, second)
    text_in(db, settings, patient.phone, "STOP prosze")
    with db.read() as session:
        assert session.exec(select(OptOut.practice_id)).all() == [second.id]


def test_who_was_texted_answers_the_practice_that_texted_last(
    db: Database, settings: Settings, practice: Practice
) -> None:
    second = make_practice(db, "BRIDGE")
    patient = make_patient(db, practice)
    also = make_patient(db, second, phone=patient.phone)
    assert text_in(db, settings, patient.phone, "hello").practice_id == practice.id
    queue(db, settings, second, also)
    send_all(db, settings)
    assert text_in(db, settings, patient.phone, "hello").practice_id == second.id


def test_a_stranger_belongs_to_the_first_practice_of_the_number(
    db: Database, settings: Settings, practice: Practice
) -> None:
    make_practice(db, "BRIDGE")
    assert text_in(db, settings, "+447700900999", "hello").practice_id == practice.id
