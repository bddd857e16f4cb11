"""Freed times are offered to those who wait: to one person at a time, once, held while they decide."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.appointments.by_text.offering import lapse_offers, offer_times
from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.joint.finding import Wish
from bot.appointments.joint.giving_up import give_up_visit
from bot.appointments.waiting.freed_times import offer_freed_times
from bot.appointments.waiting.joining import leave_waiting_list
from bot.appointments.waiting.listing import list_waiting
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.messaging.questions import expire_questions
from bot.tables.appointments import ClaimedTime, Clinic, Offer, Visit, WaitingRequest
from bot.tables.messaging import Message
from bot.tables.patients import Patient
from tests.appointments.clinics import at, make_agency, make_clinic, make_clinician, make_interpreter, make_session
from tests.appointments.talking import Talk
from tests.appointments.waiting.conftest import Line
from tests.messaging.helpers import opt_out

TOMORROW = "2026-11-25 09:00-09:10"


def held(talk: Talk) -> int:
    with talk.db.read() as session:
        claims = session.connection().execute(ClaimedTime.__table__.select()).all()  # type: ignore[attr-defined]
    return len([claim for claim in claims if claim.offer_id is not None])


def test_a_free_time_goes_to_who_has_waited_longest_and_to_nobody_else(line: Line) -> None:
    first, second = line.of(2)
    line.talk.opens(TOMORROW)
    assert [line.offers(), line.offers()] == [1, 0]
    assert (first.heard(), second.heard()) == (["waiting-offer"], [])
    assert line.stands() == ["asked", "waiting"]
    assert line.asked() == [1, 0]
    assert line.talk.times() == ["1 2026-11-25 09:00 held"]
    assert line.talk.questions() == [("waiting-offer", "open")]


def test_the_text_says_when_where_and_for_how_long_it_is_kept_and_not_what_for(line: Line) -> None:
    [one] = line.of(1)
    line.talk.opens(TOMORROW)
    line.offers()
    body = one.last().body
    assert "Wednesday 25 November 2026 at 9am" in body
    assert "120 minutes" in body
    assert "Station Practice, 12 Station Road" in body
    assert "general" not in body.lower()


def test_a_visit_that_is_given_up_frees_a_time_for_one_who_waits(line: Line) -> None:
    line.talk.opens(TOMORROW)
    visit = line.person(50).booked("2026-11-25 09:00")
    [one] = line.of(1)
    assert line.offers() == 0
    give_up_visit(line.talk.db, line.talk.settings, visit.code, "person", None, CONSOLE)
    assert line.offers() == 1
    assert one.heard() == ["waiting-offer"]


def test_who_takes_it_is_booked_at_once_and_hears_so(line: Line) -> None:
    [one] = line.of(1)
    line.talk.opens(TOMORROW)
    line.offers()
    line.talk.clock.shift(60)
    one.says("1")
    assert one.heard() == ["waiting-offer", "visit-booked"]
    assert one.visits() == [("2026-11-25 09:00", "booked")]
    [request] = line.talk.all(WaitingRequest)
    [visit] = line.talk.all(Visit)
    assert (request.state, request.visit_id, request.ended_at is not None) == ("booked", visit.id, True)
    assert held(line.talk) == 0
    assert [offer.state for offer in line.talk.all(Offer)] == ["taken"]


def test_who_does_not_want_it_waits_on_and_the_next_is_asked_at_once(line: Line) -> None:
    first, second = line.of(2)
    line.talk.opens(TOMORROW)
    line.offers()
    line.talk.clock.shift(60)
    first.says("2")
    assert first.heard() == ["waiting-offer", "waiting-stays"]
    assert second.heard() == ["waiting-offer"]
    assert line.stands() == ["waiting", "asked"]
    assert line.talk.inbox() == []


def test_who_wants_a_call_is_phoned_and_the_time_is_anybodys(line: Line) -> None:
    first, second = line.of(2)
    line.talk.opens(TOMORROW)
    line.offers()
    line.talk.clock.shift(60)
    first.says("5")
    assert line.talk.inbox() == [("call-me", None)]
    assert held(line.talk) == 0
    line.offers()
    assert second.heard() == ["waiting-offer"]
    assert line.stands() == ["waiting", "asked"]


def test_silence_keeps_them_in_line_and_the_time_goes_to_the_next_and_never_back(line: Line) -> None:
    first, second = line.of(2)
    line.talk.opens("2026-11-26 09:00-09:10")
    line.offers()
    assert line.later(minutes=119) == 0
    assert line.later(minutes=2) == 1
    assert (first.heard(), second.heard()) == (["waiting-offer"], ["waiting-offer"])
    assert line.stands() == ["waiting", "asked"]
    assert line.later(hours=2, minutes=1) == 0, "neither is asked twice for one time"
    assert line.stands() == ["waiting", "waiting"]
    assert line.talk.inbox() == []


def test_a_time_of_today_is_kept_for_half_an_hour(line: Line) -> None:
    first, second = line.of(2)
    line.talk.opens("2026-11-24 16:00-16:10")
    line.offers()
    assert "30 minutes" in first.last().body
    assert line.later(minutes=29) == 0
    assert line.later(minutes=2) == 1
    assert second.heard() == ["waiting-offer"]


@pytest.mark.parametrize(("now", "made"), [("2026-11-24 13:00", 1), ("2026-11-24 13:01", 0)])
def test_less_than_three_hours_before_it_a_time_is_offered_to_nobody(line: Line, now: str, made: int) -> None:
    [one] = line.of(1)
    line.talk.opens("2026-11-24 16:00-16:10").at(now)
    assert line.offers() == made
    assert one.heard() == ["waiting-offer"] * made


@pytest.mark.parametrize(("now", "made"), [("2026-11-24 07:59", 0), ("2026-11-24 19:59", 1), ("2026-11-24 20:00", 0)])
def test_outside_the_sending_window_nobody_is_asked(line: Line, now: str, made: int) -> None:
    line.of(1)
    line.talk.opens("2026-11-26 09:00-09:10").at(now)
    assert line.offers() == made


def test_a_text_that_could_not_go_in_its_time_gives_the_time_back_and_tells_nobody(line: Line) -> None:
    [one] = line.of(1)
    line.talk.opens("2026-11-26 09:00-09:10").at("2026-11-24 19:59")
    offer_freed_times(line.talk.db, line.talk.settings)
    line.talk.at("2026-11-24 21:58").sent()
    lapse_offers(line.talk.db, line.talk.settings)
    assert line.stands() == ["asked"]
    line.talk.at("2026-11-24 22:00")
    lapse_offers(line.talk.db, line.talk.settings)
    assert (line.stands(), held(line.talk), one.heard()) == (["waiting"], 0, [])
    line.talk.at("2026-11-25 08:00").sent()
    assert ([message.state for message in line.talk.all(Message)], line.talk.inbox()) == (["cancelled"], [])


def test_a_time_suits_by_length_sex_language_and_interpreter(line: Line) -> None:
    """The first in line needs an interpreter nobody can be, the second a man, the third twice the time."""
    urdu, man, longer, any_time = (line.person(number) for number in range(4))
    line.changes(urdu.patient, interpreter=True, language="ur")
    line.joins(urdu)
    line.joins(man, clinician_sex="M")
    line.joins(longer, longer=True)
    line.joins(any_time)
    line.talk.opens(TOMORROW)
    assert line.offers() == 1
    assert any_time.heard() == ["waiting-offer"]


def test_who_needs_an_interpreter_is_offered_a_time_with_one_and_comes_before_who_joined_later(line: Line) -> None:
    make_interpreter(line.talk.db, make_agency(line.talk.db, line.talk.practice))
    line.changes(line.talk.patient, interpreter=True)
    line.joins(line.talk, interpreter_sex="F")
    [other] = line.of(1)
    line.talk.opens("2026-11-25 09:00-09:20")
    assert line.offers() == 1
    assert line.talk.heard() == ["waiting-offer-interpreter"]
    line.talk.clock.shift(60)
    line.talk.says("1")
    assert line.talk.heard()[-1] == "visit-booked-woman-interpreter"
    assert other.heard() == []


def test_one_interpreter_is_promised_to_one_person_at_a_time(line: Line) -> None:
    make_interpreter(line.talk.db, make_agency(line.talk.db, line.talk.practice))
    people = line.of(3, language="ur", interpreter=True)
    other = make_clinician(line.talk.db, line.talk.practice)
    line.talk.opens("2026-11-25 09:00-09:20")
    make_session(line.talk.db, line.talk.clinic, other, "09:00", "09:20", utc_now().date() + timedelta(days=1))
    assert line.offers() == 1
    assert [one.heard() for one in people] == [["waiting-offer-interpreter"], [], []]


def test_who_cannot_be_texted_is_passed_over_and_keeps_their_place(line: Line) -> None:
    people = [
        line.person(1, phone=None, phone_status="none"),
        line.person(2, texting_refused=True),
        line.person(3),
        line.person(4, registered=False),
        line.person(5),
    ]
    opt_out(line.talk.db, line.talk.practice, people[2].phone)
    for one in people:
        line.joins(one)
    line.talk.opens(TOMORROW)
    assert line.offers() == 1
    assert people[-1].heard() == ["waiting-offer"]
    assert line.stands() == ["waiting"] * 4 + ["asked"]


def test_who_has_times_before_them_or_was_asked_lately_is_left_in_peace(line: Line) -> None:
    chooses, answered, free = line.of(3)
    other = make_clinic(line.talk.db, line.talk.practice, line.talk.site)
    make_session(line.talk.db, other, make_clinician(line.talk.db, line.talk.practice), "09:00", "10:00")
    for one in (chooses, answered):
        with line.talk.db.write() as session:
            wish = Wish(session.get_one(Patient, one.patient.id), session.get_one(Clinic, other.id))
            offer_times(session, line.talk.settings, wish)
        line.talk.sent()
    line.talk.clock.shift(60)
    answered.says("5")
    line.talk.opens("2026-11-26 09:00-09:10", "2026-11-26 10:00-10:10")
    assert line.offers() == 1
    assert (chooses.heard(), answered.heard()[0], free.heard()) == (["visit-times"], "visit-times", ["waiting-offer"])
    line.later(hours=2)
    assert (chooses.heard(), answered.heard()[-1]) == (["visit-times"], "waiting-offer")


def test_a_person_who_waits_in_two_clinics_is_asked_for_one_of_them_at_a_time(line: Line) -> None:
    other = make_clinic(line.talk.db, line.talk.practice, line.talk.site)
    make_session(line.talk.db, other, make_clinician(line.talk.db, line.talk.practice), "09:00", "09:10")
    line.talk.opens("2026-12-01 09:00-09:10")
    [one] = line.of(1)
    line.joins(one, other)
    assert line.offers() == 1
    assert one.heard() == ["waiting-offer"]


def test_nobody_is_offered_a_time_at_which_they_have_another_visit(line: Line) -> None:
    first, second = line.of(2)
    other = make_clinic(line.talk.db, line.talk.practice, line.talk.site, purpose="cervical")
    make_session(
        line.talk.db,
        other,
        make_clinician(line.talk.db, line.talk.practice),
        "09:00",
        "09:10",
        utc_now().date() + timedelta(1),
    )
    elsewhere = Talk(**{**vars(first), "clinic": other})
    elsewhere.booked("2026-11-25 09:00")
    line.talk.opens(TOMORROW)
    assert line.offers() == 1
    assert second.heard() == ["waiting-offer"]


def test_staff_take_them_off_the_list_and_what_was_kept_is_anybodys(line: Line) -> None:
    first, second = line.of(2)
    line.talk.opens(TOMORROW)
    offer_freed_times(line.talk.db, line.talk.settings)
    leave_waiting_list(line.talk.db, first.practice.code, first.patient.nhs_number, None, CONSOLE)
    assert line.offers() == 1
    assert (first.heard(), second.heard()) == ([], ["waiting-offer"])
    assert line.stands() == ["left", "asked"]


def test_an_answer_after_they_were_taken_off_goes_to_staff(line: Line) -> None:
    [one] = line.of(1)
    line.talk.opens(TOMORROW)
    line.offers()
    leave_waiting_list(line.talk.db, one.practice.code, one.patient.nhs_number, None, CONSOLE)
    line.talk.clock.shift(60)
    one.says("1")
    assert one.visits() == []
    assert [reason for reason, _ in line.talk.inbox()] == ["no-open-question"]


@pytest.mark.parametrize(("gone", "hears"), [(False, "visit-booked"), (True, "waiting-gone")])
def test_a_late_yes_is_booked_if_the_time_is_free_still(line: Line, gone: bool, hears: str) -> None:
    people = line.of(1)
    line.talk.opens("2026-11-26 09:00-09:10")
    line.offers()
    line.talk.clock.shift(timedelta(hours=3))
    lapse_offers(line.talk.db, line.talk.settings)
    expire_questions(line.talk.db, line.talk.settings)
    if gone:
        line.person(60).booked("2026-11-26 09:00")
    people[0].says("1")
    assert people[0].heard() == ["waiting-offer", hears]
    assert line.stands() == ["waiting" if gone else "booked"]
    assert line.talk.inbox() == []


@pytest.mark.parametrize(
    ("number", "hears", "reasons"), [("2", "waiting-stays", []), ("5", "person-will-read", ["call-me"])]
)
def test_a_late_no_or_call_is_understood_too(line: Line, number: str, hears: str, reasons: list[str]) -> None:
    [one] = line.of(1)
    line.talk.opens("2026-11-26 09:00-09:10")
    line.offers()
    line.talk.clock.shift(timedelta(hours=3))
    lapse_offers(line.talk.db, line.talk.settings)
    expire_questions(line.talk.db, line.talk.settings)
    one.says(number)
    assert one.heard() == ["waiting-offer", hears]
    assert [reason for reason, _ in line.talk.inbox()] == reasons
    assert line.stands() == ["waiting"]


def test_a_time_that_went_while_it_was_answered_is_gone_and_they_wait_on(line: Line) -> None:
    """A visit that the practice's own system has made takes what is free of its time, and a hold may have lapsed."""
    [one] = line.of(1)
    line.talk.opens("2026-11-26 09:00-09:10")
    line.offers()
    line.talk.clock.shift(timedelta(hours=2, minutes=1))
    lapse_offers(line.talk.db, line.talk.settings)
    line.person(60).booked("2026-11-26 09:00")
    one.says("1")
    assert one.heard()[-1] == "waiting-gone"
    assert line.stands() == ["waiting"]


