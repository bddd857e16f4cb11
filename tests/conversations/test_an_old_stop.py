"""They said STOP from an old number, and write from a new one: nothing is promised that a claim would take back."""

import html
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from bot.audit import CONSOLE
from bot.campaigns.asking_again import ASK_AGAIN
from bot.conversations.actions import act_on
from bot.conversations.answering import KEPT_BACK, Draft, send_answer
from bot.conversations.inbox import conversation, find_item, list_items
from bot.lists.importing import import_list
from bot.patients.eligibility import Reason
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.messaging import Message, State
from bot.tables.patients import Patient
from tests.applications import application, browser_of, form_token
from tests.conversations.conftest import Conversation
from tests.factories import make_account, text_in
from tests.messaging.helpers import change, rows

OLD, NEW = "+447700900123", "+447700900124"
UNSURE = "haan lekin pehle mere shohar se poochna hai"
HEADER = "NHS Number,Surname,Given Name,Date of Birth,Mobile Telephone,Main Language"


def by_a_list(talk: Conversation) -> None:
    person = talk.patient
    row = f"{person.nhs_number},{person.surname},{person.given_name},{person.born},{NEW},Urdu"
    import_list(
        talk.db,
        talk.settings,
        talk.practice.code,
        f"{HEADER}\n{row}\n".encode(),
        selected_for=None,
        dry_run=False,
        actor=CONSOLE,
    )


def by_the_record(talk: Conversation) -> None:
    change(talk.db, talk.patient, phone=NEW)


def reload_patient(talk: Conversation) -> Conversation:
    with talk.db.read() as session:
        talk.patient = session.get_one(Patient, talk.patient.id)
    return talk


def item_of(talk: Conversation) -> int:
    with talk.db.read() as session:
        [entry] = list_items(session, talk.practice.id or 0)
        return entry.item.id or 0


def open_items(talk: Conversation) -> list[tuple[int | None, str]]:
    with talk.db.read() as session:
        entries = list_items(session, talk.practice.id or 0)
    return [(entry.item.message_id, entry.item.reason) for entry in entries]


def browser(talk: Conversation) -> FlaskClient:
    lead = make_account(talk.db, Role.LEAD, practice=talk.practice)
    return browser_of(application(talk.settings, talk.db), lead)


def page_of(talk: Conversation) -> str:
    return html.unescape(browser(talk).get(f"/inbox/{item_of(talk)}").text)


def send(talk: Conversation) -> Message:
    item_id, practice_id = item_of(talk), talk.practice.id or 0
    with talk.db.read() as session:
        entry = find_item(session, practice_id, item_id)
        assert entry is not None
        seen = max(bubble.message.id or 0 for bubble in conversation(session, practice_id, entry.item))
    draft = Draft("staff-thank-you", "ur", seen=seen)
    return send_answer(talk.db, talk.settings, item_id, practice_id, draft, CONSOLE, finish=True)


def ask(talk: Conversation) -> None:
    act_on(talk.db, talk.settings, item_of(talk), talk.practice.id or 0, ASK_AGAIN, CONSOLE)


@pytest.fixture(params=[by_a_list, by_the_record])
def moved(request: pytest.FixtureRequest, talk: Conversation) -> Callable[[str], Conversation]:
    """Somebody who was invited, said a word from their old number, and then got a new one."""

    def say(word: str) -> Conversation:
        talk.invited().says(word)
        request.param(talk)
        assert reload_patient(talk).phone == NEW
        return talk

    return say


@pytest.mark.parametrize(("word", "scope"), [("STOP", "all"), ("STOPALL", "all"), ("band karo", "outreach")])
def test_a_stop_follows_the_person_to_a_number_that_came_later(
    moved: Callable[[str], Conversation], word: str, scope: str
) -> None:
    talk = moved(word)
    [opt_out] = talk.opt_outs
    assert (opt_out.phone, opt_out.patient_id, opt_out.scope) == (OLD, talk.patient.id, scope)


@pytest.mark.parametrize("word", ["STOP", "STOPALL"])
def test_who_writes_from_the_new_number_is_not_offered_a_question_that_a_claim_would_cancel(
    moved: Callable[[str], Conversation], word: str
) -> None:
    talk = moved(word)
    talk.says(UNSURE)
    assert "Ask by text" not in page_of(talk)
    with pytest.raises(Refused) as refused:
        ask(talk)
    assert refused.value.code == "nothing-to-ask"
    talk.sent()
    assert "fuel-poverty-consent" not in {key for key, _ in talk.heard()}


