"""A time of a phone alone through its whole life: told, reminded, moved, given up, missed, and never with a name."""

from typing import Any

import pytest
from sqlmodel import select

from bot.appointments.by_text.reminders import remind
from bot.appointments.joint.giving_up import give_up_visit
from bot.appointments.joint.moving import move_visit
from bot.appointments.joint.outcomes import record_outcome
from bot.appointments.reception.day_view import day_of, visit_of
from bot.appointments.reception.fhir import as_appointment
from bot.appointments.visits import lines_of
from bot.audit import CONSOLE
from bot.tables.appointments import ClaimedTime, VisitState, Whose
from bot.tables.patients import OptOut
from tests.appointments.youth.walls import HERS, MOTHERS, SATURDAY, Wall
from tests.factories import make_patient
from tests.messaging.helpers import london, rows


def reminded(wall: Wall, moment: str) -> list[str | None]:
    before = len(wall.told())
    wall.at(moment)
    remind(wall.db, wall.settings)
    wall.sent()
    return wall.told()[before:]


def test_it_claims_the_clinician_and_nobody_else(wall: Wall) -> None:
    wall.booked()
    with wall.db.read() as session:
        assert set(session.exec(select(ClaimedTime.kind))) == {Whose.CLINICIAN}


@pytest.mark.parametrize(("opted_out", "gets"), [(None, True), ("0", True), ("STOPALL", False)])
def test_its_reminders_go_to_that_phone_alone_by_the_scope_of_a_stop(
    wall: Wall, opted_out: str | None, gets: bool
) -> None:
    wall.booked()
    if opted_out:
        wall.says(opted_out, opt_out_type=None)
    assert reminded(wall, "2026-11-27 10:31") == (["young-person-reminder"] if gets else [])
    assert wall.told(MOTHERS) == []


def test_a_reminder_says_when_and_where_and_nothing_else(wall: Wall) -> None:
    wall.booked()
    reminded(wall, "2026-11-27 10:31")
    said = wall.last()
    assert "Saturday 28 November 2026 at 10:30am" in said
    assert "12 Station Road" in said
    for secret in ("Young People", "Station Practice", "clinic", "YOUTH"):
        assert secret not in said


def test_when_the_practice_moves_it_the_phone_hears_the_new_time(wall: Wall) -> None:
    visit = wall.booked()
    move_visit(wall.db, wall.settings, visit.code, london("2026-11-28 11:30"), CONSOLE)
    wall.sent()
    assert wall.told()[-1] == "poster-booked"
    assert "at 11:30am" in wall.last()
    assert wall.visits()[0].starts == london("2026-11-28 11:30")
    assert reminded(wall, "2026-11-27 11:31") == ["young-person-reminder"]


def test_when_the_practice_gives_it_up_the_phone_hears_so_and_the_time_is_free(wall: Wall) -> None:
    visit = wall.booked()
    give_up_visit(wall.db, wall.settings, visit.code, "practice", None, CONSOLE)
    wall.sent()
    assert wall.told()[-1] == "visit-off"
    assert "Young People" not in wall.last()
    assert reminded(wall, "2026-11-27 10:31") == []
    wall.says(f"{wall.code} 2", "+447700900155")
    assert wall.told("+447700900155") == ["poster-own-phone"]


@pytest.mark.parametrize(
    "words", ["cannot come", "i cant come sorry", "cancel my appointment", "change my appointment"]
)
def test_who_cannot_come_is_answered_and_staff_see_the_time(wall: Wall, words: str) -> None:
    visit = wall.booked()
    wall.says(words)
    [item] = wall.inbox()
    assert (item.reason, item.subject_kind, item.subject_id) == ("poster-cannot-come", "visit", visit.id)
    assert wall.told()[-1] == "person-will-read"
    assert wall.visits()[0].state == VisitState.BOOKED


def test_anything_else_that_the_phone_writes_comes_with_its_time(wall: Wall) -> None:
    visit = wall.booked()
    wall.at("2026-11-28 09:30")
    wall.says("running late")
    [item] = wall.inbox()
    assert (item.subject_kind, item.subject_id, item.urgency) == ("visit", visit.id, "amber")


def test_danger_comes_with_its_time_too(wall: Wall) -> None:
    visit = wall.booked()
    wall.says("i cant breathe")
    assert [(item.urgency, item.subject_id) for item in wall.inbox()] == [("red", visit.id)]
    assert "emergency" in wall.told()


@pytest.mark.parametrize(("whose", "reason"), [("ours", "poster-cannot-come"), ("twilio", "cancel-or-stop")])
def test_a_word_that_may_mean_the_visit_is_no_stop_unless_the_network_made_it_one(
    wall: Wall, whose: Any, reason: str
) -> None:
    wall.settings = wall.settings.model_copy(update={"twilio_opt_out": whose})
    wall.booked()
    wall.says("CANCEL")
    assert wall.reasons() == [reason]
    with wall.db.read() as session:
        assert [row.scope for row in rows(session, OptOut)] == ([] if whose == "ours" else ["all"])
    assert wall.visits()[0].state == VisitState.BOOKED


def test_a_mother_s_own_visit_is_hers_when_she_is_asked_about_it(wall: Wall) -> None:
    """The girl texted from her mother's phone, which is on her mother's record."""
    mother = make_patient(wall.db, wall.practice, phone=HERS, language="en")
    wall.booked()
    wall.says("cannot come")
    assert [item.patient_id for item in wall.inbox()] == [None]
    assert wall.person(mother).phone == HERS


def test_who_did_not_come_is_not_written_to(wall: Wall) -> None:
    visit = wall.booked()
    wall.at("2026-11-28 11:00")
    record_outcome(wall.db, visit.code, VisitState.DID_NOT_ATTEND, CONSOLE)
    assert reminded(wall, "2026-11-30 10:30") == []


def test_staff_and_programs_see_it_without_a_person(wall: Wall) -> None:
    girl = wall.young()
    visit = wall.booked()
    with wall.db.read() as session:
        [one] = day_of(session, wall.clinic, SATURDAY)
        found = visit_of(session, wall.practice.id or 0, visit.code)
        lines = lines_of(session, wall.visits())
        appointment = as_appointment(one, wall.practice)
    assert found is not None
    assert (one.name, one.phone, one.not_texted) == ("Name not known: ask", HERS, None)
    assert one.may_be is not None
    assert one.may_be.id == girl.id
    assert HERS not in str(appointment)
    assert girl.nhs_number not in str(appointment)
    assert [participant for participant in appointment["participant"] if "nhs-number" in str(participant)] == []
    assert lines[0]["visit"] == visit.code


def test_two_times_at_once_of_one_phone_are_one(wall: Wall) -> None:
    first = wall.booked()
    wall.clock.shift(3600)
    wall.says(f"{wall.code} 2")
    assert [visit.id for visit in wall.visits()] == [first.id]