def test_who_names_their_language_is_asked_again_in_it(line: Line) -> None:
    [one] = line.of(1, language="pl")
    line.talk.opens("2026-11-26 09:00-09:10")
    line.offers()
    line.talk.clock.shift(60)
    one.says("urdu")
    assert one.heard()[-1] == "waiting-offer"
    assert one.last().language == "ur"
    line.talk.clock.shift(60)
    one.says("1")
    assert one.visits() == [("2026-11-26 09:00", "booked")]
    assert line.stands() == ["booked"]


def test_a_time_taken_another_way_ends_the_wait(line: Line) -> None:
    [one] = line.of(1)
    line.talk.opens("2026-11-26 09:00-10:00")
    line.offers()
    one.booked("2026-11-26 09:30")
    assert line.offers() == 0
    assert line.stands() == ["booked"]
    assert held(line.talk) == 0


def test_who_wants_no_texts_any_more_stays_on_the_list_and_the_time_is_anybodys(line: Line) -> None:
    first, second = line.of(2)
    line.talk.opens(TOMORROW)
    line.offers()
    line.talk.clock.shift(60)
    first.says("stop please")
    assert held(line.talk) == 0
    assert line.offers() == 1
    assert second.heard() == ["waiting-offer"]
    assert line.stands() == ["waiting", "asked"]
    with line.talk.db.read() as session:
        reasons = [each.phone_only for each in list_waiting(session, line.talk.practice.id or 0)]
    assert reasons == ["opted-out", None]