def test_the_page_cannot_be_made_to_ask_either(moved: Callable[[str], Conversation]) -> None:
    talk = moved("STOP")
    talk.says(UNSURE)
    visitor = browser(talk)
    page = f"/inbox/{item_of(talk)}"
    assert visitor.post(f"{page}/ask-again", data={"csrf_token": form_token(visitor)}).status_code == 409
    assert len(open_items(talk)) == 1


def test_the_page_says_that_they_want_no_invitations_and_an_answer_still_goes(
    moved: Callable[[str], Conversation],
) -> None:
    talk = moved("band karo")
    talk.says(UNSURE)
    page = page_of(talk)
    assert "Wants no invitations. An answer from you may still go." in page
    assert "See it before it goes" in page
    answer = send(talk)
    talk.sent()
    with talk.db.read() as session:
        assert session.get_one(Message, answer.id).state == State.ACCEPTED
    assert open_items(talk) == []


def test_who_wants_no_texts_at_all_is_offered_none_and_the_page_says_to_phone(
    moved: Callable[[str], Conversation],
) -> None:
    talk = moved("STOPALL")
    talk.says(UNSURE)
    page = page_of(talk)
    assert "Wants no texts at all. Phone instead." in page
    assert KEPT_BACK[Reason.OPTED_OUT] in page
    assert "See it before it goes" not in page
    with pytest.raises(Refused) as refused:
        send(talk)
    assert refused.value.code == "opted-out"


def test_an_item_is_there_once_though_our_own_answer_to_them_was_kept_back(
    moved: Callable[[str], Conversation],
) -> None:
    talk = moved("STOP")
    theirs = talk.says(UNSURE)
    [(message, _)] = open_items(talk)
    assert message == theirs.id
    with talk.db.read() as session:
        kept_back = [text for text in rows(session, Message) if text.state == State.CANCELLED]
    assert {(text.phone, text.reason) for text in kept_back} <= {(NEW, "opted-out")}


def test_a_stop_that_comes_while_a_question_waits_brings_the_item_back_with_the_reason(talk: Conversation) -> None:
    talk.invited()
    theirs = talk.says(UNSURE)
    ask(talk)
    assert open_items(talk) == []
    text_in(talk.db, talk.settings, talk.phone, "STOP")
    talk.sent()
    with talk.db.read() as session:
        [question] = [text for text in rows(session, Message) if text.text_key == "fuel-poverty-consent"]
    assert (question.state, question.reason, question.answers_id) == (State.CANCELLED, "opted-out", theirs.id)
    assert open_items(talk) == [(question.id, "opted-out")]
    assert "A text could not go: the person asked us not to text." in page_of(talk)


@pytest.mark.parametrize("brings_it", [by_a_list, by_the_record])
def test_a_stop_counts_also_for_what_they_wrote_before_the_new_number_was_known_as_theirs(
    talk: Conversation, brings_it: Callable[[Conversation], None]
) -> None:
    talk.invited().says("STOPALL")
    text_in(talk.db, talk.settings, NEW, UNSURE)
    brings_it(talk)
    reload_patient(talk).sent()
    page = page_of(talk)
    assert "Wants no texts at all. Phone instead." in page
    assert "See it before it goes" not in page
    with pytest.raises(Refused) as refused:
        send(talk)
    assert refused.value.code == "opted-out"


def test_the_stop_of_a_stranger_says_nothing_about_another_stranger(talk: Conversation) -> None:
    text_in(talk.db, talk.settings, "+447700900777", "STOPALL")
    text_in(talk.db, talk.settings, "+447700900778", "when are you open")
    page = page_of(talk)
    assert "Opted out" not in page
    assert "See it before it goes" in page


def test_who_wants_texts_again_is_asked_again_on_the_new_number(moved: Callable[[str], Conversation]) -> None:
    talk = moved("STOP")
    talk.says("START")
    assert all(opt_out.lifted_at for opt_out in talk.opt_outs)
    talk.says(UNSURE)
    ask(talk)
    talk.sent()
    assert talk.heard()[-1] == ("fuel-poverty-consent", "ur")
