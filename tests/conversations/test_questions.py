"""At most one question is open for a phone; it expires, and a newer one closes it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError

from bot.clock import utc_now
from bot.messaging.questions import expire_questions, known_questions, open_question
from bot.tables.messaging import OpenQuestion, QuestionState
from tests.conversations.conftest import Conversation
from tests.messaging.helpers import texts_to


def test_how_long_a_question_can_be_answered_depends_on_what_it_asks() -> None:
    assert {name: question.lasts.days for name, question in known_questions().items()} == {
        "invitation": 14,
        "consent": 7,
        "language": 14,
        "language-confirm": 14,
        "cannot-come": 0,
        "new-time": 7,
        "no-interpreter": 366,
        "pharmacy": 7,
        "slots": 1,
        "talk": 14,
        "tell-pharmacy": 7,
        "visit": 366,
        "waiting-offer": 0,
        "which-visit": 1,
        "withdraw": 7,
    }


def test_a_question_is_open_for_its_phone_and_sender_only(talk: Conversation) -> None:
    talk.invited()
    sender = talk.practice.sender_id
    with talk.db.write() as session:
        assert open_question(session, sender, talk.phone, utc_now())
        assert open_question(session, sender, "+447700900124", utc_now()) is None
        assert open_question(session, sender + 1, talk.phone, utc_now()) is None
        assert open_question(session, sender, talk.phone, utc_now() + timedelta(days=14)) is None


def test_questions_whose_time_is_up_are_closed_once(talk: Conversation) -> None:
    talk.invited()
    asked_at = utc_now()
    for after, expected in ((timedelta(days=13), 0), (timedelta(days=14), 1), (timedelta(days=15), 0)):
        with time_machine.travel(asked_at + after, tick=False):
            assert expire_questions(talk.db, talk.settings) == expected
    assert talk.states() == [("invitation", QuestionState.EXPIRED)]


def test_the_database_itself_refuses_a_second_open_question(talk: Conversation) -> None:
    talk.invited()
    [message] = texts_to(talk.db, talk.phone)
    with pytest.raises(IntegrityError), talk.db.write() as session:
        session.add(
            OpenQuestion(
                sender_id=message.sender_id,
                practice_id=message.practice_id or 0,
                phone=talk.phone,
                patient_id=talk.patient.id or 0,
                kind="consent",
                state=QuestionState.OPEN,
                message_id=message.id or 0,
            )
        )