def test_danger_comes_before_any_time(line: Line) -> None:
    [one] = line.of(1)
    line.talk.opens(TOMORROW)
    line.offers()
    line.talk.clock.shift(60)
    one.says("I have chest pain")
    assert (held(line.talk), line.stands()) == (0, ["waiting"])
    assert one.heard()[-1] == "emergency"


def test_who_has_been_booked_by_staff_meanwhile_is_not_booked_twice(line: Line) -> None:
    [one] = line.of(1)
    line.talk.opens("2026-11-26 09:00-10:00")
    line.offers()
    named = VisitWanted(one.practice.code, one.patient.nhs_number, one.clinic.code, at("09:30", date(2026, 11, 26)))
    book_joint_visit(line.talk.db, line.talk.settings, named, CONSOLE)
    one.says("1")
    assert one.visits() == [("2026-11-26 09:30", "booked")]
    assert line.stands() == ["booked"]


def statements(talk: Talk, do: Any) -> int:
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(talk.db.engine, "before_cursor_execute", hear)
    try:
        do()
    finally:
        event.remove(talk.db.engine, "before_cursor_execute", hear)
    return len([each for each in said if not each.startswith(("BEGIN", "PRAGMA"))])


def test_nothing_to_do_costs_two_statements_however_many_wait(line: Line) -> None:
    line.talk.opens(TOMORROW)
    line.person(50).booked("2026-11-25 09:00")
    line.of(12)
    assert statements(line.talk, lambda: offer_freed_times(line.talk.db, line.talk.settings)) <= 2


def test_people_with_the_same_needs_are_not_looked_up_one_by_one(line: Line) -> None:
    """A double is sought by all of them, and only a single time is free."""
    line.talk.opens(TOMORROW)
    counts = []
    for n in (2, 12):
        for number in range(n):
            line.joins(line.person(n + number), longer=True)
        counts.append(statements(line.talk, lambda: offer_freed_times(line.talk.db, line.talk.settings)))
    assert counts[0] == counts[1]
