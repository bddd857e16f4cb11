"""What is only likely is told to who reads it, and nothing follows from it."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select

from bot.attention.items import by_pressure
from bot.tables.attention import InboxItem
from bot.tables.campaigns import MemberAnswer
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import QuestionState
from bot.tables.patients import Patient
from bot.understanding.likely import LIKELY
from tests.conversations.conftest import Conversation
from tests.messaging.helpers import inbox

Guess = Callable[[str], None]
UNCLEAR = "the swans are on the canal"


@pytest.fixture
def quiet(talk: Conversation) -> Conversation:
    """Somebody who was asked nothing."""
    return talk.person(language="en")


@pytest.fixture
def asked(quiet: Conversation) -> Conversation:
    return quiet.invited()


@pytest.fixture
def guess(monkeypatch: pytest.MonkeyPatch) -> Guess:
    """What is likely of any reply that is not clear."""
    return lambda intent: monkeypatch.setattr("bot.understanding.reading.likely_intent", lambda _reply: intent)


def readings(talk: Conversation) -> list[tuple[str, str, bool]]:
    with talk.db.read() as session:
        found = session.exec(select(ReplyReading).order_by(col(ReplyReading.message_id)))
        return [(reading.intent, reading.rule, reading.to_person) for reading in found]


def test_what_may_be_a_stop_stops_nothing_and_comes_to_staff_as_that(quiet: Conversation, guess: Guess) -> None:
    guess("opt_out")
    quiet.says(UNCLEAR)
    assert quiet.opt_outs == []
    assert inbox(quiet.db) == ["may-want-no-texts"]
    assert readings(quiet) == [("opt_out", LIKELY, True)]
    assert quiet.heard() == [("person-will-read", "en")]


def test_what_may_be_a_stop_is_read_before_what_nobody_has_understood(quiet: Conversation, guess: Guess) -> None:
    for intent in ("book", "opt_out"):
        guess(intent)
        quiet.says(UNCLEAR)
    with quiet.db.read() as session:
        order = [item.reason for item in session.exec(select(InboxItem).order_by(*by_pressure()))]
    assert order == ["may-want-no-texts", "not-understood"]


def test_what_may_be_a_yes_accepts_nothing(asked: Conversation, guess: Guess) -> None:
    guess("yes")
    asked.says(UNCLEAR)
    assert (asked.referrals, asked.answer()) == ([], MemberAnswer.OTHER)
    assert asked.states()[-1] == ("invitation", QuestionState.OPEN)
    assert inbox(asked.db) == ["not-understood"]
    assert readings(asked) == [("yes", LIKELY, True)]


def test_what_may_be_a_wrong_number_forgets_no_number(asked: Conversation, guess: Guess) -> None:
    guess("wrong_number")
    asked.says(UNCLEAR)
    with asked.db.read() as session:
        assert session.get_one(Patient, asked.patient.id).phone == asked.phone
    assert inbox(asked.db) == ["not-understood"]
    assert asked.heard()[1:] == [("person-will-read", "en")]


@pytest.mark.parametrize(
    "intent", ["opt_out", "opt_in", "yes", "no", "book", "change", "cancel", "call_me", "language"]
)
def test_whatever_is_guessed_the_person_hears_that_somebody_will_read_it(
    asked: Conversation, guess: Guess, intent: str
) -> None:
    guess(intent)
    asked.says(UNCLEAR)
    assert asked.heard()[1:] == [("person-will-read", "en")]
    assert (asked.opt_outs, asked.referrals, asked.states()[-1]) == ([], [], ("invitation", QuestionState.OPEN))
