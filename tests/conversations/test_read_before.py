"""A text is read before the transaction that acts on it, and again inside when what it was read for has changed."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.campaigns.subject import about
from bot.clock import utc_now
from bot.conversations import hearing, inbound
from bot.conversations.hearing import ReadFor
from bot.messaging.outbox import queue_text
from bot.tables.messaging import OpenQuestion, QuestionState
from bot.tables.patients import Patient
from bot.understanding.reading import read_reply
from tests.conversations.conftest import Conversation
from tests.factories import make_patient, text_in
from tests.messaging.helpers import inbox

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def read_for(monkeypatch: pytest.MonkeyPatch) -> list[ReadFor]:
    """What each reading was for, in order."""
    seen: list[ReadFor] = []
    read = hearing.hear

    def noted(body: str, what: ReadFor) -> hearing.Heard:
        seen.append(what)
        return read(body, what)

    for module in ("bot.conversations.inbound", "bot.conversations.exchange"):
        monkeypatch.setattr(f"{module}.hear", noted)
    return seen


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Let something happen once between the reading of a text and the transaction that acts on it."""

    def happens(what: Callable[[], object]) -> None:
        before = inbound.hear_before

        def then(*given: object) -> object:
            heard = before(*given)  # type: ignore[arg-type]
            monkeypatch.setattr(inbound, "hear_before", before)
            what()
            return heard

        monkeypatch.setattr(inbound, "hear_before", then)

    return happens


def test_a_text_is_read_once_and_before(talk: Conversation, read_for: list[ReadFor]) -> None:
    talk.invited()
    talk.says("1")
    assert [(one.language, one.question and one.question[1]) for one in read_for] == [("ur", "invitation")]
    assert talk.answer() == "yes"


def test_nothing_is_written_while_a_text_is_read(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.invited()
    inside: list[bool] = []
    monkeypatch.setattr(
        hearing,
        "read_reply",
        lambda *given, **more: inside.append(getattr(talk.db._writer, "busy", False)) or read_reply(*given, **more),
    )
    talk.says("1")
    assert inside == [False]


def close(talk: Conversation, state: QuestionState) -> None:
    with talk.db.write() as session:
        session.execute(update(OpenQuestion).where(col(OpenQuestion.state) == "open").values(state=state))


@pytest.mark.parametrize("state", [QuestionState.EXPIRED, QuestionState.ANSWERED, QuestionState.SUPERSEDED])
def test_a_question_that_closes_meanwhile_is_not_answered(
    talk: Conversation, meanwhile: Meanwhile, read_for: list[ReadFor], state: QuestionState
) -> None:
    talk.invited()
    meanwhile(lambda: close(talk, state))
    talk.says("1")
    assert [one.question is None for one in read_for] == [False, True]
    assert talk.answer() != "yes"
    assert inbox(talk.db) == ["no-open-question"]


def ask_another(talk: Conversation, text_key: str, question: str) -> None:
    with talk.db.write() as session:
        values = {"practice": "Station Practice", "partner": "CAB"}
        queue_text(
            session,
            talk.settings,
            text_key=text_key,
            language="ur",
            values=values,
            phone=talk.phone,
            practice=talk.practice,
            patient_id=talk.patient.id,
            subject=about(talk.campaign.id),
            question=question,
        )
    talk.sent()


def test_a_one_is_read_for_the_question_that_is_open_now(
    talk: Conversation, meanwhile: Meanwhile, read_for: list[ReadFor]
) -> None:
    """A question of the same kind, but another: what was read for the first counts for nothing."""
    talk.invited()
    meanwhile(lambda: ask_another(talk, "fuel-poverty-invitation", "invitation"))
    talk.says("1")
    first, second = (one.question for one in read_for)
    assert first is not None
    assert second is not None
    assert first[1] == second[1] == "invitation"
    assert first[0] != second[0]


def test_a_question_that_opens_meanwhile_is_one_the_text_is_read_for(
    talk: Conversation, meanwhile: Meanwhile, read_for: list[ReadFor]
) -> None:
    meanwhile(talk.invited)
    talk.says("haan")
    assert [one.question and one.question[1] for one in read_for] == [None, "invitation"]


def test_a_language_that_is_recorded_meanwhile_counts(
    talk: Conversation, meanwhile: Meanwhile, read_for: list[ReadFor]
) -> None:
    def reads_polish() -> None:
        with talk.db.write() as session:
            session.execute(update(Patient).values(language="pl"))

    talk.invited()
    meanwhile(reads_polish)
    talk.says("tak")
    assert [one.language for one in read_for] == ["ur", "pl"]
    assert talk.answer() == "yes"


def test_a_phone_that_is_shared_meanwhile_answers_nothing(
    talk: Conversation, meanwhile: Meanwhile, read_for: list[ReadFor]
) -> None:
    talk.invited()
    meanwhile(lambda: make_patient(talk.db, talk.practice, phone=talk.phone))
    talk.says("1")
    assert [len(one.people) for one in read_for] == [1, 2]
    assert talk.answer() is None
    assert inbox(talk.db) == ["shared-number"]


def test_the_same_text_again_is_not_read_again(talk: Conversation, read_for: list[ReadFor]) -> None:
    talk.invited()
    first, again = (text_in(talk.db, talk.settings, talk.phone, "1", sid="SM1") for _ in range(2))
    assert first.id == again.id
    assert len(read_for) == 1


def test_an_expired_question_is_not_read_for(talk: Conversation, read_for: list[ReadFor]) -> None:
    talk.invited()
    with talk.db.write() as session:
        session.execute(update(OpenQuestion).values(expires_at=utc_now()))
    talk.says("1")
    assert [one.question for one in read_for] == [None]
