"""Slots weeks ahead, released to everybody in time, and listed with what has become of each."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlmodel import col, select

from bot.appointments.timetable.slot_commands import slots
from bot.appointments.timetable.slots import make_slots, release_held_slots
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import ClaimedTime, Offer, Slot, Whose
from bot.tables.organisations import Practice
from tests.appointments.conftest import Ask
from tests.appointments.world import TOMORROW, listed, make_clinic, make_session, put_visit, slots_of
from tests.factories import make_patient

THURSDAY = date(2026, 11, 26)


def test_the_daily_job_makes_the_slots_of_the_day_that_comes_into_sight(
    db: Database, settings: Settings, practice: Practice
):
    clinic = make_clinic(db, practice)
    make_session(db, clinic)
    before = len(slots_of(db, clinic))
    with time_machine.travel("2026-11-25T09:00:00Z"):
        assert make_slots(db, settings).made == 18
        assert make_slots(db, settings).made == 0
    assert len(slots_of(db, clinic)) == before + 18


def test_slots_can_be_made_up_to_a_day(ask: Ask, db: Database, practice: Practice):
    make_session(db, make_clinic(db, practice), days="wed")
    (said,) = ask(slots, "make", "--until", "2027-02-24")
    assert said == {
        "made": 36,
        "left_out": {"bank-holiday": 0, "closure": 0, "no-such-time": 0, "in-use": 0},
    }
    for day in ("2026-11-23", "2028-01-01"):
        with pytest.raises(Refused, match="Choose a day between"):
            ask(slots, "make", "--until", day)


def test_held_slots_open_to_everybody_two_working_days_before_at_eight(
    db: Database, settings: Settings, practice: Practice
):
    clinic = make_clinic(db, practice, held=2, held_language="ur")
    make_session(db, clinic, starts_on=THURSDAY, until=date(2026, 11, 30))
    with time_machine.travel("2026-11-24T07:59:00Z"):
        assert release_held_slots(db, settings) == 0
    with time_machine.travel("2026-11-24T08:00:00Z"):
        assert release_held_slots(db, settings) == 2
        assert release_held_slots(db, settings) == 0
    thursday = listed(db, clinic, THURSDAY)
    assert {(line["kind"], line["language"]) for line in thursday} == {("open", None)}
    friday = listed(db, clinic, date(2026, 11, 27))
    assert [(line["kind"], line["language"]) for line in friday[:3]] == [("held", "ur"), ("held", "ur"), ("open", None)]
    with time_machine.travel("2026-11-26T08:00:00Z"):
        assert release_held_slots(db, settings) == 4, "of Friday and of Monday"


def test_each_clinic_releases_by_its_own_rule(db: Database, settings: Settings, practice: Practice):
    for days in (0, 1, 5):
        clinic = make_clinic(db, practice, held=None, release_days=days)
        make_session(db, clinic, opens="10:00", closes="11:00", starts_on=TOMORROW, until=THURSDAY)
    assert release_held_slots(db, settings) == 6 + 12
    with time_machine.travel("2026-11-25T08:00:00Z"):
        assert release_held_slots(db, settings) == 6 + 6


def test_the_list_says_what_has_become_of_each_slot(ask: Ask, db: Database, practice: Practice):
    clinic = make_clinic(db, practice, "GENERAL")
    make_session(db, clinic, opens="09:00", closes="10:00", until=TOMORROW)
    free, booked, offered, lapsed, gone, _ = slots_of(db, clinic)
    put_visit(db, booked, make_patient(db, practice))
    hold(db, practice, offered, utc_now() + timedelta(minutes=5))
    hold(db, practice, lapsed, utc_now() - timedelta(minutes=5))
    with db.write() as session:
        session.get_one(Slot, gone.id).withdrawn_at = utc_now()
    lines = ask(slots, "list", "--clinic", "GENERAL", "--from", "2026-11-25", "--to", "2026-11-25")
    assert [line["state"] for line in lines] == ["free", "booked", "held-for-offer", "free", "withdrawn", "free"]
    assert lines[0] == {
        "slot": free.id,
        "clinic": "GENERAL",
        "site": lines[0]["site"],
        "clinician": lines[0]["clinician"],
        "starts": "2026-11-25T09:00:00+00:00",
        "ends": "2026-11-25T09:10:00+00:00",
        "kind": "open",
        "language": None,
        "state": "free",
    }
    with time_machine.travel("2026-11-25T09:10:00Z"):
        states = [line["state"] for line in listed(db, clinic)]
    assert states == ["past", "past", "free", "free", "withdrawn", "free"]


def hold(db: Database, practice: Practice, slot: Slot, until: datetime) -> None:
    """An offer that keeps a slot for somebody until then."""
    patient = make_patient(db, practice)
    with db.write() as session:
        offer = Offer(
            practice_id=practice.id or 0,
            patient_id=patient.id or 0,
            clinic_id=slot.clinic_id,
            clinician_id=slot.clinician_id,
            number=1,
            starts=slot.starts,
            ends=slot.ends,
            held_until=until,
            until=until,
            made_at=utc_now(),
        )
        session.add(offer)
        session.flush()
        session.add_all(
            ClaimedTime(
                kind=Whose.CLINICIAN, whose=slot.clinician_id or 0, cell=cell, offer_id=offer.id, held_until=until
            )
            for cell in range(slot.first_cell, slot.end_cell)
        )


def test_an_event_is_booked_when_all_its_places_are(db: Database, practice: Practice):
    clinic = make_clinic(db, practice, purpose="event", places=2, slot_minutes=60)
    make_session(db, clinic, opens="10:00", closes="11:00", until=TOMORROW)
    (slot,) = slots_of(db, clinic)
    for seat in (0, 1):
        assert listed(db, clinic)[0]["state"] == "free"
        visit = put_visit(db, slot, make_patient(db, practice))
        with db.write() as session:
            session.add(ClaimedTime(kind=Whose.PLACE, whose=slot.id or 0, cell=seat, visit_id=visit.id))
    assert listed(db, clinic)[0]["state"] == "booked"
    assert listed(db, clinic)[0]["clinician"] is None


def test_slots_are_listed_between_two_times(ask: Ask, db: Database, practice: Practice):
    make_session(db, make_clinic(db, practice, "GENERAL"), until=TOMORROW)
    times = ("--from", "2026-11-25T10:00", "--to", "2026-11-25T10:30+00:00")
    assert len(ask(slots, "list", "--clinic", "GENERAL", *times)) == 3
    with pytest.raises(Refused, match="does not exist"):
        ask(slots, "list", "--clinic", "GENERAL", "--from", "2027-03-28T01:30")


def test_a_night_in_which_clocks_change_is_made_by_the_wall(db: Database, settings: Settings, practice: Practice):
    with time_machine.travel("2027-03-20T09:00:00Z"):
        clinic = make_clinic(db, practice, slot_minutes=30)
        night = date(2027, 3, 28)
        make_session(db, clinic, days="sun", opens="00:00", closes="03:00", starts_on=night, until=night)
        assert make_slots(db, settings).left_out["no-such-time"] == 2
    starts = [slot.starts for slot in slots_of(db, clinic)]
    midnight = datetime(2027, 3, 28, tzinfo=UTC)
    assert starts == [midnight + timedelta(minutes=30 * step) for step in range(4)]


def test_slots_carry_the_cells_that_claims_are_made_of(db: Database, practice: Practice):
    clinic = make_clinic(db, practice, slot_minutes=15)
    make_session(db, clinic, until=TOMORROW)
    with db.read() as session:
        for slot in session.exec(select(Slot).where(col(Slot.clinic_id) == clinic.id)):
            assert (slot.first_cell, slot.end_cell) == (slot.starts.timestamp() // 300, slot.ends.timestamp() // 300)
