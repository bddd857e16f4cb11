"""Whole conversations: what a person writes, what follows from it, and what they hear."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.conversations.exchange import MOST_LEAVES
from bot.messaging.listing import list_messages
from bot.tables.attention import InboxItem
from bot.tables.campaigns import CampaignMember, CampaignState, MemberAnswer
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Kind, QuestionState, State
from bot.tables.partners import ReferralState
from bot.tables.patients import OptOutScope, Patient
from bot.texts.wording import wording_for
from tests.conversations.conftest import Conversation
from tests.factories import make_patient, make_practice, text_in
from tests.messaging.helpers import (
    change,
    inbox,
    london,
    make_campaign,
    queue_kind,
    send_all,
    texts_to,
    with_changes,
)

JI_HAAN = "Ji haan plz mujhe help chahiye heating band hai ghar mein, call after 3 bcz school run"


# A yes in a mix of Roman Urdu and English, and the consent that follows.


def test_a_partner_without_a_phone_number_is_given_none(talk: Conversation) -> None:
    change(talk.db, talk.partner, phone=None)
    talk.invited().says("1")
    talk.says("1")
    assert talk.heard()[-1] == ("fuel-poverty-referred-no-phone", "ur")
    assert "111" not in talk.last().body


def test_a_yes_in_roman_urdu_leads_to_consent_and_a_referral(talk: Conversation) -> None:
    talk.invited()
    assert talk.heard() == [("fuel-poverty-invitation", "ur")]
    talk.says(JI_HAAN)
    assert talk.heard()[1:] == [("fuel-poverty-consent", "ur")]
    assert talk.referrals == []
    talk.says("1")
    assert talk.heard()[2:] == [("fuel-poverty-referred", "ur")]
    [referral] = talk.referrals
    assert (referral.state, referral.said) == (ReferralState.SENT, JI_HAAN)
    assert talk.opt_outs == []
    assert inbox(talk.db) == []
    assert talk.answer() == MemberAnswer.YES


def test_a_consent_is_recorded_with_its_wording_version_language_and_both_messages(talk: Conversation) -> None:
    talk.invited().says("1")
    asked = talk.last()
    answer = talk.says("۱")
    [consent] = talk.consents
    wording = wording_for("fuel-poverty-consent", "ur")
    assert wording
    assert (consent.text_key, consent.language) == ("fuel-poverty-consent", "ur")
    assert consent.wording_digest == wording.digest
    assert (consent.question, consent.question_message_id) == (asked.body, asked.id)
    assert (consent.answer_message_id, consent.given_at) == (answer.id, answer.created_at)
    assert talk.referrals[0].consent_id == consent.id


def test_what_the_person_told_us_is_handed_on_once_and_without_bare_numbers(talk: Conversation) -> None:
    talk.invited()
    talk.says("1")
    talk.says("یہ کیا ہے؟ گھر ٹھنڈا ہے")
    talk.says("1")
    [referral] = talk.referrals
    assert referral.said == "یہ کیا ہے؟ گھر ٹھنڈا ہے"
    talk.says("1")
    assert len(talk.referrals) == len(talk.consents) == 1


def test_who_says_yes_when_the_partner_is_full_waits_and_is_told_so(talk: Conversation) -> None:
    for person in (talk, talk.person(language="pl")):
        person.invited().says("1")
        person.says("1")
    states = [referral.state for referral in talk.referrals]
    assert states == [ReferralState.SENT, ReferralState.WAITING]
    assert person.heard()[-1] == ("fuel-poverty-waiting", "pl")


def test_no_to_the_invitation_is_no_and_not_stop(talk: Conversation) -> None:
    person = talk.person(language="pl").invited()
    person.says("Nie")
    assert person.heard()[1:] == [("fuel-poverty-no-thanks", "pl")]
    assert (person.opt_outs, person.answer()) == ([], MemberAnswer.NO)


def test_no_to_the_consent_question_shares_nothing_and_says_so(talk: Conversation) -> None:
    talk.invited().says("1")
    talk.says("2")
    assert talk.heard()[-1] == ("fuel-poverty-not-shared", "ur")
    assert (talk.referrals, talk.consents) == ([], [])
    assert talk.answer() == MemberAnswer.NO


def test_a_mere_ok_to_the_consent_question_goes_to_a_person(talk: Conversation) -> None:
    talk.invited().says("1")
    talk.says("ok")
    assert talk.referrals == []
    assert inbox(talk.db) == ["not-understood"]


@pytest.mark.parametrize("body", ["1 or 2?", "yes but who are you?", "12", "maybe", "👍👎", "", "🙂", "1\n2"])
def test_any_doubt_goes_to_a_person_and_the_question_stays_open(talk: Conversation, body: str) -> None:
    talk.invited().says(body)
    assert inbox(talk.db) == ["not-understood"]
    assert talk.heard()[1:] == [("person-will-read", "ur")]
    assert talk.states() == [("invitation", QuestionState.OPEN)]
    assert talk.answer() == MemberAnswer.OTHER


def test_a_one_sent_twice_before_the_consent_question_is_not_a_consent(talk: Conversation) -> None:
    talk.invited()
    for _ in range(2):
        text_in(talk.db, talk.settings, talk.phone, "1")
    talk.sent()
    assert (talk.consents, inbox(talk.db)) == ([], ["no-open-question"])
    assert [key for key, _ in talk.heard()[1:]] == ["fuel-poverty-consent", "person-will-read"]


# Which question is answered.


def test_a_number_with_no_question_open_goes_to_a_person(talk: Conversation) -> None:
    talk.says("1")
    assert inbox(talk.db) == ["no-open-question"]
    assert talk.heard() == [("person-will-read", "ur")]


@pytest.mark.parametrize("body", ["yes", "ji haan", "no"])
def test_a_yes_or_no_with_no_question_open_goes_to_a_person(talk: Conversation, body: str) -> None:
    talk.says(body)
    assert inbox(talk.db) == ["no-open-question"]


def test_a_question_can_be_answered_for_fourteen_days_and_no_longer(talk: Conversation) -> None:
    talk.invited()
    talk.clock.shift(timedelta(days=14))
    talk.says("1")
    assert (talk.referrals, talk.answer()) == ([], MemberAnswer.OTHER)
    assert len(inbox(talk.db)) == 1


def test_consent_can_be_given_for_seven_days(talk: Conversation) -> None:
    talk.invited().says("1")
    talk.clock.shift(timedelta(days=6, hours=23))
    talk.says("1")
    assert len(talk.referrals) == 1


def test_after_a_no_a_late_yes_goes_to_a_person(talk: Conversation) -> None:
    talk.invited().says("2")
    talk.says("ji haan")
    assert inbox(talk.db) == ["no-open-question"]
    assert talk.referrals == []


def test_an_answer_counts_for_the_newest_question_only(talk: Conversation) -> None:
    talk.invited()
    second = Conversation(**(vars(talk) | {"campaign": make_campaign(talk.db, talk.practice, talk.partner)}))
    second.invited().says("1")
    answers = {member.campaign_id: member.answer for member in talk.all(CampaignMember)}
    assert answers == {talk.campaign.id: None, second.campaign.id: MemberAnswer.YES}


def test_a_shared_number_is_never_answered_for_one_of_its_people(talk: Conversation) -> None:
    talk.invited()
    make_patient(talk.db, talk.practice, phone=talk.phone, language="bn")
    talk.says("1")
    assert inbox(talk.db) == ["shared-number"]
    assert talk.answer() is None
    with talk.db.read() as session:
        assert session.get_one(Patient, talk.patient.id).language == "ur"


def test_an_unknown_number_goes_to_a_person_and_is_told_so(talk: Conversation) -> None:
    text_in(talk.db, talk.settings, "+447700900555", "hello")
    assert inbox(talk.db) == ["unknown-number"]
    assert [text.text_key for text in texts_to(talk.db, "+447700900555")] == ["person-will-read"]


def test_the_practice_whose_text_came_last_is_the_one_that_is_answered(talk: Conversation) -> None:
    harbour = make_practice(talk.db, "HARBOUR")
    there = make_patient(talk.db, harbour, phone=talk.phone, language="pl")
    talk.invited()
    queue_kind(talk.db, talk.settings, harbour, there, Kind.NOTICE)
    send_all(talk.db, talk.settings)
    assert talk.says("hello").practice_id == harbour.id


def test_a_yes_of_somebody_who_has_died_goes_to_a_person_and_nothing_is_sent(talk: Conversation) -> None:
    talk.invited()
    change(talk.db, talk.patient, deceased=True)
    talk.says("1")
    assert inbox(talk.db) == ["deceased"]
    assert (talk.referrals, talk.answer()) == ([], MemberAnswer.OTHER)
    assert talk.last().state == State.CANCELLED


# STOP, and everything around it.


def test_stop_in_polish_is_kept_at_once_even_in_the_evening_with_one_receipt(talk: Conversation) -> None:
    person = talk.person(language="pl").invited()
    person.clock.move_to(london("2026-11-24 21:40"))
    person.says("STOP prosze nie pisac wiecej")
    [wish] = person.opt_outs
    assert (wish.scope, wish.phone, wish.patient_id) == (OptOutScope.OUTREACH, person.phone, person.patient.id)
    assert person.heard()[1:] == [("opt-out-receipt", "pl")]
    assert person.last().state == State.ACCEPTED
    assert person.answer() == MemberAnswer.OPTED_OUT


def test_after_stop_a_booked_reminder_still_goes_and_an_invitation_does_not(talk: Conversation) -> None:
    talk.invited().says("0")
    queue_kind(talk.db, talk.settings, talk.practice, talk.patient, Kind.REMINDER)
    assert len(send_all(talk.db, talk.settings)) == 1
    queue_kind(talk.db, talk.settings, talk.practice, talk.patient, Kind.OUTREACH)
    assert send_all(talk.db, talk.settings) == []


def test_start_brings_the_invitations_back(talk: Conversation) -> None:
    ours = with_changes(talk.settings, twilio_opt_out="ours")
    talk = Conversation(**(vars(talk) | {"settings": ours}))
    talk.invited().says("STOP")
    talk.says("START")
    assert [key for key, _ in talk.heard()[1:]] == ["opt-out-receipt", "opt-in-receipt"]
    assert talk.opt_outs[0].lifted_at is not None


@pytest.mark.parametrize("body", ["STOP", "stop", " Stop ", "CANCEL", "END", "QUIT", "UNSUBSCRIBE", "OPTOUT"])
def test_a_bare_stop_is_confirmed_by_the_network_and_not_by_us(talk: Conversation, body: str) -> None:
    talk.invited().says(body)
    assert [wish.source for wish in talk.opt_outs] == ["twilio"]
    assert len(talk.heard()) == 1


def test_stopall_covers_every_text(talk: Conversation) -> None:
    talk.invited().says("STOPALL")
    assert talk.opt_outs[0].scope == OptOutScope.ALL


def test_the_networks_own_word_for_a_keyword_is_believed(talk: Conversation) -> None:
    talk.invited().says("বন্ধ", opt_out_type="STOP")
    assert [wish.source for wish in talk.opt_outs] == ["twilio"]
    assert len(talk.heard()) == 1


def test_a_yes_after_stop_does_not_undo_it_and_goes_to_a_person(talk: Conversation) -> None:
    talk.invited().says("0")
    talk.says("YES")
    assert talk.opt_outs[0].lifted_at is None
    assert inbox(talk.db) == ["no-open-question"]
    assert talk.referrals == []


def test_a_yes_that_the_network_took_for_start_answers_an_open_question_first(talk: Conversation) -> None:
    talk.invited().says("YES", opt_out_type="START")
    assert talk.answer() == MemberAnswer.YES
    talk.clock.shift(timedelta(days=30))
    talk.says("YES", opt_out_type="START")
    assert len(talk.referrals) == 0


def test_a_start_that_the_network_answered_is_not_answered_again(talk: Conversation) -> None:
    talk.invited().says("STOP")
    talk.says("START", opt_out_type="START")
    assert talk.opt_outs[0].lifted_at is not None
    assert len(talk.heard()) == 1


def test_help_is_answered_by_the_network_and_seen_by_a_person(talk: Conversation) -> None:
    talk.says("HELP")
    assert (talk.heard(), inbox(talk.db)) == ([], ["asked-for-help"])


@pytest.mark.parametrize("body", ["who is this?", "aap kaun hain", "kto to?"])
def test_who_asks_who_we_are_is_told_and_a_person_sees_it(talk: Conversation, body: str) -> None:
    talk.invited().says(body)
    assert [key for key, _ in talk.heard()[1:]] == ["help"]
    assert inbox(talk.db) == ["asked-for-help"]


@pytest.mark.parametrize("body", ["9", "Polski", "I don't speak English"])
def test_who_asks_for_a_language_after_stop_gets_no_text_and_a_person_reads_it(talk: Conversation, body: str) -> None:
    talk.invited().says("nie chce wiecej smsow")
    asked = talk.says(body)
    assert talk.last().state == State.CANCELLED
    assert [(item.message_id, item.reason) for item in talk.all(InboxItem)] == [(asked.id, "opted-out")]


def test_stop_to_the_consent_question_closes_it_and_shares_nothing(talk: Conversation) -> None:
    talk.invited().says("1")
    talk.says("0")
    talk.says("1")
    assert (talk.referrals, talk.consents) == ([], [])
    assert talk.states()[-1] == ("consent", QuestionState.ANSWERED)


def test_stop_before_the_consent_question_went_out_drops_it(talk: Conversation) -> None:
    talk.invited()
    for body in ("1", "0"):
        text_in(talk.db, talk.settings, talk.phone, body)
    talk.sent()
    consent, receipt = texts_to(talk.db, talk.phone)[1:]
    assert (consent.state, consent.reason) == (State.CANCELLED, "opted-out")
    assert receipt.state == State.ACCEPTED


# When answers go.


def test_an_answer_in_the_evening_goes_at_once(talk: Conversation) -> None:
    talk.invited().clock.move_to(london("2026-11-24 21:40"))
    talk.says("2")
    assert talk.last().state == State.ACCEPTED


def test_an_answer_that_is_half_an_hour_late_waits_for_the_morning(talk: Conversation) -> None:
    talk.invited().clock.move_to(london("2026-11-24 21:40"))
    text_in(talk.db, talk.settings, talk.phone, "2")
    talk.clock.shift(timedelta(minutes=31))
    assert send_all(talk.db, talk.settings) == []
    assert talk.last().not_before == london("2026-11-25 08:00")


# Robots and strangers.


@pytest.mark.parametrize("sender", ["NHSNoReply", "60777", "85000", "+4477", "Shop 24", ""])
def test_short_codes_and_names_get_no_automatic_answer(talk: Conversation, sender: str) -> None:
    text_in(talk.db, talk.settings, sender, "0")
    text_in(talk.db, talk.settings, sender, "hello")
    assert texts_to(talk.db, sender) == []


def test_a_robot_that_answers_everything_gets_five_texts_in_ten_minutes_and_then_a_person(
    talk: Conversation,
) -> None:
    for _ in range(12):
        talk.says("9")
    assert len(talk.heard()) == 5 + MOST_LEAVES
    assert inbox(talk.db)[-1] == "too-many-automatic"
    talk.clock.shift(timedelta(minutes=10))
    talk.says("9")
    assert len(talk.heard()) == 6 + MOST_LEAVES


def test_a_robot_that_says_stop_for_ever_does_not_get_a_receipt_for_ever(talk: Conversation) -> None:
    for _ in range(9):
        talk.says("STOP please")
    assert talk.heard() == [("opt-out-receipt", "ur")] * 5


def test_a_wrong_number_is_never_told_whose_it_was(talk: Conversation) -> None:
    talk.invited().says("wrong number")
    said = talk.last()
    assert said.text_key == "wrong-number"
    assert not any(word in said.body for word in ("Example", "Alex", "Station", talk.patient.nhs_number))
    assert inbox(talk.db) == ["wrong-number"]
    queue_kind(talk.db, talk.settings, talk.practice, talk.patient, Kind.OUTREACH)
    assert send_all(talk.db, talk.settings) == []


def test_after_wrong_number_nothing_that_phone_says_is_taken_as_the_patients_answer(talk: Conversation) -> None:
    talk.invited().says("wrong number")
    talk.says("1")
    assert talk.answer() == MemberAnswer.OTHER
    assert talk.referrals == []


def test_a_person_is_told_once_in_twelve_hours_that_somebody_will_read(talk: Conversation) -> None:
    for _ in range(3):
        talk.says("blah blah blah")
    assert talk.heard() == [("person-will-read", "ur")]
    talk.clock.shift(timedelta(hours=12))
    talk.says("blah blah blah")
    assert len(talk.heard()) == 2


def test_how_a_text_was_read_is_kept(talk: Conversation) -> None:
    message = talk.invited().says(JI_HAAN)
    with talk.db.read() as session:
        reading = session.exec(select(ReplyReading)).one()
    assert (reading.message_id, reading.intent, reading.language) == (message.id, "yes", "ur")


def test_a_stopped_campaign_still_answers_those_it_asked(talk: Conversation) -> None:
    talk.invited()
    change(talk.db, talk.campaign, state=CampaignState.STOPPED)
    talk.says("1")
    talk.says("1")
    assert len(talk.referrals) == 1


def test_an_answer_is_listed_with_the_campaign_it_answers(talk: Conversation) -> None:
    talk.says("hello")
    talk.invited().says("ہاں")
    with talk.db.read() as session:
        listed = [(text["body"], text["campaign"]) for text in list_messages(session, direction="in")]
        of_campaign = [text["direction"] for text in list_messages(session, talk.campaign.id)]
    assert listed == [("hello", None), ("ہاں", talk.campaign.id)]
    assert of_campaign == ["out", "in", "out"]
