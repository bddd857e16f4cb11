"""A visit loses its interpreter: the next is asked, one at a time, and the person chooses when nobody can."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.appointments.by_text.telling import tell_booked
from bot.appointments.interpreted.lost import Answered, give_up_interpreter, lapse_asks, seek_interpreter
from bot.appointments.joint.claims import claim_time
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.refusals import Refused
from bot.tables.appointments import InterpreterGivenUp, Visit, VisitState, Whose
from bot.tables.attention import InboxItem
from bot.tables.interpreters import BlockedInterpreter
from bot.tables.patients import Patient, PhoneStatus
from tests.appointments.losing import VISIT_AT, Losing, a_loss
from tests.appointments.talking import Talk
from tests.factories import make_patient
from tests.messaging.helpers import london

AFTERNOON = "2026-11-25 16:10"


@pytest.fixture
def losing(talk: Talk) -> Losing:
    """It is Wednesday, 16:10."""
    return a_loss(talk.at(AFTERNOON))


def test_the_time_stays_and_the_next_is_asked_at_once(losing: Losing) -> None:
    losing.another("ARI", sex="M")
    losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up()
    assert losing.now() == ("seeking", None, "in-person")
    assert losing.talk.now_is(losing.visit).state == VisitState.BOOKED
    assert losing.asked() == [("BERI", "in-person", "asked")]
    assert losing.heard("DILAN") == ["interpreter-visit-off"]
    assert losing.claimed_by() == set()
    [text] = losing.texts("BERI")
    for words in ("Kurdish (Sorani)", "in person", "Thursday 26 November 2026 at 9:40am", "20 minutes", "Station Road"):
        assert words in text.body


def test_an_ask_says_nothing_of_the_person(losing: Losing) -> None:
    losing.another("BERI")
    losing.gives_up()
    [text] = losing.texts("BERI")
    person = losing.talk.patient
    for secret in (person.surname, person.given_name, person.nhs_number, losing.talk.phone, losing.talk.clinic.code):
        assert secret not in text.body
    assert text.patient_id is None


def test_each_has_half_an_hour_and_the_job_goes_on_to_the_next(losing: Losing) -> None:
    losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up().at("2026-11-25 16:39")
    assert len(losing.asked()) == 1
    losing.at("2026-11-25 16:40")
    assert losing.asked() == [("BERI", "in-person", "lapsed"), ("CEREN", "in-person", "asked")]
    assert lapse_asks(losing.talk.db, losing.talk.settings) == 0


def test_a_no_is_followed_by_the_next_at_once(losing: Losing) -> None:
    losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up().says("BERI", "2")
    assert losing.asked() == [("BERI", "in-person", "declined"), ("CEREN", "in-person", "asked")]
    losing.declines("CEREN")
    assert losing.asked()[-1] == ("BERI", "telephone", "asked")


def test_a_yes_gets_the_visit_and_nobody_troubles_the_person(losing: Losing) -> None:
    beri = losing.another("BERI")
    before = losing.talk.now_is(losing.visit).sequence
    losing.gives_up().says("BERI", "1")
    assert losing.now() == ("booked", "BERI", "in-person")
    assert losing.talk.now_is(losing.visit).sequence == before + 2
    assert losing.claimed_by() == {beri.id}
    assert losing.heard("BERI") == ["interpreter-ask", "interpreter-booked"]
    assert {text.use_by for text in losing.texts("BERI")} == {losing.visit.starts}  # of no use once it has begun
    assert losing.talk.heard() == []
    assert losing.talk.inbox() == []


def test_nobody_is_asked_for_who_has_died(losing: Losing) -> None:
    losing.another("BERI")
    with losing.talk.db.write() as session:
        session.get_one(Patient, losing.visit.patient_id).deceased = True
    losing.gives_up()
    assert losing.asked() == []


def test_who_was_told_who_would_interpret_hears_who_does_now(losing: Losing) -> None:
    losing.another("BERI", sex="M")
    with losing.talk.db.write() as session:
        visit = session.get_one(Visit, losing.visit.id)
        visit.interpreter_sex = None
        tell_booked(session, losing.talk.settings, visit)
    losing.talk.sent()
    losing.gives_up().says("BERI", "1")
    assert losing.talk.heard() == ["visit-booked-woman-interpreter", "visit-booked-man-interpreter"]
    assert "BERI Sample" in losing.talk.last().body


def test_a_late_yes_counts_while_nobody_has_it_and_the_one_asked_now_hears_so(losing: Losing) -> None:
    losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up().at("2026-11-25 16:41").says("BERI", "yes")
    assert losing.now() == ("booked", "BERI", "in-person")
    assert losing.heard("CEREN") == ["interpreter-ask", "interpreter-ask-gone"]
    losing.says("CEREN", "1")
    assert losing.now() == ("booked", "BERI", "in-person")
    assert losing.heard("CEREN") == ["interpreter-ask", "interpreter-ask-gone"]


def test_who_says_yes_twice_has_it_once(losing: Losing) -> None:
    losing.another("BERI")
    losing.gives_up()
    assert [losing.accepts("BERI"), losing.accepts("BERI")] == [Answered.BOOKED, Answered.BOOKED]
    assert losing.talk.now_is(losing.visit).sequence == 2


def test_after_those_who_can_come_others_are_asked_to_help_by_phone_and_the_person_may_refuse(losing: Losing) -> None:
    losing.another("BERI", in_person_notice=48, video_notice=None)
    losing.gives_up()
    assert losing.asked() == [("BERI", "telephone", "asked")]
    losing.says("BERI", "1")
    assert losing.now() == ("booked", "BERI", "telephone")
    assert "by phone" in losing.texts("BERI")[0].body
    assert "12 Station Road" not in losing.texts("BERI")[0].body
    assert losing.talk.heard() == ["interpreter-by-phone"]
    losing.talk.clock.shift(60)
    losing.talk.says("1")
    assert losing.talk.heard() == ["interpreter-by-phone", "interpreter-phone-kept"]
    assert losing.now() == ("booked", "BERI", "telephone")
    assert losing.talk.inbox() == []


def test_nobody_by_six_the_evening_before_and_the_person_chooses(losing: Losing) -> None:
    losing.gives_up().at("2026-11-25 17:59")
    assert losing.now()[0] == "seeking"
    assert losing.talk.heard() == []
    losing.at("2026-11-25 18:00")
    assert losing.now() == ("failed", None, "in-person")
    assert losing.talk.heard() == ["interpreter-lost"]
    assert losing.talk.inbox() == [("no-interpreter", "amber")]
    losing.at("2026-11-25 18:01")
    assert losing.talk.heard() == ["interpreter-lost"]


def test_lost_after_that_evening_it_is_two_hours_before(losing: Losing) -> None:
    losing.talk.at("2026-11-25 21:00")
    losing.another("BERI", in_person_notice=0, telephone_notice=None, video_notice=None)
    losing.gives_up().at("2026-11-26 07:39")
    assert losing.now()[0] == "seeking"
    assert losing.heard("BERI") == []  # nobody is texted at night
    losing.at("2026-11-26 07:40")
    assert losing.now()[0] == "failed"
    assert losing.talk.heard() == ["interpreter-lost"]
    losing.at("2026-11-26 08:00")
    assert losing.heard("BERI") == ["interpreter-ask"]
    losing.says("BERI", "1")
    assert losing.now() == ("booked", "BERI", "in-person")


def told_that_nobody_can(losing: Losing) -> Talk:
    losing.gives_up().at("2026-11-25 18:00")
    losing.talk.clock.shift(60)
    return losing.talk


def test_1_keeps_the_time_with_an_interpreter_by_phone_and_staff_are_told(losing: Losing) -> None:
    talk = told_that_nobody_can(losing)
    talk.says("1")
    assert losing.now() == ("booked", None, "telephone")
    assert talk.heard() == ["interpreter-lost", "interpreter-phone-kept"]
    assert talk.inbox() == [("no-interpreter", "amber"), ("interpreter-by-phone", "amber")]


def test_5_asks_staff_to_phone(losing: Losing) -> None:
    talk = told_that_nobody_can(losing)
    talk.says("5")
    assert ("call-me", None) in talk.inbox()
    assert losing.now()[0] == "failed"


def test_silence_keeps_the_time_and_never_counts_as_not_attended(losing: Losing) -> None:
    told_that_nobody_can(losing)
    losing.at("2026-11-26 12:00")
    assert losing.talk.now_is(losing.visit).state == VisitState.BOOKED


def test_a_yes_that_comes_after_all_is_good_news(losing: Losing) -> None:
    losing.another("BERI", telephone_notice=None, video_notice=None)
    losing.gives_up().at("2026-11-25 16:41").at("2026-11-25 18:00")
    assert losing.now()[0] == "failed"
    losing.says("BERI", "1")
    assert losing.now() == ("booked", "BERI", "in-person")
    assert losing.talk.heard() == ["interpreter-lost", "visit-booked-woman-interpreter"]
    assert losing.talk.questions() == [("no-interpreter", "expired"), ("visit", "open")]


@pytest.mark.parametrize("status", [PhoneStatus.NONE, PhoneStatus.SHARED])
def test_who_cannot_be_texted_is_for_staff(losing: Losing, status: str) -> None:
    with losing.talk.db.write() as session:
        losing.talk.patient.phone_status = status
        session.merge(losing.talk.patient)
    losing.gives_up().at("2026-11-25 18:00")
    assert losing.now()[0] == "failed"
    assert losing.talk.heard() == []


def test_whoever_has_something_else_by_then_is_told_kindly_and_the_next_is_asked(losing: Losing) -> None:
    beri = losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up()
    elsewhere = {"interpreter_id": beri.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    losing.talk.person().visit("2026-11-26 10:10", site_id=None, **elsewhere)
    losing.says("BERI", "1")
    assert losing.now()[0] == "seeking"
    assert losing.claimed_by() == set()
    assert losing.heard("BERI") == ["interpreter-ask", "interpreter-ask-gone"]
    assert losing.asked() == [("BERI", "in-person", "declined"), ("CEREN", "in-person", "asked")]


def test_time_that_is_claimed_for_somebody_else_is_not_had_either(losing: Losing) -> None:
    beri = losing.another("BERI")
    losing.gives_up()
    other = losing.talk.person().visit("2026-11-26 12:00")
    with losing.talk.db.write() as session:
        wanted = [(Whose.INTERPRETER, beri.id or 0, losing.visit.starts, losing.visit.ends)]
        claim_time(session, wanted, now=utc_now(), visit_id=other.id)
    assert losing.accepts("BERI") == Answered.BUSY
    assert losing.now() == ("seeking", None, "in-person")


def test_whom_the_person_does_not_want_is_not_asked(losing: Losing) -> None:
    beri = losing.another("BERI")
    with losing.talk.db.write() as session:
        session.add(BlockedInterpreter(patient_id=losing.talk.patient.id, interpreter_id=beri.id))
    losing.gives_up()
    assert losing.asked() == []


def test_far_ahead_each_has_a_day(talk: Talk) -> None:
    losing = a_loss(talk.at("2026-11-20 10:00"))
    losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up().at("2026-11-21 09:59")
    assert len(losing.asked()) == 1
    losing.at("2026-11-21 10:00")
    assert losing.asked()[-1] == ("CEREN", "in-person", "asked")


def test_who_takes_over_may_lose_it_too_and_others_are_asked_anew(losing: Losing) -> None:
    beri = losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up().at("2026-11-25 16:40").says("CEREN", "1")
    assert losing.now() == ("booked", "CEREN", "in-person")
    ceren = losing.named["CEREN"]
    give_up_interpreter(losing.talk.db, losing.talk.settings, losing.visit.id or 0, ceren.id or 0, CONSOLE)
    losing.talk.sent()
    assert [(name, state) for name, _, state in losing.asked()] == [("CEREN", "declined"), ("BERI", "asked")]
    assert losing.heard("BERI") == ["interpreter-ask", "interpreter-ask"]
    losing.says("BERI", "1")
    assert losing.claimed_by() == {beri.id}


def test_what_was_given_up_is_kept_for_the_bill(losing: Losing) -> None:
    losing.gives_up()
    with losing.talk.db.read() as session:
        [kept] = session.exec(select(InterpreterGivenUp)).all()
    assert (kept.interpreter_id, kept.by, kept.starts) == (losing.dilan.id, "interpreter", london(VISIT_AT))
    assert kept.at - utc_now() < timedelta(minutes=1)


def test_nobody_gives_up_what_is_not_theirs_or_is_past(losing: Losing) -> None:
    beri = losing.another("BERI")
    with pytest.raises(Refused, match="not yours"):
        give_up_interpreter(losing.talk.db, losing.talk.settings, losing.visit.id or 0, beri.id or 0, CONSOLE)
    losing.talk.at("2026-11-26 09:40")
    with pytest.raises(Refused, match="past"):
        losing.gives_up()


def test_somebody_is_sought_for_a_visit_that_never_had_an_interpreter(talk: Talk) -> None:
    losing = a_loss(
        talk.at("2026-11-25 12:00"), interpreter_id=None, interpreter_mode=None, interpreter_state="not-needed"
    )
    seek_interpreter(talk.db, talk.settings, losing.visit.id or 0, CONSOLE)
    assert losing.asked() == [("DILAN", "in-person", "asked")]
    assert losing.accepts("DILAN") == Answered.BOOKED
    assert losing.now() == ("booked", "DILAN", "in-person")
    with pytest.raises(Refused, match="has an interpreter"):
        seek_interpreter(talk.db, talk.settings, losing.visit.id or 0, CONSOLE)


def test_texts_of_interpreters_that_say_something_else_go_to_staff(losing: Losing) -> None:
    losing.another("BERI")
    losing.gives_up().says("BERI", "can you ring me please")
    assert losing.talk.inbox() == [("from-interpreter", None)]
    assert losing.asked() == [("BERI", "in-person", "asked")]


def test_a_no_of_who_has_it_already_is_for_a_person_to_settle(losing: Losing) -> None:
    losing.another("BERI")
    losing.gives_up().says("BERI", "1").says("BERI", "2")
    assert losing.now() == ("booked", "BERI", "in-person")
    assert losing.talk.inbox() == [("from-interpreter", "amber")]
    assert [item.subject_id for item in losing.talk.all(InboxItem)] == [losing.visit.id]


def test_an_interpreter_who_is_a_patient_too_answers_what_they_were_asked(losing: Losing) -> None:
    beri = losing.another("BERI")
    make_patient(losing.talk.db, losing.talk.practice, phone=beri.phone)
    losing.gives_up().says("BERI", "book an appointment")
    assert losing.asked() == [("BERI", "in-person", "asked")]
    losing.says("BERI", "1")
    assert losing.now() == ("booked", "BERI", "in-person")


def test_nobody_is_asked_whom_no_text_and_no_page_reaches(losing: Losing) -> None:
    losing.another("BERI", phone=None)
    losing.another("CEREN", phone=None, email="ceren@example.org")
    losing.gives_up()
    assert losing.asked() == [("CEREN", "in-person", "asked")]


def test_of_two_asks_a_bare_number_answers_the_newest(losing: Losing) -> None:
    losing.another("BERI")
    own = {"interpreter_id": losing.dilan.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    other = losing.talk.visit("2026-11-26 15:00", language="ckb", **own)
    losing.gives_up()
    losing.talk.clock.shift(60)
    give_up_interpreter(losing.talk.db, losing.talk.settings, other.id or 0, losing.dilan.id or 0, CONSOLE)
    losing.talk.sent()
    losing.says("BERI", "1")
    assert losing.talk.now_is(other).interpreter_state == "booked"
    assert losing.now()[0] == "seeking"


def test_an_interpreter_who_wants_no_texts_gets_none_and_the_practice_knows(losing: Losing) -> None:
    losing.another("BERI")
    losing.says("BERI", "STOP")
    assert ("interpreter-stopped", None) in losing.talk.inbox()
    losing.gives_up()
    assert losing.asked() == [("BERI", "in-person", "asked")]
    assert losing.heard("BERI") == []


def test_a_confirmation_that_waits_is_taken_back_and_goes_without_the_promise(talk: Talk) -> None:
    losing = a_loss(talk.at("2026-11-25 07:00"))
    with talk.db.write() as session:
        tell_booked(session, talk.settings, losing.visit)
    losing.gives_up().at("2026-11-25 08:05")
    assert talk.heard() == ["visit-booked"]
    assert losing.talk.about_visits()[0][1:] == ("cancelled", "visit-changed")


@pytest.mark.parametrize("round_", range(5))
def test_two_who_accept_in_the_same_second_are_one_and_a_thank_you(losing: Losing, round_: int) -> None:
    losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up().at("2026-11-25 16:41")
    outcomes: dict[str, Any] = {}
    ready = threading.Barrier(2)

    def accept(name: str) -> None:
        ready.wait()
        outcomes[name] = losing.accepts(name)

    threads = [threading.Thread(target=accept, args=[name]) for name in ("BERI", "CEREN")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes.values()) == [Answered.BOOKED, Answered.GONE]
    [winner] = [name for name, outcome in outcomes.items() if outcome is Answered.BOOKED]
    [other] = set(outcomes) - {winner}
    assert losing.now() == ("booked", winner, "in-person")
    assert losing.claimed_by() == {losing.named[winner].id}
    losing.talk.sent()
    assert losing.heard(winner)[-1] == "interpreter-booked"
    assert losing.heard(other)[-1] == "interpreter-ask-gone"
