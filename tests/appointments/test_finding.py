"""Which times are found for a person: clinician, interpreter and person free at once."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from bot.appointments.joint.claims import claim_place, claim_time
from bot.appointments.joint.finding import Found, Wish, find_times
from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.tables.appointments import Slot, Whose
from bot.tables.interpreters import BlockedInterpreter, InterpreterAway
from tests.appointments.clinics import (
    DAY,
    Ground,
    at,
    make_agency,
    make_clinician,
    make_ground,
    make_interpreter,
    make_offer,
    make_session,
    make_site,
    make_visit,
)
from tests.factories import make_patient


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db)


def find(db: Database, ground: Ground, limit: int = 3, now: datetime | None = None, **wish: Any) -> Found:
    window = {name: wish.pop(name) for name in ("from_", "until", "only_starts", "leaving_out") if name in wish}
    with db.read() as session:
        wanted = Wish(**({"patient": ground.patient, "clinic": ground.clinic} | wish))
        return find_times(session, wanted, now or utc_now(), limit=limit, **window)


def clocks(found: Found) -> list[str]:
    return [f"{time.starts.astimezone(LONDON):%H:%M}" for time in found.times]


def take(db: Database, ground: Ground, clock: str, minutes: int = 10, whose: Whose = Whose.CLINICIAN) -> None:
    """Somebody else has that time."""
    visit = make_visit(db, ground, patient_id=make_patient(db, ground.practice).id)
    with db.write() as session:
        start = at(clock)
        wanted = (whose, ground.clinician.id or 0, start, start + timedelta(minutes=minutes))
        claim_time(session, [wanted], visit_id=visit.id, now=utc_now())


def with_interpreter(db: Database, ground: Ground, **changes: Any) -> Any:
    return make_interpreter(db, make_agency(db, ground.practice), **changes)


def plain(db: Database, ground: Ground, **changes: Any) -> Any:
    """Somebody who needs no interpreter."""
    return make_patient(db, ground.practice, **({"language": "en", "interpreter": False, "sex": "F"} | changes))


def test_an_interpreted_visit_gets_two_adjoining_slots_and_an_interpreter(db: Database, ground: Ground) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    interpreter = with_interpreter(db, ground)
    found = find(db, ground)
    assert clocks(found) == ["09:00", "09:20", "09:40"]
    time = found.times[0]
    assert (time.ends - time.starts, time.mode) == (timedelta(minutes=20), "in-person")
    assert time.interpreter is not None
    assert (time.interpreter.code, time.site.code) == (interpreter.code, ground.site.code)
    assert time.clinician is not None
    assert time.clinician.code == ground.clinician.code


def test_who_needs_no_interpreter_gets_one_slot_or_two_when_they_ask_for_longer(db: Database, ground: Ground) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:40")
    patient = plain(db, ground)
    assert clocks(find(db, ground, 9, patient=patient)) == ["09:00", "09:10", "09:20", "09:30"]
    assert clocks(find(db, ground, 9, patient=patient, longer=True)) == ["09:00", "09:10", "09:20"]
    assert clocks(find(db, ground, 2, patient=patient, longer=True)) == ["09:00", "09:20"]


def test_a_double_begins_where_the_free_run_begins(db: Database, ground: Ground) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    with_interpreter(db, ground)
    take(db, ground, "09:00")
    assert clocks(find(db, ground, 2)) == ["09:10", "09:30"]


def test_a_time_that_leaves_a_slot_alone_comes_after_the_others_of_its_day(db: Database, ground: Ground) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    with_interpreter(db, ground)
    take(db, ground, "09:30")
    assert clocks(find(db, ground, 1)) == ["09:40"]
    assert clocks(find(db, ground, 2)) == ["09:00", "09:40"]


def test_a_double_never_spans_two_sessions_nor_two_clinicians(db: Database, ground: Ground) -> None:
    with_interpreter(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:10")
    make_session(db, ground.clinic, ground.clinician, "09:10", "09:20")
    make_session(db, ground.clinic, make_clinician(db, ground.practice), "09:20", "09:30")
    assert find(db, ground) == Found([], Counter({"no-double": 3}))


def test_of_one_start_only_one_time_is_given(db: Database, ground: Ground) -> None:
    patient = plain(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:20")
    make_session(db, ground.clinic, make_clinician(db, ground.practice), "09:00", "09:20")
    assert clocks(find(db, ground, patient=patient)) == ["09:00", "09:10"]


def test_held_slots_are_for_interpreted_visits_until_they_are_released(db: Database, ground: Ground) -> None:
    with_interpreter(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:20", kind="held")
    assert clocks(find(db, ground)) == ["09:00"]
    patient = plain(db, ground)
    assert find(db, ground, patient=patient).why_none == {"held": 2}
    with db.write() as session:
        session.execute(update(Slot).values(released_at=utc_now()))
    assert clocks(find(db, ground, patient=patient)) == ["09:00", "09:10"]


def test_slots_held_for_a_language_are_for_those_who_speak_it_alone(db: Database, ground: Ground) -> None:
    with_interpreter(db, ground, languages=("ur", "pl"))
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:20", kind="held", language="pl")
    assert find(db, ground).why_none["held"] == 2
    polish = make_patient(db, ground.practice, language="pl", interpreter=True)
    assert clocks(find(db, ground, patient=polish)) == ["09:00"]
    reads_english = make_patient(db, ground.practice, language="pl", interpreter=False)
    assert clocks(find(db, ground, patient=reads_english)) == ["09:00", "09:10"]


def test_a_clinician_of_the_wanted_sex_alone_is_found(db: Database, ground: Ground) -> None:
    with_interpreter(db, ground)
    make_session(db, ground.clinic, make_clinician(db, ground.practice, sex="M"), "09:00", "10:00")
    assert find(db, ground, clinician_sex="F").why_none == {"clinician-sex": 6}
    make_session(db, ground.clinic, ground.clinician, "11:00", "11:20")
    assert clocks(find(db, ground, clinician_sex="F")) == ["11:00"]


def test_a_clinic_for_women_sees_no_one_else(db: Database) -> None:
    ground = make_ground(db, women_only=True)
    for sex in ("M", "U", "X"):
        with pytest.raises(Refused, match="women only"):
            find(db, ground, patient=plain(db, ground, sex=sex))


def test_nothing_is_found_in_the_past_nor_within_the_clinics_notice(db: Database) -> None:
    ground = make_ground(db, notice_hours=24)
    patient = plain(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:30")
    assert clocks(find(db, ground, patient=patient, now=at("09:10") - timedelta(hours=24))) == ["09:10", "09:20"]
    assert clocks(find(db, ground, patient=patient, now=at("09:10") + timedelta(hours=1))) == []


def test_a_hold_is_in_the_way_of_others_until_it_runs_out(db: Database, ground: Ground) -> None:
    with_interpreter(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:20")
    offer = make_offer(db, ground)
    with db.write() as session:
        held = (Whose.CLINICIAN, ground.clinician.id or 0, at("09:00"), at("09:20"))
        until = utc_now() + timedelta(minutes=30)
        claim_time(session, [held], offer_id=offer.id, held_until=until, now=utc_now())
    other = make_patient(db, ground.practice, language="ur", interpreter=True)
    assert clocks(find(db, ground, patient=other)) == []
    assert clocks(find(db, ground)) == ["09:00"], "what is held for a person is free for them"
    assert clocks(find(db, ground, patient=other, now=until)) == ["09:00"]


def test_a_person_is_found_no_time_at_which_they_are_seen_already(db: Database, ground: Ground) -> None:
    patient = plain(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:30")
    make_visit(db, ground, patient_id=patient.id, clinician_id=None, starts=at("09:05"), ends=at("09:15"))
    assert clocks(find(db, ground, patient=patient)) == ["09:20"]


def test_the_visit_that_moves_is_in_its_own_way_nowhere(db: Database, ground: Ground) -> None:
    patient = plain(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:20")
    visit = make_visit(db, ground, patient_id=patient.id, ends=at("09:10"))
    with db.write() as session:
        wanted = (Whose.CLINICIAN, ground.clinician.id or 0, visit.starts, visit.ends)
        claim_time(session, [wanted], visit_id=visit.id, now=utc_now())
    assert clocks(find(db, ground, patient=patient)) == ["09:10"]
    assert clocks(find(db, ground, patient=patient, moving=visit)) == ["09:00", "09:10"]


def test_an_interpreter_needs_time_to_come_from_another_site(db: Database, ground: Ground) -> None:
    interpreter = with_interpreter(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:40")
    elsewhere = make_site(db, ground.practice)
    other = make_patient(db, ground.practice)
    values = {"patient_id": other.id, "site_id": elsewhere.id, "interpreter_id": interpreter.id}
    make_visit(db, ground, **values, interpreter_mode="in-person", starts=at("09:00"), ends=at("09:20"))
    assert clocks(find(db, ground, 9))[0] == "09:50"


def test_why_nothing_is_found_counts_each_interpreter_once(db: Database, ground: Ground) -> None:
    agency, unlinked = make_agency(db, ground.practice), make_agency(db, code="OTHERS")
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:40")
    weekdays = ((0, "08:00", "18:00"),)
    make_interpreter(db, agency, languages=("pl",))
    make_interpreter(db, agency, sex="M")
    make_interpreter(db, agency, in_person_notice=None)
    make_interpreter(db, agency, in_person_notice=24 * 30)
    make_interpreter(db, agency, hours=weekdays)
    away = make_interpreter(db, agency)
    blocked = make_interpreter(db, agency)
    make_interpreter(db, unlinked)
    with db.write() as session:
        session.add(InterpreterAway(interpreter_id=away.id or 0, starts=at("00:00"), ends=at("23:59")))
        session.add(BlockedInterpreter(patient_id=ground.patient.id or 0, interpreter_id=blocked.id or 0))
    expected = {"language": 1, "sex": 1, "mode": 1, "notice": 1, "hours": 2, "blocked": 1, "agency": 1}
    assert find(db, ground, interpreter_sex="F").why_none == expected


def test_a_person_whose_language_nobody_recorded_has_no_interpreter(db: Database, ground: Ground) -> None:
    with_interpreter(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:20")
    unknown = make_patient(db, ground.practice, language=None, interpreter=True)
    assert find(db, ground, patient=unknown).why_none == {"language": 1}


def test_an_event_has_a_time_while_it_has_places(db: Database) -> None:
    ground = make_ground(db, places=2, slot_minutes=60)
    [slot] = make_session(db, ground.clinic, None, "14:00", "15:00")
    patient = plain(db, ground)
    assert clocks(find(db, ground, patient=patient)) == ["14:00"]
    with db.write() as session:
        for visit in ground.visits(session, 2):
            claim_place(session, slot.id or 0, 2, visit_id=visit.id, now=utc_now())
    assert clocks(find(db, ground, patient=patient)) == []


def test_what_was_offered_before_is_left_out_and_a_window_can_be_named(db: Database, ground: Ground) -> None:
    patient = plain(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    assert clocks(find(db, ground, patient=patient, leaving_out={at("09:00")}, limit=1)) == ["09:10"]
    assert clocks(find(db, ground, 9, patient=patient, from_=at("09:20"), until=at("09:40"))) == ["09:20", "09:30"]
    assert clocks(find(db, ground, patient=patient, only_starts=[at("09:50")])) == ["09:50"]


def test_a_search_from_some_moment_keeps_to_the_start_of_the_free_run(db: Database, ground: Ground) -> None:
    with_interpreter(db, ground)
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    assert clocks(find(db, ground, 2, from_=at("09:10"))) == ["09:20", "09:40"]


@pytest.mark.parametrize("days", [1, 40])
def test_a_search_is_four_statements_however_much_there_is(db: Database, ground: Ground, days: int) -> None:
    agency = make_agency(db, ground.practice)
    for _ in range(days // 4):
        make_interpreter(db, agency)
    make_interpreter(db, agency)
    for day in range(days):
        make_session(db, ground.clinic, ground.clinician, "09:00", "12:00", DAY + timedelta(days=day))
    statements: list[str] = []
    listener = lambda *given: statements.append(given[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    find(db, ground)
    event.remove(db.engine, "before_cursor_execute", listener)
    assert len([each for each in statements if each != "BEGIN"]) <= 4
