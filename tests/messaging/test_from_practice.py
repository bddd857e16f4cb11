"""What a text says of its practice: its own number, which nothing stands in for in a text that comes unasked."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from bot.database import Database
from bot.messaging.from_practice import OWN_PHONE_ALONE, PHONE_OF_LAST_RESORT, practice_values
from bot.messaging.policy import RULES
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.messaging import Kind, Message, Subject
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.texts.catalogue import Text, catalogue
from tests.factories import make_patient, make_practice
from tests.messaging.helpers import queue, rows

HELP = catalogue()["help"]


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db, name="Hill Surgery", phone=None)


@pytest.fixture
def patient(db: Database, practice: Practice) -> Patient:
    return make_patient(db, practice, language="en")


@pytest.fixture(params=sorted(RULES))
def text(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Text:
    """A text of that kind which carries the number of the practice."""
    text = replace(HELP, kind=request.param)
    known = MappingProxyType({**catalogue(), "help": text})
    for module in ("bot.messaging.from_practice", "bot.messaging.outbox", "bot.wording.composing"):
        monkeypatch.setattr(f"{module}.catalogue", lambda: known)
    return text


def test_every_text_that_comes_unasked_carries_the_number_or_offers_a_call() -> None:
    unasked = [text for text in catalogue().values() if text.kind in OWN_PHONE_ALONE]
    assert {text.kind for text in unasked} == OWN_PHONE_ALONE
    silent = [text for text in unasked if "practice_phone" not in text.slots]
    ways = ("5 = please phone me", "If you cannot come, text us")
    assert [text.key for text in silent if not any(way in text.source for way in ways)] == []


def test_the_number_of_last_resort_stands_in_no_text_that_comes_unasked(
    db: Database, settings: Settings, practice: Practice, patient: Patient, text: Text
) -> None:
    kind = Kind(text.kind)
    if kind in OWN_PHONE_ALONE:
        with pytest.raises(Refused) as refused:
            queue(db, settings, practice, patient, text_key="help", values={})
        assert refused.value.code == "no-practice-phone"
        with db.read() as session:
            assert rows(session, Message) == []
    else:
        message = queue(db, settings, practice, patient, text_key="help", values={})
        assert message.kind == kind
        assert message.body.splitlines()[-1] == PHONE_OF_LAST_RESORT


def test_a_caller_cannot_put_another_number_in_its_place(
    db: Database, settings: Settings, practice: Practice, patient: Patient
) -> None:
    values = {"partner": "Citizens Advice", "practice": "Somebody else", "practice_phone": PHONE_OF_LAST_RESORT}
    with pytest.raises(Refused, match="no phone number"):
        queue(db, settings, practice, patient, values=values)
    with_phone = make_practice(db, "OTHER", name="Other Surgery", phone="+441632960300")
    body = queue(db, settings, with_phone, patient, values=values).body
    assert body.startswith("Other Surgery: ")
    assert "01632 960300" in body.splitlines()


@pytest.mark.parametrize("kind", [Kind.REMINDER, Kind.OUTREACH])
def test_an_answer_sent_as_a_text_that_comes_unasked_needs_the_number_too(practice: Practice, kind: Kind) -> None:
    assert practice_values(practice, "help") == {"practice": "Hill Surgery", "practice_phone": PHONE_OF_LAST_RESORT}
    with pytest.raises(Refused):
        practice_values(practice, "help", kind)


def test_an_invitation_sent_as_a_question_needs_the_number_too(
    db: Database, settings: Settings, practice: Practice, patient: Patient
) -> None:
    with pytest.raises(Refused):
        queue(db, settings, practice, patient, kind=Kind.QUESTION, subject=Subject("campaign", 1))


def test_who_may_set_it_and_where_is_said(practice: Practice) -> None:
    with pytest.raises(Refused) as refused:
        practice_values(practice, "fuel-poverty-invitation")
    assert "administrator" in refused.value.message
    assert "Organisations" in refused.value.message
    assert "practices change STATION --phone" in str(refused.value)


def test_a_text_gets_the_values_it_has_slots_for(practice: Practice) -> None:
    assert practice_values(practice, "emergency") == {}
    assert practice_values(practice, "staff-thank-you") == {"practice": "Hill Surgery"}
