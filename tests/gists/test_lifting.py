"""Urgent words that only the English has: read sooner, and nothing else."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.attention.items import by_pressure
from bot.attention.reasons import why_it_is_here
from bot.audit import CONSOLE
from bot.conversations.inbox import finish_item
from bot.database import Database
from bot.tables.attention import InboxItem
from bot.tables.messaging import Direction, Message, OpenQuestion
from tests.conversations.conftest import Conversation
from tests.gists.helpers import FEVER, HEATER, gist_of, items, newest_item, translate

DANGER = "My chest hurts and I cannot breathe"
CHEST = "میرے سینے میں درد ہے"
pytestmark = pytest.mark.usefixtures("urdu")


def test_urgent_words_of_the_english_alone_make_an_item_amber(talk: Conversation) -> None:
    message = talk.says(HEATER)
    assert items(talk.db) == [("not-understood", None, "open")]
    heard = talk.heard()
    translate(talk.db, DANGER)
    talk.sent()
    assert items(talk.db) == [("not-understood", "amber", "open")]
    assert talk.heard() == heard
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert "chest hurts" in " ".join(shown.danger)


def test_a_text_that_staff_had_done_with_comes_back(talk: Conversation) -> None:
    talk.says(HEATER)
    finish_item(talk.db, newest_item(talk.db).id or 0, talk.practice.id, CONSOLE)
    translate(talk.db, DANGER)
    assert items(talk.db) == [("not-understood", None, "done"), ("urgent-in-gist", "amber", "open")]
    assert why_it_is_here(newest_item(talk.db)).startswith("There are urgent words in the English a computer made")


def test_what_its_own_words_say_of_danger_stands(talk: Conversation) -> None:
    message = talk.says(CHEST)
    assert items(talk.db) == [("urgent", "red", "open")]
    for english in ("I have chest pain", "I am fine, no pain at all", "thank you"):
        translate(talk.db, english)
        assert items(talk.db) == [("urgent", "red", "open")]
    shown = gist_of(talk.db, talk.settings, message)
    assert shown is not None
    assert (shown.danger, shown.urgent) == ([], True)


def test_a_calm_english_changes_nothing(talk: Conversation) -> None:
    talk.says(FEVER)
    before = items(talk.db)
    translate(talk.db, "The heater at home is broken")
    assert items(talk.db) == before


def test_it_stands_after_what_is_red_and_before_everything_else(talk: Conversation) -> None:
    talk.says("nie rozumiem")
    talk.says(HEATER)
    translate(talk.db, DANGER)
    other = talk.person(phone="+447700900222", language="ur")
    other.says(CHEST)
    with talk.db.read() as session:
        order = session.exec(select(InboxItem).where(InboxItem.state == "open").order_by(*by_pressure())).all()
    assert [item.urgency for item in order] == ["red", "amber", None]


def test_what_never_became_a_translation_lifts_nothing(talk: Conversation) -> None:
    talk.says(HEATER)
    translate(talk.db, None, failure="engine-failed", checks=(), ok=None)
    assert items(talk.db) == [("not-understood", None, "open")]


RANK = {None: 0, "amber": 1, "red": 2}
SAYINGS = st.sampled_from(
    ["stop", "yes", "1", "no", "cancel", "my chest hurts", "I want to die", "not", "no chest pain", "I cannot breathe",
     "call me", "change language", "0", "9", "he has died", "thank you", "STOP texting me", "wrong number"]
)  # fmt: skip
WITHOUT_NUL = st.characters(codec="utf-8", exclude_characters="\0")
WRITTEN = st.sampled_from([FEVER, HEATER, CHEST, "میں پیر کو نہیں آ سکتا", "۱ گھر میں ہیٹر خراب ہے"])


def state_of(db: Database) -> tuple[list[object], list[object], dict[int | None, tuple[str, str | None]]]:
    """What went out or waits to, how questions stand, and how pressing each item is."""
    with db.read() as session:
        out = session.exec(select(Message).where(Message.direction == Direction.OUT).order_by(col(Message.id)))
        texts: list[object] = [(text.id, text.text_key, text.state) for text in out]
        questions: list[object] = [(q.id, q.kind, q.state) for q in session.exec(select(OpenQuestion))]
        found = {item.id: (item.state, item.urgency) for item in session.exec(select(InboxItem))}
    return texts, questions, found


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=WRITTEN,
    english=st.lists(SAYINGS, min_size=1, max_size=4).map(", ".join) | st.text(WITHOUT_NUL, max_size=60),
)
def test_whatever_a_gist_says_it_sends_nothing_closes_no_question_and_lowers_nothing(
    talk: Conversation, written: str, english: str
) -> None:
    talk.person(language="ur").invited().says(written)
    texts, questions, before = state_of(talk.db)
    translate(talk.db, english)
    assert state_of(talk.db)[:2] == (texts, questions)
    for number, (state, urgency) in state_of(talk.db)[2].items():
        was_state, was = before.get(number, ("open", None))
        assert state == was_state
        assert RANK[urgency] >= RANK[was]
        assert urgency != "red" or was == "red"
