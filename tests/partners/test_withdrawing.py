"""Somebody does not want it any more: what we were about to tell them of it does not go, and everything else does."""

import pytest
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.messaging.outbox import cancel_unsent_messages
from bot.partners.referring import withdraw_referral
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.messaging import Kind, Message, State, Subject
from bot.tables.partners import Referral
from tests.applications import application, browser_of, form_token
from tests.conversations.conftest import Conversation
from tests.conversations.conftest import clock as clock
from tests.conversations.conftest import talk as talk
from tests.factories import make_account, queue_staff_text, text_in
from tests.messaging.helpers import claim, invite, make_campaign, queue_kind, reload, rows, texts_to

WITHDRAWN = "referral-withdrawn"


def said_yes(person: Conversation) -> Referral:
    """Both yeses; what we answer to the second waits to go."""
    person.invited().says("1")
    person.clock.shift(60)
    text_in(person.db, person.settings, person.phone, "1")
    with person.db.read() as session:
        theirs = select(Referral).where(Referral.patient_id == person.patient.id)
        return session.exec(theirs.order_by(col(Referral.id).desc())).first() or pytest.fail("no referral")


def withdraw(person: Conversation, referral: Referral) -> None:
    assert withdraw_referral(person.db, person.settings, referral.code, CONSOLE).state == "withdrawn"


def last(person: Conversation) -> tuple[str | None, str, str | None]:
    """The newest text to somebody: which, its state and the reason."""
    text = texts_to(person.db, person.phone)[-1]
    return text.text_key, text.state, text.reason


def test_the_answer_to_their_yes_does_not_go_and_nobody_is_bothered(talk: Conversation) -> None:
    referral = said_yes(talk)
    assert last(talk) == ("fuel-poverty-referred", State.QUEUED, None)
    withdraw(talk, referral)
    assert last(talk) == ("fuel-poverty-referred", State.CANCELLED, WITHDRAWN)
    talk.sent()
    assert last(talk) == ("fuel-poverty-referred", State.CANCELLED, WITHDRAWN)
    assert talk.all(InboxItem) == []


def test_a_place_that_was_found_goes_to_the_next_in_line_who_is_told(talk: Conversation) -> None:
    first = said_yes(talk)
    second, third = (talk.person(language="pl") for _ in range(2))
    waiting = [said_yes(person) for person in (second, third)]
    for person in (talk, second, third):
        person.sent()
    assert [last(person)[0] for person in (second, third)] == ["fuel-poverty-waiting"] * 2
    withdraw(talk, first)
    assert last(second) == ("fuel-poverty-place-found", State.QUEUED, None)
    withdraw(second, waiting[0])
    assert last(second) == ("fuel-poverty-place-found", State.CANCELLED, WITHDRAWN)
    assert last(third) == ("fuel-poverty-place-found", State.QUEUED, None)
    talk.sent()
    assert last(third) == ("fuel-poverty-place-found", State.ACCEPTED, None)


def test_what_has_gone_stays_as_it_went(talk: Conversation) -> None:
    referral = said_yes(talk)
    talk.sent()
    withdraw(talk, referral)
    assert last(talk) == ("fuel-poverty-referred", State.ACCEPTED, None)


def test_what_a_worker_has_in_hand_is_not_taken_from_it(talk: Conversation) -> None:
    referral = said_yes(talk)
    talk.clock.shift(5)
    claim(talk.db, talk.settings)
    withdraw(talk, referral)
    assert last(talk) == ("fuel-poverty-referred", State.SENDING, None)


def test_every_other_text_to_the_person_and_to_others_goes(talk: Conversation) -> None:
    neighbour = talk.person(language="pl")
    theirs = said_yes(neighbour)
    neighbour.sent()
    referral = said_yes(talk)
    assert (theirs.state, referral.state) == ("sent", "waiting")
    others = [
        queue_staff_text(talk.db, talk.settings, talk.practice, talk.patient),
        *(queue_kind(talk.db, talk.settings, talk.practice, talk.patient, kind) for kind in Kind if kind != "inbound"),
    ]
    second_campaign = make_campaign(talk.db, talk.practice, talk.partner)
    others.append(invite(talk.db, talk.settings, talk.practice, talk.patient, second_campaign))
    withdraw(talk, referral)
    assert {reload(talk.db, text).state for text in others} == {State.QUEUED}
    with talk.db.read() as session:
        cancelled = [text for text in rows(session, Message) if text.state == State.CANCELLED]
    assert [(text.text_key, text.subject) for text in cancelled] == [
        ("fuel-poverty-waiting", Subject("referral", referral.id or 0))
    ]


def test_withdrawing_again_cancels_nothing_more(talk: Conversation) -> None:
    referral = said_yes(talk)
    withdraw(talk, referral)
    later = queue_kind(
        talk.db, talk.settings, talk.practice, talk.patient, Kind.NOTICE, subject=Subject("referral", referral.id or 0)
    )
    withdraw(talk, referral)
    assert reload(talk.db, later).state == State.QUEUED


def test_the_page_of_the_practice_cancels_it_too(talk: Conversation) -> None:
    referral = said_yes(talk)
    nurse = browser_of(
        application(talk.settings, talk.db), make_account(talk.db, Role.PRACTICE, practice=talk.practice)
    )
    nurse.post(f"/campaigns/referrals/{referral.code}/withdraw", data={"csrf_token": form_token(nurse)})
    assert last(talk) == ("fuel-poverty-referred", State.CANCELLED, WITHDRAWN)


def test_a_subject_is_its_kind_and_its_number(talk: Conversation) -> None:
    """A campaign with the number of the referral is not meant."""
    referral = said_yes(talk)
    with talk.db.write() as session:
        campaign = Subject("campaign", referral.id or 0)
        assert cancel_unsent_messages(session, campaign, list(Kind), "test") == 0
