"""A phone texts a poster's code: its own phone, a birthday that decides nothing, and a time for the phone."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from bot.appointments.youth.starts import end_poster_starts, forget_poster_starts
from bot.clock import utc_now
from bot.tables.appointments import PosterStage, VisitState
from bot.tables.messaging import Kind
from bot.tables.organisations import Practice, Sender
from bot.tables.patients import OptOut
from tests.appointments.youth.walls import BORN, HERS, MOTHERS, Wall
from tests.factories import make_patient
from tests.messaging.helpers import london, queue_kind, rows

ASKED, BIRTHDAY, BOOKED = "poster-own-phone", "poster-birthday", "poster-booked"
WHOLE = [ASKED, BIRTHDAY, BOOKED]


@pytest.mark.parametrize("written", ["{} 2", "{}2", "{}  -  2", "{} ٢", "{} 2 please", "  {}. 2 ", "{}\n2"])
def test_a_code_is_read_however_it_is_typed(wall: Wall, written: str) -> None:
    signs = wall.code[3:]
    for form in (wall.code, wall.code.lower(), f"yp{signs}", f"Yp {signs[:2]} {signs[2:]}"):
        wall.says(written.format(form), f"+4477009003{len(wall.starts()):02d}")
    assert [(start.number, start.stage) for start in wall.starts()] == [(2, PosterStage.OWN_PHONE)] * 4


def test_the_first_text_is_asked_whether_the_phone_is_theirs_and_books_nothing(wall: Wall) -> None:
    wall.says(f"{wall.code} 2")
    assert wall.told() == [ASKED]
    assert wall.visits() == []


@pytest.mark.parametrize("yes", ["1", "١", "yes", "Yes it is", "haan", "نعم"])
def test_a_yes_in_any_language_asks_for_the_birthday(wall: Wall, yes: str) -> None:
    wall.says(f"{wall.code} 2")
    wall.says(yes)
    assert wall.told() == [ASKED, BIRTHDAY]


@pytest.mark.parametrize("no", ["2", "no", "No", "nahi", "لا"])
def test_a_no_books_nothing_and_says_how_else(wall: Wall, no: str) -> None:
    wall.says(f"{wall.code} 2")
    wall.says(no)
    assert wall.told() == [ASKED, "poster-not-own-phone"]
    assert wall.visits() == []
    wall.says("1205")
    assert wall.visits() == []


@pytest.mark.parametrize("day", ["1205", "١٢٠٥", "12.05", "12 05", "1 2 0 5", "12/5", "12 May", "12/05/2012"])
def test_the_day_and_month_are_read_in_any_form(wall: Wall, day: str) -> None:
    girl = wall.young()
    wall.booked(birthday=day)
    assert wall.told() == WHOLE
    assert wall.starts()[0].may_be_id == girl.id


def put(wall: Wall, how_many: int) -> None:
    for _ in range(how_many):
        wall.young(phone=None, phone_status="none")


@pytest.mark.parametrize(
    ("birthday", "matching"), [("1205", 1), ("1205", 0), ("1205", 2), ("1305", 1), ("3113", 1), ("0000", 1)]
)
def test_whatever_the_birthday_the_text_and_the_work_are_the_same(wall: Wall, birthday: str, matching: int) -> None:
    put(wall, matching)
    wall.says(f"{wall.code} 2")
    wall.says("1")
    said: list[str] = []
    event.listen(wall.db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    wall.says(birthday)
    statements = [one for one in said if "SAVEPOINT" not in one]
    assert wall.told() == WHOLE
    assert [wall.starts()[0].may_be_id is not None] == [birthday == "1205" and matching == 1]
    assert wall.last().startswith("You have a time on Saturday 28 November 2026 at 10:30am")
    assert len(statements) == len(usual_work(wall, said))


def usual_work(wall: Wall, said: list[str]) -> list[str]:
    """The same once more for another phone and another time, with a birthday of nobody."""
    phone = "+447700900399"
    wall.says(f"{wall.code} 3", phone)
    wall.says("1", phone)
    said.clear()
    wall.says("0101", phone)
    return [one for one in said if "SAVEPOINT" not in one]


@pytest.mark.parametrize(
    "changes",
    [
        {"registered": False},
        {"deceased": True},
        {"born": date(2015, 11, 25)},
        {"born": date(2008, 11, 24)},
    ],
)
def test_only_registered_people_of_11_to_17_are_proposed(wall: Wall, changes: dict[str, Any]) -> None:
    born = changes.get("born", BORN)
    wall.young(**changes)
    wall.booked(birthday=f"{born:%d%m}")
    assert wall.starts()[0].may_be_id is None


@pytest.mark.parametrize("born", [date(2015, 11, 24), date(2008, 11, 25)])
def test_the_first_and_the_last_day_of_being_young_count(wall: Wall, born: date) -> None:
    girl = wall.young(born=born)
    wall.booked(birthday=f"{born:%d%m}")
    assert wall.starts()[0].may_be_id == girl.id


def test_who_does_not_say_a_day_is_asked_once_more_and_booked_all_the_same(wall: Wall) -> None:
    for body in (f"{wall.code} 2", "1", "why?", "i wont say"):
        wall.says(body)
    assert wall.told() == [ASKED, BIRTHDAY, BIRTHDAY, BOOKED]


def test_a_time_that_went_meanwhile_is_gone_whoever_comes_second(wall: Wall) -> None:
    other = "+447700900150"
    for phone in (HERS, other):
        wall.says(f"{wall.code} 2", phone)
        wall.says("1", phone)
    wall.says("0101", other)
    wall.says("1205")
    assert wall.told(other)[-1] == BOOKED
    assert wall.told()[-1] == "poster-time-gone"
    assert len(wall.visits()) == 1
    wall.says(f"{wall.code} 2", "+447700900151")
    assert wall.told("+447700900151") == ["poster-time-gone"]
    wall.booked(3)
    assert wall.told()[-1] == BOOKED


@pytest.mark.parametrize("body", ["{}", "{} 4", "{} 99", "{} 0x", "{} 1 or 2"])
def test_a_code_without_a_time_of_the_poster_is_told_to_try_another(wall: Wall, body: str) -> None:
    wall.says(body.format(wall.code))
    assert wall.told() == ["poster-time-gone"]
    assert wall.visits() == []


def test_an_ended_poster_starts_nothing(wall: Wall) -> None:
    wall.says(f"{wall.code} 2")
    wall.says("1")
    wall.ended()
    wall.says("1205")
    wall.says(f"{wall.code} 1", MOTHERS)
    assert (wall.told()[-1], wall.told(MOTHERS)) == ("poster-time-gone", ["poster-time-gone"])
    assert wall.visits() == []


def test_a_code_of_no_poster_is_read_by_a_person(wall: Wall) -> None:
    wall.says("YP-9999 2" if wall.code != "YP-9999" else "YP-8888 2")
    assert wall.told() == ["person-will-read"]
    assert wall.reasons() == ["unknown-number"]


def test_three_starts_a_day_then_a_person(wall: Wall) -> None:
    for number in (1, 2, 3):
        wall.says(f"{wall.code} {number}")
        wall.clock.shift(600)
    wall.says(f"{wall.code} 1")
    assert wall.told() == [ASKED, ASKED, ASKED, "person-will-read"]
    assert wall.reasons() == ["poster-too-often"]
    wall.says("1")
    wall.at("2026-11-25 10:30")
    wall.says(f"{wall.code} 1")
    assert wall.told()[-1] == ASKED


def test_a_code_sent_twice_at_once_is_one_start(wall: Wall) -> None:
    wall.says(f"{wall.code} 2")
    wall.says(f"{wall.code} 2")
    assert wall.told() == [ASKED]
    assert len(wall.starts()) == 1


def test_a_second_1_right_after_the_first_answers_nothing(wall: Wall) -> None:
    wall.settings = wall.settings.model_copy(update={"reading_seconds": 20.0})
    wall.says(f"{wall.code} 2")
    wall.says("1")
    wall.says("1")
    assert wall.told() == [ASKED, BIRTHDAY]
    wall.clock.shift(60)
    wall.says("1205")
    assert wall.told() == WHOLE


def test_the_birthday_sent_again_books_nothing_again(wall: Wall) -> None:
    wall.booked()
    wall.says("1205")
    assert len(wall.visits()) == 1


def test_the_same_webhook_again_is_one_text(wall: Wall) -> None:
    for body, sid in ((f"{wall.code} 2", "SM1"), ("1", "SM2"), ("1205", "SM3")):
        wall.says(body, sid=sid)
        wall.says(body, sid=sid)
    assert wall.told() == WHOLE
    assert len(wall.visits()) == 1


def test_answers_out_of_order_book_nothing(wall: Wall) -> None:
    wall.says("1")
    wall.says("1205")
    wall.says(f"{wall.code} 2")
    assert wall.visits() == []
    assert wall.told()[-1] == ASKED


def test_the_newest_code_counts(wall: Wall) -> None:
    wall.says(f"{wall.code} 2")
    wall.says(f"{wall.code} 3")
    wall.says("1")
    wall.says("1205")
    assert [visit.starts for visit in wall.visits()] == [london("2026-11-28 11:00")]
    assert [start.stage for start in wall.starts()] == ["ended", "booked"]


def test_the_same_time_asked_for_again_is_confirmed_again(wall: Wall) -> None:
    wall.booked()
    wall.clock.shift(3600)
    wall.says(f"{wall.code} 2")
    assert wall.told()[-1] == BOOKED
    assert len(wall.visits()) == 1


def test_after_a_day_without_an_answer_it_is_over(wall: Wall) -> None:
    wall.says(f"{wall.code} 2")
    wall.at("2026-11-25 10:05")
    wall.says("1")
    assert wall.visits() == []
    assert wall.told()[1:] == ["person-will-read"]


def test_the_job_ends_what_nobody_answered(wall: Wall) -> None:
    wall.says(f"{wall.code} 2")
    assert end_poster_starts(wall.db, wall.settings) == 0
    wall.at("2026-11-25 10:06")
    assert (end_poster_starts(wall.db, wall.settings), end_poster_starts(wall.db, wall.settings)) == (1, 0)
    assert wall.starts()[0].stage == PosterStage.ENDED


def test_phones_are_forgotten_a_month_after_their_time(wall: Wall) -> None:
    wall.booked()
    wall.says(f"{wall.code} 3", MOTHERS)
    wall.says("2", MOTHERS)
    wall.at("2026-12-25 10:00")
    assert forget_poster_starts(wall.db, wall.settings) == 1
    wall.at("2026-12-29 10:00")
    assert forget_poster_starts(wall.db, wall.settings) == 1
    assert len(wall.visits()) == 1


@pytest.mark.parametrize("stage", [0, 1, 2])
def test_danger_goes_first_and_nothing_is_booked_by_the_next_answer(wall: Wall, stage: int) -> None:
    for body in (f"{wall.code} 2", "1")[:stage]:
        wall.says(body)
    wall.says(f"{wall.code} 2 i cant breathe" if stage == 0 else "i cant breathe")
    assert "emergency" in wall.told()
    assert wall.inbox()[-1].urgency == "red"
    wall.says("1205")
    assert wall.visits() == []


@pytest.mark.parametrize("stage", [1, 2])
def test_0_stops_whatever_was_asked(wall: Wall, stage: int) -> None:
    for body in (f"{wall.code} 2", "1")[:stage]:
        wall.says(body)
    wall.says("0")
    assert wall.told()[-1] == "opt-out-receipt"
    wall.says("1205")
    assert wall.visits() == []


def test_who_stopped_invitations_can_still_start_by_a_poster(wall: Wall) -> None:
    wall.says("0")
    wall.booked()
    assert wall.told() == ["opt-out-receipt", *WHOLE]


def test_another_open_question_and_another_s_record_do_not_matter(wall: Wall) -> None:
    mother = make_patient(wall.db, wall.practice, phone=HERS, language="ur")
    queue_kind(wall.db, wall.settings, wall.practice, mother, Kind.OUTREACH)
    wall.sent()
    wall.booked()
    texts = [text for text in wall.told() if text in WHOLE]
    assert texts == WHOLE
    [visit] = wall.visits()
    assert (visit.patient_id, visit.phone) == (None, HERS)


def test_a_question_that_is_newer_than_the_poster_s_is_what_1_answers(wall: Wall) -> None:
    mother = make_patient(wall.db, wall.practice, phone=HERS)
    wall.says(f"{wall.code} 2")
    wall.clock.shift(60)
    newer = {"question": "language-confirm", "detail": "ur"}
    queue_kind(wall.db, wall.settings, wall.practice, mother, Kind.QUESTION, **newer)
    wall.sent()
    wall.clock.shift(60)
    wall.says("1")
    assert BIRTHDAY not in wall.told()
    assert wall.visits() == []


def test_a_stop_after_it_is_booked_keeps_the_visit(wall: Wall) -> None:
    visit = wall.booked()
    wall.says("0")
    with wall.db.read() as session:
        assert [opt_out.scope for opt_out in rows(session, OptOut)] == ["outreach"]
    assert wall.visits()[0].state == VisitState.BOOKED
    assert visit.phone == HERS


def test_a_poster_of_a_practice_with_another_number_is_answered_and_answered_back_there(wall: Wall) -> None:
    with wall.db.write() as session:
        sender = Sender(number="+447700900990", tokens=10, tokens_at=utc_now())
        session.add(sender)
        session.flush()
        practice = session.get_one(Practice, wall.practice.id)
        practice.sender_id = sender.id or 0
        session.add(practice)
    wall.says(f"{wall.code} 2")
    assert wall.told() == [ASKED]
    for body in ("1", "1205"):
        wall.says(body, to="+447700900990")
    assert wall.told() == WHOLE
