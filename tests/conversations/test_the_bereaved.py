"""Somebody writes that a person has died: one kind sentence, nothing asked, and a person reads it first."""

import pytest
from sqlmodel import col, select

from bot.attention.items import by_pressure
from bot.campaigns.asking_again import ASK_AGAIN
from bot.conversations.inbox import find_item, list_items
from bot.tables.attention import InboxItem
from bot.tables.messaging import QuestionState
from tests.conversations.conftest import Conversation
from tests.messaging.helpers import rows


def reasons(talk: Conversation) -> list[str]:
    """Of the open items, as the inbox shows them."""
    with talk.db.read() as session:
        return [entry.item.reason for entry in list_items(session, talk.practice.id or 0)]


@pytest.mark.parametrize("words", ["my mum passed away", "My wife died last week", "mama nie żyje"])
def test_they_get_one_kind_sentence_and_the_question_is_closed(talk: Conversation, words: str) -> None:
    talk.invited().says(words)
    assert talk.heard()[-1][0] == "bereaved"
    assert reasons(talk) == ["bereaved"]
    assert talk.states() == [("invitation", QuestionState.ANSWERED)]
    talk.says("1")
    assert talk.referrals == []
    assert "consent" not in {kind for kind, _ in talk.states()}


def test_nobody_offers_to_ask_them_for_consent(talk: Conversation) -> None:
    talk.invited().says("my mum passed away")
    with talk.db.read() as session:
        item = session.exec(select(InboxItem.id).where(col(InboxItem.reason) == "bereaved")).one()
        entry = find_item(session, talk.practice.id or 0, item or 0)
        assert entry is not None
        assert ASK_AGAIN.offers(session, talk.settings, talk.practice, entry) is None


def test_who_asks_for_no_more_texts_as_well_gets_none_and_staff_are_told(talk: Conversation) -> None:
    talk.invited().says("My mum passed away. please stop sending these")
    assert [opt_out.scope for opt_out in talk.opt_outs] == ["outreach"]
    assert reasons(talk) == ["bereaved"]


def test_a_phone_that_answers_by_itself_gets_no_answer_and_alarms_nobody(talk: Conversation) -> None:
    before = talk.invited().heard()
    talk.says("I'm driving and can't text right now. I'll get back to you when I arrive.")
    assert talk.heard() == before
    assert reasons(talk) == ["automatic-reply"]
    with talk.db.read() as session:
        assert [item.urgency for item in rows(session, InboxItem)] == [None]


def test_what_nobody_has_understood_stands_above_thanks_and_below_the_bereaved(talk: Conversation) -> None:
    talk.invited()
    for words in ("thank you", "perhaps my sister knows", "my mum passed away", "ok", "chest pain and cannot breathe"):
        talk.says(words)
    with talk.db.read() as session:
        order = [item.reason for item in session.exec(select(InboxItem).order_by(*by_pressure()))]
    assert order[:2] == ["urgent", "bereaved"]
    with talk.db.read() as session:
        third = list_items(session, talk.practice.id or 0)[2]
    assert third.message is not None
    assert third.message.body == "perhaps my sister knows"
