"""An answer counts for a question only when the person can have read it."""

import pytest

from bot.campaigns.capacity import partner_capacity
from bot.clock import utc_now
from bot.tables.messaging import Outcome, QuestionState
from bot.tables.patients import OptOutScope
from tests.conversations.conftest import Conversation
from tests.factories import text_in
from tests.messaging.helpers import claim_one, end, inbox, opt_out, send_all, with_changes

OPEN_CONSENT = ("consent", QuestionState.OPEN)


@pytest.fixture
def hasty(talk: Conversation) -> Conversation:
    """Somebody on a real network who has said yes; the consent question has just gone out."""
    talk.settings = with_changes(talk.settings, reading_seconds=5)
    talk.invited()
    text_in(talk.db, talk.settings, talk.phone, "1")
    send_all(talk.db, talk.settings)
    talk.clock.shift(1)
    return talk


def test_the_same_answer_twice_in_a_hurry_is_no_consent(hasty: Conversation) -> None:
    text_in(hasty.db, hasty.settings, hasty.phone, "1")
    assert hasty.consents == []
    assert hasty.states()[-1] == OPEN_CONSENT
    assert inbox(hasty.db) == []
    assert [key for key, _ in hasty.heard()] == ["fuel-poverty-invitation", "fuel-poverty-consent"]

    hasty.clock.shift(4)
    hasty.says("1")
    assert len(hasty.consents) == len(hasty.referrals) == 1


def test_another_answer_in_a_hurry_goes_to_a_person_and_the_question_stays(hasty: Conversation) -> None:
    text_in(hasty.db, hasty.settings, hasty.phone, "2")
    assert inbox(hasty.db) == ["answered-too-soon"]
    assert hasty.states()[-1] == OPEN_CONSENT


@pytest.mark.parametrize("words", ["0", "STOP prosze", "seene mein dard"])
def test_a_wish_not_to_be_texted_and_danger_are_never_too_soon(hasty: Conversation, words: str) -> None:
    text_in(hasty.db, hasty.settings, hasty.phone, words)
    assert hasty.opt_outs or inbox(hasty.db) == ["urgent"]
    assert hasty.states()[-1] != OPEN_CONSENT


def test_simulated_handsets_may_answer_at_once(talk: Conversation) -> None:
    talk.invited()
    text_in(talk.db, talk.settings, talk.phone, "1")
    send_all(talk.db, talk.settings)
    text_in(talk.db, talk.settings, talk.phone, "1")
    assert len(talk.consents) == 1


def test_a_question_whose_text_did_not_arrive_can_not_be_answered(talk: Conversation) -> None:
    talk.invited()
    text_in(talk.db, talk.settings, talk.phone, "1")
    end(talk.db, claim_one(talk.db, talk.settings), Outcome.REFUSED, error_code=30007)
    assert talk.states()[-1] == ("consent", QuestionState.EXPIRED)
    text_in(talk.db, talk.settings, talk.phone, "1")
    assert talk.consents == []
    assert inbox(talk.db) == ["not-delivered", "no-open-question"]


def test_a_question_that_was_never_sent_keeps_no_place(talk: Conversation) -> None:
    talk.invited()
    text_in(talk.db, talk.settings, talk.phone, "1")
    opt_out(talk.db, talk.practice, talk.phone, OptOutScope.ALL)
    assert send_all(talk.db, talk.settings) == []
    assert talk.states()[-1] == ("consent", QuestionState.EXPIRED)
    with talk.db.read() as session:
        assert partner_capacity(session, talk.partner, utc_now()).expected == 0
