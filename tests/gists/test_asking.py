"""When the English of a text is asked for: of what a person will read, once, and never of what needs none."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.database import Database
from bot.gists.asking import ask_for_missing_gists
from bot.gists.showing import WAITS
from bot.settings import Settings
from bot.tables.patients import Patient
from bot.tables.translation import Failure, LanguageSwitch, Translation
from bot.translation.requests import TRY_AGAIN_AFTER
from tests.conversations.conftest import Conversation
from tests.factories import make_patient, text_in
from tests.gists.helpers import BAD, FEVER, HEATER, asked, gist_of, heard, items, translate
from tests.messaging.helpers import live
from tests.translation.helpers import make_model

INSTEAD = "Ask somebody who reads it, or phone the person."


def look(db: Database, settings: Settings, *messages) -> int:
    """Somebody opens the conversation these texts are in; gives how many were asked for."""
    return ask_for_missing_gists(db, settings, [heard(db, message) for message in messages])


@pytest.mark.usefixtures("urdu")
def test_what_a_person_will_read_is_put_into_english(talk: Conversation) -> None:
    message = talk.says(FEVER)
    [row] = asked(talk.db)
    assert (row.message_id, row.source, row.source_language, row.target_language) == (message.id, FEVER, "ur", "en")
    assert (row.purpose, row.practice_id, row.wants_back) == ("gist", talk.practice.id, False)
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert (shown.waits, shown.note) == (True, WAITS)
    translate(talk.db, "I have a fever", checks=BAD, ok=False)
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert (shown.waits, shown.english, shown.danger) == (False, "I have a fever", [])
    assert shown.concerns == ["A “not” of the original is missing here."]


@pytest.mark.usefixtures("urdu")
@pytest.mark.parametrize(
    "words", ["1", "۱", "👍", "STOP", "please phone me tomorrow", "mujhe bukhar hai aur khansi hai"]
)
def test_nothing_is_asked_for_where_there_is_nothing_to_translate(talk: Conversation, words: str) -> None:
    talk.invited().says(words)
    assert asked(talk.db) == []


@pytest.mark.usefixtures("urdu")
def test_an_answer_that_nobody_has_to_read_is_not_translated(talk: Conversation) -> None:
    talk.invited().says("نہیں شکریہ")
    assert talk.answer() == "no"
    assert asked(talk.db) == []


@pytest.mark.usefixtures("urdu")
def test_romanised_text_says_why_it_is_not_translated(talk: Conversation) -> None:
    message = talk.says("mujhe bukhar hai aur khansi hai")
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert shown.note == "It looks like Urdu in English letters, which a computer does not translate. " + INSTEAD
    assert look(talk.db, talk.settings, message) == 0


def test_english_among_words_in_other_letters_says_why_it_is_not_translated(talk: Conversation) -> None:
    message = talk.says("Hello please میری دوا ختم ہو گئی ہے call me")
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert shown.note == f"It is part English and part other letters, which a computer does not translate. {INSTEAD}"
    assert asked(talk.db) == []


def test_a_language_without_a_model_is_said_and_asked_for_once_there_is_one(talk: Conversation) -> None:
    message = talk.says(FEVER)
    assert asked(talk.db) == []
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert shown.note == "There is no computer translation from Urdu here. " + INSTEAD
    assert look(talk.db, talk.settings, message) == 0
    make_model(talk.db, "ur", "en")
    assert look(talk.db, talk.settings, message) == 1
    assert look(talk.db, talk.settings, message) == 0
    assert len(asked(talk.db)) == 1


def test_a_language_that_became_known_is_translated_from_when_somebody_looks(talk: Conversation) -> None:
    make_model(talk.db, "lt", "en")
    words = "Vargina kosulys"
    talk.person(phone="+447700900222", language=None)
    message = text_in(talk.db, talk.settings, "+447700900222", words)
    assert look(talk.db, talk.settings, message) == 0
    with talk.db.write() as session:
        patient = session.get_one(Patient, message.patient_id)
        patient.language = "lt"
        session.add(patient)
    assert look(talk.db, talk.settings, message) == 1


@pytest.mark.usefixtures("urdu")
def test_in_live_only_a_language_that_a_person_switched_on_is_translated(talk: Conversation) -> None:
    message = talk.says(HEATER)
    earnest = live(talk.settings)
    other = talk.person(phone="+447700900222", language="ur")
    of_live = text_in(talk.db, earnest, other.phone, FEVER)
    assert len(asked(talk.db)) == 1
    shown = gist_of(talk.db, earnest, of_live)
    assert shown is not None
    assert shown.note == "Computer translation from Urdu is not switched on here. " + INSTEAD
    with talk.db.write() as session:
        session.add(LanguageSwitch(language="ur", on=True, changed_at=message.created_at))
    assert look(talk.db, earnest, of_live) == 1


@pytest.mark.usefixtures("urdu")
def test_what_the_machine_failed_at_is_said_and_tried_again_but_not_at_every_look(talk: Conversation) -> None:
    message = talk.says(FEVER)
    translate(talk.db, None, failure=Failure.TIMED_OUT, checks=(), ok=None)
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert shown.note == "The computer took too long over it, so there is no English."
    assert look(talk.db, talk.settings, message) == 0
    talk.clock.shift(TRY_AGAIN_AFTER + timedelta(seconds=1))
    assert look(talk.db, talk.settings, message) == 1
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert shown.waits


@pytest.mark.usefixtures("urdu")
@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_is_said_in_words_or_needs_none(talk: Conversation, failure: Failure) -> None:
    message = talk.says(FEVER)
    translate(talk.db, None, failure=failure, checks=(), ok=None)
    shown = gist_of(talk.db, talk.settings, message)
    if failure in (Failure.NOTHING_TO_TRANSLATE, Failure.SAME_LANGUAGE):
        assert shown is None
    else:
        assert shown is not None
        assert shown.note.endswith(".")


@pytest.mark.usefixtures("urdu")
def test_the_same_text_again_from_twilio_asks_once(talk: Conversation) -> None:
    for _ in range(2):
        talk.says(FEVER, sid="SM" + "1" * 32)
    assert len(asked(talk.db)) == 1


@pytest.mark.usefixtures("urdu")
def test_a_stranger_who_wrote_is_read_in_english_too(talk: Conversation) -> None:
    text_in(talk.db, talk.settings, "+447700900333", FEVER)
    assert items(talk.db) == [("unknown-number", None, "open")]
    assert len(asked(talk.db)) == 1


@pytest.mark.usefixtures("urdu")
def test_of_a_long_conversation_the_newest_are_put_into_english(talk: Conversation) -> None:
    make_patient(talk.db, talk.practice, phone="+447700900444", language="ur")
    messages = [text_in(talk.db, talk.settings, "+447700900444", f"{FEVER} {number}") for number in range(25)]
    with talk.db.write() as session:
        for row in asked(talk.db):
            session.delete(row)
    assert look(talk.db, talk.settings, *messages) == 20
    assert [row.source for row in asked(talk.db)][-1] == f"{FEVER} 24"


@pytest.mark.usefixtures("urdu")
def test_while_nothing_can_be_stored_the_words_are_read_without_english(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = talk.says(FEVER)
    with talk.db.write() as session:
        session.delete(session.exec(select(Translation)).one())

    def full() -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(talk.db, "write", full)
    assert look(talk.db, talk.settings, message) == 0
    assert gist_of(talk.db, talk.settings, message) is None
