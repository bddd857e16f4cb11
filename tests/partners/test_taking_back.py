"""Somebody takes back their yes, by text or by staff: what can go goes, and they hear what is kept and why."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.audit import CONSOLE, AuditEntry
from bot.partners.noting import add_note
from bot.partners.referring import withdraw_referral
from bot.tables.accounts import Role, actor_of
from bot.tables.attention import InboxItem
from bot.tables.partners import Referral, ReferralNote, ReferralText
from bot.texts.wording import wording_for
from tests.applications import application, browser_of
from tests.conversations.conftest import Conversation
from tests.conversations.conftest import clock as clock
from tests.conversations.conftest import talk as talk
from tests.factories import make_account
from tests.messaging.helpers import invite, make_campaign
from tests.partners.several import agree_to_all, answers, standing

BOILER = "yes the boiler is broken"
SPOKEN = "He lives with his mother"


@pytest.fixture
def referred(talk: Conversation) -> Conversation:
    """Somebody who is referred, told us something, and of whom the partner noted something."""
    agree_to_all(talk, BOILER)
    adviser = make_account(talk.db, Role.PARTNER, partner=talk.partner)
    add_note(talk.db, talk.partner.id or 0, talk.referrals[0].code, SPOKEN, actor_of(adviser))
    return talk


def partners_pages(talk: Conversation) -> str:
    """All that the partner reads of the first referral and of its people."""
    browser = browser_of(application(talk.settings, talk.db), make_account(talk.db, Role.PARTNER, partner=talk.partner))
    addresses = ("/", "/referrals", f"/referrals/{talk.referrals[0].code}", "/referrals.csv?state=ended")
    return "\n".join(browser.get(address).text for address in addresses)


@pytest.mark.parametrize("no", ["2", "no", "نہیں", "no dont share my details"])
def test_a_no_while_they_are_referred_is_asked_about_before_anything_is_taken_back(
    referred: Conversation, no: str
) -> None:
    answers(referred, no)
    assert (referred.last().text_key, referred.last().language) == ("referral-withdraw", "ur")
    assert standing(referred) == [(referred.partner.id, "sent")]
    assert referred.all(InboxItem) == []


def test_a_yes_to_that_takes_it_all_back_and_says_what_is_kept(referred: Conversation) -> None:
    answers(referred, "no")
    answers(referred, "1")
    assert standing(referred) == [(referred.partner.id, "withdrawn")]
    assert (referred.last().text_key, referred.last().language) == ("referral-withdrawn", "ur")
    english = wording_for("referral-withdrawn", "en")
    assert english is not None
    assert "We deleted what you told us" in english.body
    assert "We keep only that you were referred and what you agreed to" in english.body


def test_a_no_to_that_leaves_everything_as_it_was(referred: Conversation) -> None:
    answers(referred, "no")
    answers(referred, "2")
    assert standing(referred) == [(referred.partner.id, "sent")]
    assert referred.last().text_key == "referral-stays"
    assert referred.referrals[0].said == BOILER


def test_what_they_said_and_what_was_noted_is_gone_and_what_happened_stays(referred: Conversation) -> None:
    withdraw_referral(referred.db, referred.settings, referred.referrals[0].code, CONSOLE)
    with referred.db.read() as session:
        assert not session.exec(select(ReferralNote)).all()
        assert not session.exec(select(ReferralText)).all()
    [referral], [consent] = referred.referrals, referred.consents
    assert (referral.said, referral.state, referral.purpose) == ("", "withdrawn", "fuel-poverty")
    assert referral.erased_at == consent.withdrawn_at is not None
    assert consent.question
    deeds = [entry.action for entry in referred.all(AuditEntry)]
    assert [deed for deed in deeds if deed.startswith("referral")] == [
        *("referral-made", "referral-noted", "referral-withdrawn"),
    ]


def test_the_partner_is_told_and_sees_nothing_of_them_any_more(referred: Conversation) -> None:
    code = referred.referrals[0].code
    assert "taken back" not in partners_pages(referred)
    withdraw_referral(referred.db, referred.settings, code, CONSOLE)
    seen = partners_pages(referred)
    assert "1 person has taken back their yes lately. Do not contact them." in seen
    assert f"Referral {code}" in seen
    assert not [secret for secret in (BOILER, SPOKEN, "07700 900123", "Alex") if secret in seen]
    referred.clock.shift(timedelta(days=15))
    assert "taken back their yes" not in partners_pages(referred)


def test_a_partner_that_never_had_them_is_not_told(talk: Conversation) -> None:
    other = talk.person(language="pl", phone="+447700900124")
    agree_to_all(other)
    agree_to_all(talk)
    waiting = talk.referrals[-1]
    assert waiting.state == "waiting"
    withdraw_referral(talk.db, talk.settings, waiting.code, CONSOLE)
    assert "taken back their yes" not in partners_pages(talk)


def test_a_no_of_somebody_who_is_not_referred_goes_to_a_person_as_before(talk: Conversation) -> None:
    talk.invited().says("2")
    answers(talk, "2")
    assert [item.reason for item in talk.all(InboxItem)] == ["no-open-question"]


def test_a_no_to_what_has_just_been_asked_is_an_answer_and_no_withdrawal(referred: Conversation) -> None:
    another = make_campaign(referred.db, referred.practice, referred.partner)
    invite(referred.db, referred.settings, referred.practice, referred.patient, another)
    referred.sent()
    answers(referred, "2")
    assert standing(referred) == [(referred.partner.id, "sent")]
    assert referred.last().text_key == "fuel-poverty-no-thanks"


def test_taken_back_after_it_ended_the_outcome_stays_and_the_words_go(referred: Conversation) -> None:
    with referred.db.write() as session:
        session.get_one(Referral, referred.referrals[0].id).state = "closed"
    for _ in range(2):
        erased = withdraw_referral(referred.db, referred.settings, referred.referrals[0].code, CONSOLE)
        assert (erased.state, erased.said) == ("closed", "")
    deeds = [entry.action for entry in referred.all(AuditEntry)]
    assert deeds.count("referral-erased") == 1
    assert SPOKEN not in partners_pages(referred)


def test_an_answer_that_comes_when_staff_did_it_already_goes_to_a_person(referred: Conversation) -> None:
    answers(referred, "no")
    withdraw_referral(referred.db, referred.settings, referred.referrals[0].code, CONSOLE)
    answers(referred, "1")
    assert [item.reason for item in referred.all(InboxItem)] != []
    assert standing(referred) == [(referred.partner.id, "withdrawn")]
