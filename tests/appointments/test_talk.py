"""A person and their visits by text: every answer, what follows it, and that nothing is given up by accident."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.appointments.by_text.offering import forget_old_offers, lapse_offers, offer_times
from bot.appointments.by_text.reminders import remind
from bot.appointments.by_text.silence import ask_about_silence
from bot.appointments.by_text.telling import tell_booked, why_no_text
from bot.appointments.joint.finding import Wish
from bot.clock import utc_now
from bot.messaging.questions import expire_questions
from bot.tables.appointments import ClaimedTime, Clinic, Offer, OwnSystemTask, Visit
from bot.tables.attention import InboxItem
from bot.tables.messaging import Message
from bot.tables.patients import OptOut, Patient
from tests.appointments.clinics import make_agency, make_interpreter
from tests.appointments.talking import Talk, wall
from tests.factories import make_patient, text_in
from tests.messaging.helpers import london, with_changes

WEEK = ("2026-12-01 09:00-12:00", "2026-12-02 14:00-17:00", "2026-12-03 17:00-19:00", "2026-12-05 10:00-12:00")


@pytest.fixture
def clinic(talk: Talk) -> Talk:
    """The clinic has times on four days."""
    return talk.opens(*WEEK)


def with_ours(talk: Talk) -> Talk:
    """Bare words are ours to answer."""
    talk.settings = with_changes(talk.settings, twilio_opt_out="ours")
    return talk


def held_cells(talk: Talk) -> int:
    return len([row for row in every_claim(talk) if row.offer_id is not None])


def every_claim(talk: Talk) -> list[ClaimedTime]:
    with talk.db.read() as session:
        return list(session.connection().execute(ClaimedTime.__table__.select()))  # type: ignore[attr-defined,arg-type]


def test_i_will_come_is_thanked_and_changes_nothing(clinic: Talk) -> None:
    visit = clinic.booked("2026-12-01 09:00")
    clinic.says("1")
    assert clinic.heard() == ["visit-booked", "visit-thanks"]
    assert clinic.now_is(visit) == visit
    assert clinic.questions() == [("visit", "answered")]


@pytest.mark.parametrize(
    ("number", "hears"), [("2", "visit-cannot-come"), ("\u0662", "visit-cannot-come"), ("5", "person-will-read")]
)
def test_who_said_that_they_come_may_change_their_mind(clinic: Talk, number: str, hears: str) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("1")
    clinic.says(number)
    assert clinic.heard() == ["visit-booked", "visit-thanks", hears]
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]
    assert [reason for reason, _ in clinic.inbox()] == (["call-me"] if number == "5" else [])


def test_a_number_after_the_visit_changes_nothing_of_it(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("1")
    clinic.at("2026-12-01 10:00").says("2")
    assert [reason for reason, _ in clinic.inbox()] == ["no-open-question"]


def test_i_cannot_come_asks_what_they_want_and_the_visit_stays(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("2")
    assert clinic.heard() == ["visit-booked", "visit-cannot-come"]
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]
    assert clinic.questions()[-1] == ("cannot-come", "open")


def test_who_wants_another_time_gets_three_and_keeps_theirs_until_one_is_taken(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("2")
    clinic.says("1")
    assert clinic.heard()[-1] == "visit-times"
    assert clinic.times() == ["1 2026-12-01 09:10 held", "2 2026-12-02 14:00 held", "3 2026-12-03 17:00 held"]
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]
    clinic.says("2")
    assert clinic.heard()[-1] == "visit-booked"
    assert clinic.visits() == [("2026-12-02 14:00", "booked")]
    assert clinic.times() == []
    assert held_cells(clinic) == 0


def test_who_does_not_need_it_gives_it_up_and_its_time_is_anybodys(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("2")
    clinic.says("2")
    assert clinic.heard()[-1] == "visit-given-up"
    assert clinic.visits() == [("2026-12-01 09:00", "cancelled")]
    assert every_claim(clinic) == []
    other = clinic.person(phone="+447700900124")
    other.booked("2026-12-01 09:00")
    assert other.heard() == ["visit-booked"]


@pytest.mark.parametrize("asked", [[], ["2"], ["2", "1"]])
def test_please_phone_me_is_seen_by_staff_and_the_visit_stays(clinic: Talk, asked: list[str]) -> None:
    clinic.booked("2026-12-01 09:00")
    for answer in asked:
        clinic.says(answer)
    clinic.says("5")
    assert clinic.inbox() == [("call-me", None)]
    assert clinic.heard()[-1] == "person-will-read"
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]
    assert held_cells(clinic) == 0
    [item] = clinic.all(InboxItem)
    assert (item.subject_kind, item.subject_id) == ("visit", clinic.all(Visit)[0].id)


@pytest.mark.parametrize("word", ["yes", "no", "haan", "nahi"])
def test_yes_and_no_in_words_give_nothing_up(clinic: Talk, word: str) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("2")
    clinic.says(word)
    assert clinic.inbox() == [("not-understood", None)]
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]


def test_nothing_is_given_up_by_silence_and_staff_hear_of_it_once(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("2")
    assert ask_about_silence(clinic.db, clinic.settings) == 0
    clinic.clock.shift(timedelta(hours=4))
    expire_questions(clinic.db, clinic.settings)
    assert [ask_about_silence(clinic.db, clinic.settings) for _ in range(2)] == [1, 0]
    assert clinic.inbox() == [("may-not-come", None)]
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]


def test_staff_hear_of_other_times_that_were_not_answered_before_the_visit(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("change")
    clinic.clock.shift(timedelta(hours=25))
    assert ask_about_silence(clinic.db, clinic.settings) == 1
    clinic.says("1")
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]


def test_who_said_since_that_they_come_is_not_asked_about(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("2")
    clinic.at("2026-11-28 09:05")
    remind(clinic.db, clinic.settings)
    clinic.sent()
    clinic.clock.shift(60)
    clinic.says("1")
    assert clinic.heard()[-2:] == ["visit-reminder", "visit-thanks"]
    assert ask_about_silence(clinic.db, clinic.settings) == 0


@pytest.mark.parametrize("words", ["change", "another time", "dusra waqt"])
def test_change_without_a_question_offers_other_times(clinic: Talk, words: str) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.at("2026-11-27 10:00").says("1")
    clinic.says(words)
    assert clinic.heard()[-1] == "visit-times"
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]


@pytest.mark.parametrize("words", ["I cannot come", "nahi aa sakta", "کینسل", "cancel my appointment"])
def test_cancel_in_words_asks_what_they_want(clinic: Talk, words: str) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("1")
    clinic.says(words)
    assert clinic.heard()[-1] == "visit-cannot-come"
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]


def test_with_several_visits_they_are_asked_which_and_what_they_wished_is_remembered(clinic: Talk) -> None:
    clinic.booked("2026-12-02 14:00")
    clinic.booked("2026-12-01 09:00")
    clinic.booked("2026-12-05 10:00")
    clinic.says("1")
    clinic.says("cancel my appointment")
    assert clinic.heard()[-1] == "visit-which"
    clinic.says("2")
    assert clinic.heard()[-1] == "visit-cannot-come"
    clinic.says("2")
    assert sorted(clinic.visits()) == [
        ("2026-12-01 09:00", "booked"),
        ("2026-12-02 14:00", "cancelled"),
        ("2026-12-05 10:00", "booked"),
    ]


def test_which_visit_to_change(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.booked("2026-12-02 14:00")
    clinic.says("1")
    clinic.says("change")
    assert clinic.heard()[-1] == "visit-which"
    clinic.says("1")
    assert clinic.heard()[-1] == "visit-times"
    clinic.says("1")
    assert ("2026-12-02 14:00", "booked") in clinic.visits()
    assert ("2026-12-01 09:00", "booked") not in clinic.visits()


@pytest.mark.parametrize(("answer", "reason"), [("5", "call-me"), ("4", "not-understood"), ("yes", "not-understood")])
def test_what_is_no_visit_of_the_list_is_for_a_person(clinic: Talk, answer: str, reason: str) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.booked("2026-12-02 14:00")
    clinic.says("1")
    clinic.says("change")
    clinic.says(answer)
    assert clinic.inbox() == [(reason, None)]


@pytest.mark.parametrize(("words", "reason"), [("change", "change"), ("I cannot come", "cancel"), ("book", "book")])
def test_without_a_visit_or_a_time_a_person_reads_it(talk: Talk, words: str, reason: str) -> None:
    talk.says(words)
    assert talk.inbox() == [(reason, None)]
    assert talk.heard() == ["person-will-read"]


def test_who_wants_an_appointment_gets_times_of_a_general_clinic(clinic: Talk) -> None:
    clinic.says("book")
    assert clinic.heard() == ["visit-times"]
    clinic.says("3")
    assert clinic.heard()[-1] == "visit-booked"
    assert clinic.visits() == [("2026-12-03 17:00", "booked")]
    assert clinic.inbox() == []
    [visit] = clinic.all(Visit)
    assert visit.made_by == "person"


@pytest.mark.parametrize("person", [{"phone_status": "unsafe"}, {"phone_status": "shared"}, {"texting_refused": True}])
def test_of_a_phone_that_may_not_be_theirs_a_person_reads_it(clinic: Talk, person: dict[str, Any]) -> None:
    one = clinic.person(**person)
    one.says("book")
    assert one.inbox() == [("book", None)]
    assert clinic.all(Offer) == []


def test_who_has_a_visit_to_come_may_mean_that_one_so_a_person_reads_it(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("1")
    clinic.says("appointment")
    assert clinic.inbox() == [("book", None)]


def test_a_family_on_one_phone_is_never_guessed_at(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    make_patient(clinic.db, clinic.practice, phone=clinic.phone, language="ur")
    for words in ("1", "2", "change", "book", "I cannot come"):
        clinic.says(words)
    assert {reason for reason, _ in clinic.inbox()} == {"shared-number"}
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]
    assert clinic.all(Offer) == []


def test_other_times_never_come_twice_and_after_three_pages_staff_phone(clinic: Talk) -> None:
    clinic.says("book")
    shown = clinic.times()
    for _ in range(2):
        clinic.says("4")
        assert clinic.heard()[-1] == "visit-times"
        shown += clinic.times()
    starts = [time.split()[1] + time.split()[2] for time in shown]
    assert len(starts) == len(set(starts)) == 9
    clinic.says("4")
    assert clinic.heard()[-1] == "visit-no-times"
    assert clinic.inbox() == [("no-time-suits", None)]
    assert held_cells(clinic) == 0


@pytest.mark.parametrize("words", ["no", "نہیں", "another time"])
def test_no_to_times_in_words_is_other_times(clinic: Talk, words: str) -> None:
    clinic.says("book")
    before = clinic.times()
    clinic.says(words)
    assert clinic.heard() == ["visit-times", "visit-times"]
    assert not set(before) & set(clinic.times())


def test_a_number_that_is_not_among_the_times_gets_the_list_again(talk: Talk) -> None:
    talk.opens("2026-12-01 09:00-09:20")
    talk.says("book")
    assert talk.times() == ["1 2026-12-01 09:00 held", "2 2026-12-01 09:10 held"]
    talk.says("3")
    assert talk.heard() == ["visit-times", "visit-times"]
    assert talk.times() == ["1 2026-12-01 09:00 held", "2 2026-12-01 09:10 held"]
    talk.says("2")
    assert talk.visits() == [("2026-12-01 09:10", "booked")]


def test_a_time_that_is_held_is_nobody_elses(clinic: Talk) -> None:
    clinic.says("book")
    other = clinic.person(phone="+447700900124")
    other.says("book")
    theirs = [time.rpartition(" ")[0][2:] for time in other.times()]
    assert len(theirs) == len(set(theirs)) == 6


def test_a_hold_runs_from_when_the_network_took_the_text_then_the_time_is_anybodys(clinic: Talk) -> None:
    clinic.says("book")
    lapse_offers(clinic.db, clinic.settings)
    sent = clinic.last().sent_at
    assert sent is not None
    assert {offer.held_until for offer in clinic.all(Offer)} == {sent + timedelta(minutes=30)}
    assert lapse_offers(clinic.db, clinic.settings) == 0
    clinic.clock.move_to(sent + timedelta(minutes=30))
    assert lapse_offers(clinic.db, clinic.settings) == 3
    assert held_cells(clinic) == 0
    assert clinic.times() == ["1 2026-12-01 09:00 soft", "2 2026-12-02 14:00 soft", "3 2026-12-03 17:00 soft"]


def test_a_time_that_is_not_held_any_more_is_booked_if_it_is_free(clinic: Talk) -> None:
    clinic.says("book")
    clinic.clock.shift(timedelta(hours=5))
    lapse_offers(clinic.db, clinic.settings)
    clinic.says("2")
    assert clinic.visits() == [("2026-12-02 14:00", "booked")]


def test_a_time_that_somebody_else_took_is_said_to_be_gone_with_others(clinic: Talk) -> None:
    clinic.says("book")
    clinic.clock.shift(timedelta(hours=5))
    for _ in range(2):
        lapse_offers(clinic.db, clinic.settings)
    clinic.person(phone="+447700900124").booked("2026-12-02 14:00")
    clinic.says("2")
    assert clinic.heard() == ["visit-times", "visit-times-gone"]
    assert clinic.visits() == []
    clinic.says("1")
    assert clinic.heard()[-1] == "visit-booked"
    assert "2026-12-02 14:00" not in [starts for starts, _ in clinic.visits()]


def test_an_offer_that_ran_out_still_gets_new_times_within_a_week(clinic: Talk) -> None:
    clinic.says("book")
    clinic.clock.shift(timedelta(hours=30))
    lapse_offers(clinic.db, clinic.settings)
    lapse_offers(clinic.db, clinic.settings)
    expire_questions(clinic.db, clinic.settings)
    clinic.says("1")
    assert clinic.heard() == ["visit-times", "visit-times-gone"]
    assert clinic.inbox() == []
    clinic.clock.shift(timedelta(days=9))
    clinic.says("1")
    assert clinic.inbox() == [("no-open-question", None)]


def test_after_something_newer_was_asked_an_old_offer_is_not_answered(clinic: Talk) -> None:
    clinic.says("book")
    clinic.clock.shift(timedelta(hours=30))
    lapse_offers(clinic.db, clinic.settings)
    clinic.booked("2026-12-05 10:00")
    clinic.says("1")
    assert clinic.heard()[-1] == "visit-thanks"


def test_an_offer_that_the_network_did_not_take_in_time_gives_its_times_back_and_is_not_sent(clinic: Talk) -> None:
    text_in(clinic.db, clinic.settings, clinic.phone, "book")
    assert held_cells(clinic) > 0
    clinic.clock.shift(timedelta(hours=2, minutes=1))
    lapse_offers(clinic.db, clinic.settings)
    assert held_cells(clinic) == 0
    clinic.sent()
    assert clinic.heard() == []
    assert [reason for reason, _ in clinic.inbox()] == ["too-late"]
    assert {offer.state for offer in clinic.all(Offer)} == {"expired"}


def test_an_urgent_word_wins_and_gives_back_what_was_held(clinic: Talk) -> None:
    clinic.says("book")
    assert held_cells(clinic) > 0
    clinic.says("1 seene mein dard")
    assert held_cells(clinic) == 0
    assert ("urgent", "red") in clinic.inbox()
    assert clinic.visits() == []


def test_only_a_third_of_the_held_slots_are_on_hold_and_beyond_it_a_text_promises_nothing(talk: Talk) -> None:
    interpreted = talk.person(language="ur", interpreter=True)
    make_interpreter(talk.db, make_agency(talk.db, talk.practice))
    talk.opens("2026-12-01 09:00-10:00", "2026-12-02 09:00-10:00", "2026-12-03 09:00-10:00", kind="held")
    interpreted.says("book")
    assert interpreted.heard() == ["visit-times"]
    other = talk.person(language="ur", interpreter=True)
    other.says("book")
    assert other.heard() == ["visit-times-first-come"]
    assert {time.split()[-1] for time in other.times()} == {"held", "soft"}
    other.says("1")
    assert other.heard()[-1].startswith("visit-booked-woman")


def test_a_visit_of_the_practices_own_book_is_taken_out_there_first(talk: Talk) -> None:
    visit = talk.visit("2026-12-01 09:00", kind="external", clinic_id=None)
    with talk.db.write() as session:
        tell_booked(session, talk.settings, session.get_one(Visit, visit.id))
    talk.sent().clock.shift(60)
    talk.says("2")
    talk.says("I cannot come")
    assert talk.heard() == ["visit-booked", "person-will-read"]
    assert [(task.what, task.visit_id) for task in talk.all(OwnSystemTask)] == [("take-out", visit.id)]
    assert talk.visits() == [("2026-12-01 09:00", "booked")]


def test_who_wants_another_time_of_the_practices_own_book_is_staffs(talk: Talk) -> None:
    talk.visit("2026-12-01 09:00", kind="external", clinic_id=None)
    talk.says("change")
    assert talk.inbox() == [("change", None)]


def missed(talk: Talk) -> Talk:
    """They did not come, and were written to."""
    talk.visit("2026-11-24 09:30", state="did-not-attend")
    talk.at("2026-11-25 10:00")
    remind(talk.db, talk.settings)
    talk.sent().clock.shift(60)
    return talk


def test_who_did_not_come_and_wants_a_new_time_is_offered_some(clinic: Talk) -> None:
    missed(clinic).says("1")
    assert clinic.heard() == ["visit-not-attended", "visit-times"]


@pytest.mark.parametrize(("answer", "reasons"), [("2", []), ("5", ["call-me"]), ("haan", []), ("nahi", [])])
def test_who_did_not_come_may_say_no_or_ask_for_a_call(clinic: Talk, answer: str, reasons: list[str]) -> None:
    missed(clinic).says(answer)
    assert [reason for reason, _ in clinic.inbox()] == reasons


def test_a_bare_cancel_that_the_network_took_stops_all_and_the_visit_stays(clinic: Talk) -> None:
    visit = clinic.booked("2026-12-01 09:00")
    clinic.says("CANCEL")
    assert [(wish.scope, wish.source) for wish in clinic.all(OptOut)] == [("all", "twilio")]
    assert clinic.inbox() == [("cancel-or-stop", None)]
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]
    [item] = clinic.all(InboxItem)
    assert (item.subject_kind, item.subject_id) == ("visit", visit.id)
    assert clinic.heard() == ["visit-booked"]
    with clinic.db.read() as session:
        assert why_no_text(session, session.get_one(Visit, visit.id)) == "opted-out"


@pytest.mark.parametrize("word", ["CANCEL", "cancel", "END"])
def test_within_a_day_of_the_visit_it_is_red(clinic: Talk, word: str) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.at("2026-11-30 09:30").says(word, opt_out_type="STOP")
    assert clinic.inbox() == [("cancel-or-stop", "red")]


def test_without_a_visit_a_bare_cancel_is_a_stop_as_ever(talk: Talk) -> None:
    talk.says("CANCEL")
    assert [(wish.scope, wish.source) for wish in talk.all(OptOut)] == [("all", "twilio")]
    assert talk.inbox() == []


def test_a_bare_stop_with_a_visit_is_a_stop_as_ever(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("STOP")
    assert [(wish.scope, wish.source) for wish in clinic.all(OptOut)] == [("all", "twilio")]
    assert clinic.inbox() == []


@pytest.mark.parametrize("word", ["CANCEL", "end", "Cancel!"])
def test_where_bare_words_are_ours_cancel_asks_what_they_want(clinic: Talk, word: str) -> None:
    with_ours(clinic).booked("2026-12-01 09:00")
    clinic.says(word)
    assert clinic.heard() == ["visit-booked", "visit-cannot-come"]
    assert clinic.all(OptOut) == []


BOTH = {"tr": "iptal", "pt": "cancelar", "it": "annulla", "ar": "إلغاء", "zh-Hans": "取消", "fa": "لغو", "pl": "anuluj"}


@pytest.mark.parametrize(("tag", "word"), BOTH.items())
def test_a_word_that_means_both_asks_what_they_want_where_there_is_a_visit(clinic: Talk, tag: str, word: str) -> None:
    one = clinic.person(language=tag)
    one.booked("2026-12-01 09:00")
    one.says(word)
    assert one.heard()[-1] == "visit-cannot-come"
    assert one.all(OptOut) == []


def test_a_word_that_means_both_is_a_stop_where_there_is_no_visit(clinic: Talk) -> None:
    clinic.person(language="tr").says("iptal")
    assert [wish.scope for wish in clinic.all(OptOut)] == ["outreach"]


def test_on_a_familys_phone_it_is_a_stop_and_staff_see_both(clinic: Talk) -> None:
    with_ours(clinic).booked("2026-12-01 09:00")
    make_patient(clinic.db, clinic.practice, phone=clinic.phone, language="ur")
    clinic.says("CANCEL")
    assert [wish.scope for wish in clinic.all(OptOut)] == ["outreach"]
    assert clinic.inbox() == [("cancel-or-stop", None)]
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]


def test_who_wants_no_invitations_is_still_answered_about_their_visit(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("no more texts")
    assert [wish.scope for wish in clinic.all(OptOut)] == ["outreach"]
    clinic.says("I cannot come")
    assert clinic.heard()[-1] == "visit-cannot-come"
    clinic.says("1")
    assert clinic.heard()[-1] == "visit-times"


def test_an_answer_to_a_visit_that_has_begun_is_for_a_person(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.at("2026-12-01 09:01").says("2")
    assert clinic.inbox() == [("no-open-question", None)]
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]


def test_another_language_asks_the_same_again_in_it(clinic: Talk) -> None:
    clinic.booked("2026-12-01 09:00")
    clinic.says("9")
    clinic.says("3")
    assert clinic.heard() == ["visit-booked", "language-menu-page", "visit-booked"]
    assert clinic.last().language != "ur"
    clinic.says("2")
    assert clinic.heard()[-1] == "visit-cannot-come"


def test_another_language_shows_the_same_times_again(clinic: Talk) -> None:
    clinic.says("book")
    before = clinic.times()
    clinic.says("9")
    clinic.says("3")
    assert clinic.heard()[-1] == "visit-times"
    assert clinic.times() == before


def test_what_people_are_told_never_says_where_the_clinic_is_of(clinic: Talk) -> None:
    english = clinic.person(language="en", phone="+447700900125")
    english.says("book")
    assert "9am" in english.last().body
    assert "We keep them for you for 30 minutes" in english.last().body
    english.says("1")
    with clinic.db.read() as session:
        bodies = session.exec(select(Message.body)).all()
    assert not [body for body in bodies if "GENERAL" in body or "Nina" in body]


def test_a_move_to_a_time_beside_their_own_is_offered_too(talk: Talk) -> None:
    talk.opens("2026-12-01 09:00-09:30")
    talk.booked("2026-12-01 09:10")
    talk.says("change")
    assert talk.times() == ["1 2026-12-01 09:00 held", "2 2026-12-01 09:20 held"]
    talk.says("2")
    assert talk.visits() == [("2026-12-01 09:20", "booked")]
    assert {wall(visit.moved_from) for visit in talk.all(Visit)} == {"2026-12-01 09:10"}


def test_at_night_an_offer_made_by_staff_waits_for_the_window_and_its_hold_with_it(clinic: Talk) -> None:
    clinic.at("2026-11-24 22:00")
    with clinic.db.write() as session:
        wish = Wish(session.get_one(Patient, clinic.patient.id), session.get_one(Clinic, clinic.clinic.id))
        assert offer_times(session, clinic.settings, wish) is not None
    lapse_offers(clinic.db, clinic.settings)
    clinic.at("2026-11-25 08:00").sent()
    assert clinic.heard() == ["visit-times"]
    assert {offer.state for offer in clinic.all(Offer)} == {"held"}
    assert utc_now() < clinic.all(Offer)[0].held_until <= london("2026-11-25 10:00")


@pytest.mark.parametrize("words", ["10 min late sorry", "main late ho jaunga", "5"])
@pytest.mark.parametrize(("now", "urgency"), [("2026-12-01 07:30", "amber"), ("2026-11-30 07:30", None)])
def test_what_somebody_writes_shortly_before_their_visit_is_read_first(
    clinic: Talk, words: str, now: str, urgency: str | None
) -> None:
    visit = clinic.booked("2026-12-01 09:00")
    clinic.at(now).says(words)
    assert [pressing for _, pressing in clinic.inbox()] == [urgency]
    [item] = clinic.all(InboxItem)
    assert item.subject_id == (visit.id if urgency or words == "5" else None)
    assert clinic.visits() == [("2026-12-01 09:00", "booked")]


def test_offers_of_long_ago_are_forgotten_and_no_others(clinic: Talk) -> None:
    clinic.says("book")
    clinic.says("1")
    clinic.clock.shift(timedelta(days=91))
    assert forget_old_offers(clinic.db, clinic.settings) == 0
    clinic.clock.shift(timedelta(days=2))
    assert [forget_old_offers(clinic.db, clinic.settings) for _ in range(2)] == [3, 0]


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("chcę umówić wizytę", "language-confirm"),
        ("appointment chahiye mujhe", "person-will-read"),
        ("I want to book an appointment", "visit-times"),
    ],
)
def test_of_whom_no_language_is_known_times_go_in_english_only_to_who_writes_it(
    clinic: Talk, words: str, heard: str
) -> None:
    one = clinic.person(language=None)
    one.says(words)
    assert one.heard() == [heard]
    assert one.inbox() == ([] if heard == "visit-times" else [("book", None)])


def test_nobody_is_thanked_for_coming_at_a_time_that_has_to_be_another(clinic: Talk) -> None:
    visit = clinic.booked("2026-12-01 09:00")
    clinic.changes(visit, to_move_since=london("2026-11-24 10:00"))
    clinic.says("1")
    assert "visit-thanks" not in clinic.heard()
    assert len(clinic.inbox()) == 1
