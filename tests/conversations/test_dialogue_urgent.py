"""Danger in a reply: the 999 text at once, staff first, and no machine answers the rest."""

import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.tables.attention import InboxItem
from bot.tables.campaigns import MemberAnswer
from bot.tables.messaging import Kind, State
from bot.texts.languages import LIFELINES_ONLY
from tests.conversations.conftest import Conversation
from tests.factories import make_patient, text_in
from tests.messaging.helpers import approve, inbox, london, send_all, texts_to, with_changes

SOMALI = "haa laakin feera xanuun baan hayaa and cant breathe since morning"
RED = [
    ("so", SOMALI),
    ("so", "xabad xanuun"),
    ("ur", "seene mein dard"),
    ("en", "chest pian"),
    ("ar", "ألم في الصدر"),
]


def _urgency(talk: Conversation) -> list[str | None]:
    with talk.db.read() as session:
        return list(session.exec(select(InboxItem.urgency).order_by(col(InboxItem.id))))


@pytest.mark.parametrize(("tag", "body"), RED)
def test_danger_in_any_language_is_answered_with_999_in_it_and_in_english(
    talk: Conversation, tag: str, body: str
) -> None:
    person = talk.person(language=tag).invited()
    person.clock.move_to(london("2026-11-24 23:52"))
    person.says(body)
    assert person.heard()[1:] == [("emergency", language) for language in dict.fromkeys((tag, "en"))]
    assert all("999" in text.body for text in texts_to(person.db, person.phone)[1:])
    assert person.last().state == State.ACCEPTED
    assert (inbox(person.db), _urgency(person)) == (["urgent"], ["red"])


def test_a_yes_with_danger_in_it_is_not_taken_as_a_yes(talk: Conversation) -> None:
    person = talk.person(language="so").invited()
    person.says(SOMALI)
    assert person.answer() == MemberAnswer.URGENT
    person.says("1")
    assert (person.referrals, person.answer()) == ([], MemberAnswer.URGENT)


def test_a_sore_throat_is_for_a_person_and_not_for_999(talk: Conversation) -> None:
    person = talk.person(language="pl").invited()
    person.says("mam angine")
    assert (inbox(person.db), _urgency(person)) == (["urgent"], ["amber"])
    assert person.heard()[1:] == [("person-will-read", "pl")]


def test_no_chest_pain_thanks_is_not_overlooked(talk: Conversation) -> None:
    person = talk.person(language="en").invited()
    person.says("No chest pain thanks")
    assert _urgency(person) == ["amber"]


def test_the_999_text_comes_once_in_thirty_minutes(talk: Conversation) -> None:
    for _ in range(3):
        talk.says("chest pain")
        talk.clock.shift(60)
    assert talk.heard() == [("emergency", "ur"), ("emergency", "en")]
    assert inbox(talk.db) == ["urgent"] * 3
    talk.clock.shift(timedelta(minutes=30))
    talk.says("chest pain")
    assert len(talk.heard()) == 4


@pytest.mark.parametrize("tag", LIFELINES_ONLY)
def test_a_language_that_has_the_lifelines_alone_gets_999_in_it_and_in_english(talk: Conversation, tag: str) -> None:
    person = talk.person(language=tag)
    person.says("chest pain")
    assert person.heard() == [("emergency", tag), ("emergency", "en")]
    own, english = texts_to(person.db, person.phone)
    assert (own.parts, english.parts) == (1, 1)
    assert {"999", "111"} <= set(re.findall("[0-9]+", own.body))
    assert own.body != english.body


def test_one_who_writes_of_danger_in_hungarian_reads_of_999_in_it(talk: Conversation) -> None:
    person = talk.person(language="hu").invited()
    person.says("mellkasi fájdalom")
    assert person.heard()[1:] == [("emergency", "hu"), ("emergency", "en")]


@pytest.mark.parametrize("tag", ["hr", "yo"])
def test_a_language_without_wording_gets_999_once_in_english(talk: Conversation, tag: str) -> None:
    person = talk.person(language=tag)
    for _ in range(2):
        person.says("chest pain")
    assert person.heard() == [("emergency", "en")]


@pytest.mark.parametrize(
    ("language", "heard"), [("ur", ["ur", "en"]), (None, ["ur", "en"]), ("pl", ["en"])], ids=["same", "none", "other"]
)
def test_someone_on_a_shared_phone_gets_999_in_the_one_language_of_its_people(
    talk: Conversation, language: str | None, heard: list[str]
) -> None:
    make_patient(talk.db, talk.practice, phone=talk.phone, language=language)
    talk.says("chest pain")
    assert talk.heard() == [("emergency", tag) for tag in heard]


def test_someone_who_opted_out_gets_999_all_the_same(talk: Conversation) -> None:
    talk.invited().says("STOPALL")
    talk.says("chest pain")
    assert talk.last().state == State.ACCEPTED


def test_an_emergency_text_is_never_kept_back_by_other_answers(talk: Conversation) -> None:
    for _ in range(8):
        talk.says("STOP please")
    talk.says("chest pain")
    assert talk.heard()[-1] == ("emergency", "en")


def test_stop_with_danger_in_it_is_both(talk: Conversation) -> None:
    talk.invited().says("0 chest pain")
    assert "urgent" in inbox(talk.db)
    assert ("emergency", "en") in talk.heard()


# In live, where only approved wording goes.


@pytest.fixture
def earnest(talk: Conversation) -> Conversation:
    live = {"mode": "live", "twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_from": "+441632960001"}
    settings = with_changes(talk.settings, **live, public_url="https://texts.example.org", send_days="all")
    approve(talk.db, "fuel-poverty-invitation", tag="ur")
    return Conversation(**(vars(talk) | {"settings": settings}))


def test_in_live_an_answer_nobody_has_approved_becomes_a_matter_for_staff(earnest: Conversation) -> None:
    earnest.invited().says("1")
    assert earnest.heard() == [("fuel-poverty-invitation", "ur")]
    assert inbox(earnest.db) == ["wording-not-approved"]
    assert earnest.answer() == MemberAnswer.YES


def test_in_live_approved_english_stands_in_for_a_draft(earnest: Conversation) -> None:
    approve(earnest.db, "fuel-poverty-consent")
    earnest.invited().says("1")
    assert earnest.heard()[-1] == ("fuel-poverty-consent", "en")
    earnest.says("1")
    assert earnest.consents[0].language == "en"
    assert inbox(earnest.db) == ["wording-not-approved"]


def test_in_live_danger_is_answered_once_in_approved_english(earnest: Conversation) -> None:
    approve(earnest.db, "emergency")
    earnest.says("chest pain")
    earnest.says("chest pain")
    assert earnest.heard() == [("emergency", "en")]


def test_in_live_an_unapproved_999_text_is_said_to_staff(earnest: Conversation) -> None:
    earnest.says("chest pain")
    assert earnest.heard() == []
    assert inbox(earnest.db) == ["urgent", "wording-not-approved"]


def test_an_emergency_text_goes_before_everything_that_waits(talk: Conversation) -> None:
    text_in(talk.db, talk.settings, talk.phone, "2")
    text_in(talk.db, talk.settings, talk.phone, "chest pain")
    claims = send_all(talk.db, talk.settings)
    kinds = {text.id: text.kind for text in texts_to(talk.db, talk.phone)}
    assert [kinds[claim.message_id] for claim in claims][:2] == [Kind.EMERGENCY, Kind.EMERGENCY]
