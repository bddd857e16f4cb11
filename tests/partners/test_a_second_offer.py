"""A partner is full: the next is offered with a question of its own, and hears nothing before the yes to that."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from bot.audit import CONSOLE, SERVICE
from bot.clock import utc_now
from bot.messaging.questions import expire_questions
from bot.partners.capacity import partner_capacity
from bot.partners.lapsing import forget_old_proposals, lapse_proposals
from bot.partners.referring import decline_full, withdraw_referral
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.organisations import Partner
from bot.tables.partners import Consent, Referral
from tests.applications import application, browser_of, form_token
from tests.conversations.conftest import Conversation
from tests.conversations.conftest import clock as clock
from tests.conversations.conftest import talk as talk
from tests.factories import make_account
from tests.messaging.helpers import opt_out
from tests.partners.several import WARM, agree_to_all, answers, proposals, second_partner, set_room, standing


@pytest.fixture
def warm(talk: Conversation) -> Partner:
    return second_partner(talk)


def browser_at(talk: Conversation, partner: Partner) -> FlaskClient:
    return browser_of(application(talk.settings, talk.db), make_account(talk.db, Role.PARTNER, partner=partner))


def sees(talk: Conversation, partner: Partner) -> str:
    """What the partner's page says."""
    return browser_at(talk, partner).get("/referrals").text


def decline(talk: Conversation) -> None:
    """The first partner says that it is full for the newest referral."""
    referral = talk.referrals[-1]
    decline_full(talk.db, talk.settings, referral.partner_id, referral.code, SERVICE)
    talk.sent()


def test_the_first_partner_with_a_place_is_the_one_that_is_named(talk: Conversation, warm: Partner) -> None:
    set_room(talk, talk.partner, 0)
    talk.invited().says("1")
    assert WARM in talk.last().body
    assert "Citizens Advice" not in talk.last().body
    answers(talk, "1")
    assert standing(talk) == [(warm.id, "sent")]
    [consent] = talk.consents
    assert consent.partner_id == warm.id


def test_where_none_has_a_place_the_first_is_named_for_its_line(talk: Conversation, warm: Partner) -> None:
    for partner in (talk.partner, warm):
        set_room(talk, partner, 0)
    agree_to_all(talk)
    assert standing(talk) == [(talk.partner.id, "waiting")]
    assert talk.last().text_key == "fuel-poverty-waiting"


def test_who_is_in_the_middle_of_saying_yes_takes_the_place(talk: Conversation, warm: Partner) -> None:
    talk.invited().says("1")
    second = talk.person(language="pl", phone="+447700900124")
    second.invited().says("1")
    assert "Citizens Advice" in talk.last().body
    assert WARM in second.last().body


def test_a_place_that_went_meanwhile_is_said_and_the_second_is_offered(talk: Conversation, warm: Partner) -> None:
    talk.invited().says("1")
    set_room(talk, talk.partner, 0)
    answers(talk, "yes the heating is off")
    assert talk.last().text_key == "referral-second-offer"
    assert WARM in talk.last().body
    assert standing(talk) == [(talk.partner.id, "waiting")]
    assert "Alex" not in sees(talk, warm)
    answers(talk, "1")
    assert standing(talk) == [(talk.partner.id, "closed"), (warm.id, "sent")]
    old, new = talk.referrals
    assert (old.outcome, old.said, new.said) == ("another-partner", "", "yes the heating is off")
    assert [consent.partner_id for consent in talk.consents] == [talk.partner.id, warm.id]
    assert talk.last().text_key == "fuel-poverty-referred"
    assert WARM in talk.last().body


def test_who_says_no_to_the_second_waits_on_for_the_first(talk: Conversation, warm: Partner) -> None:
    talk.invited().says("1")
    set_room(talk, talk.partner, 0)
    answers(talk, "1")
    answers(talk, "2")
    assert standing(talk) == [(talk.partner.id, "waiting")]
    assert talk.last().text_key == "fuel-poverty-waiting"
    assert talk.all(InboxItem) == []
    assert [proposal.state for proposal in proposals(talk)] == ["refused"]


def test_when_the_partner_says_full_the_second_is_offered_and_sees_nothing_before_the_yes(
    talk: Conversation, warm: Partner
) -> None:
    agree_to_all(talk, "yes the boiler is broken")
    decline(talk)
    assert talk.last().text_key == "referral-second-offer"
    assert talk.last().language == "ur"
    assert standing(talk) == [(talk.partner.id, "full")]
    assert talk.all(InboxItem) == []
    assert "boiler" not in sees(talk, warm)
    assert len(talk.consents) == 1
    answers(talk, "1")
    assert standing(talk) == [(talk.partner.id, "full"), (warm.id, "sent")]
    page = browser_at(talk, warm).get(f"/referrals/{talk.referrals[-1].code}").text
    assert "boiler is broken" in page
    assert "boiler" not in sees(talk, talk.partner)


def test_a_no_to_the_second_hands_the_person_to_staff(talk: Conversation, warm: Partner) -> None:
    agree_to_all(talk)
    decline(talk)
    answers(talk, "2")
    assert standing(talk) == [(talk.partner.id, "full")]
    assert [item.reason for item in talk.all(InboxItem)] == ["partner-full"]
    assert talk.last().text_key == "fuel-poverty-no-thanks"


def test_each_partner_is_offered_once_and_then_staff_look_on(talk: Conversation, warm: Partner) -> None:
    agree_to_all(talk)
    decline(talk)
    answers(talk, "1")
    decline(talk)
    assert standing(talk) == [(talk.partner.id, "full"), (warm.id, "full")]
    assert talk.last().text_key == "fuel-poverty-partner-full"
    assert [item.reason for item in talk.all(InboxItem)] == ["partner-full"]


def test_a_third_is_offered_after_the_second(talk: Conversation, warm: Partner) -> None:
    age = second_partner(talk, code="AGE", name="Age UK", place=3)
    agree_to_all(talk)
    set_room(talk, warm, 0)
    decline(talk)
    assert "Age UK" in talk.last().body
    answers(talk, "1")
    assert standing(talk)[-1] == (age.id, "sent")


def test_without_a_second_it_is_as_before(talk: Conversation) -> None:
    agree_to_all(talk)
    decline(talk)
    assert talk.last().text_key == "fuel-poverty-partner-full"
    assert proposals(talk) == []


def test_who_wants_no_texts_is_not_asked_and_staff_are_told(talk: Conversation, warm: Partner) -> None:
    agree_to_all(talk)
    opt_out(talk.db, talk.practice, talk.phone)
    decline(talk)
    assert proposals(talk) == []
    assert [item.reason for item in talk.all(InboxItem)] == ["partner-full"]


def test_the_partner_reads_what_the_person_will_be_asked(talk: Conversation, warm: Partner) -> None:
    agree_to_all(talk)
    page = browser_at(talk, talk.partner).get(f"/referrals/{talk.referrals[0].code}").text
    assert WARM in page


def test_an_open_second_offer_holds_a_place_of_the_second(talk: Conversation, warm: Partner) -> None:
    agree_to_all(talk)
    decline(talk)
    with talk.db.read() as session:
        capacity = partner_capacity(session, session.get_one(Partner, warm.id), utc_now())
    assert (capacity.holding, capacity.expected) == (0, 1)


def test_a_second_that_is_full_when_the_yes_comes_takes_nobody_out_of_the_first_line(
    talk: Conversation, warm: Partner
) -> None:
    talk.invited().says("1")
    set_room(talk, talk.partner, 0)
    answers(talk, "1")
    set_room(talk, warm, 0)
    answers(talk, "1")
    assert standing(talk) == [(talk.partner.id, "waiting")]
    assert talk.last().text_key == "fuel-poverty-waiting"


def test_who_took_everything_back_meanwhile_is_referred_to_nobody(talk: Conversation, warm: Partner) -> None:
    talk.invited().says("1")
    set_room(talk, talk.partner, 0)
    answers(talk, "1")
    withdraw_referral(talk.db, talk.settings, talk.referrals[0].code, CONSOLE)
    answers(talk, "1")
    assert standing(talk) == [(talk.partner.id, "withdrawn")]
    assert [proposal.state for proposal in proposals(talk)] == ["dropped"]


def test_nobody_answers_and_staff_hear_of_it_after_a_week_once(talk: Conversation, warm: Partner) -> None:
    agree_to_all(talk)
    decline(talk)
    assert lapse_proposals(talk.db, talk.settings) == 0
    talk.clock.shift(timedelta(days=8))
    expire_questions(talk.db, talk.settings)
    assert [lapse_proposals(talk.db, talk.settings) for _ in range(2)] == [1, 0]
    assert [item.reason for item in talk.all(InboxItem)] == ["referral-not-answered"]
    assert standing(talk) == [(talk.partner.id, "full")]


def test_that_somebody_was_asked_is_forgotten_after_180_days(talk: Conversation, warm: Partner) -> None:
    agree_to_all(talk)
    decline(talk)
    answers(talk, "2")
    talk.clock.shift(timedelta(days=179))
    assert forget_old_proposals(talk.db, talk.settings) == 0
    talk.clock.shift(timedelta(days=2))
    assert forget_old_proposals(talk.db, talk.settings) == 1
    assert proposals(talk) == []
    assert len(talk.all(Referral)) == len(talk.all(Consent)) == 1


def test_the_button_of_the_partner_does_the_same(talk: Conversation, warm: Partner) -> None:
    agree_to_all(talk)
    browser = browser_at(talk, talk.partner)
    browser.post(f"/referrals/{talk.referrals[0].code}/full", data={"csrf_token": form_token(browser)})
    talk.sent()
    assert talk.last().text_key == "referral-second-offer"
