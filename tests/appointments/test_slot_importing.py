"""Slots of a practice's own system: what is read, what is refused row by row, and what a second file changes."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bot.appointments.timetable.clinics import add_closure
from bot.appointments.timetable.slot_commands import slots
from bot.appointments.timetable.slot_importing import SlotsImported, import_slots
from bot.audit import CONSOLE
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import Clinic, Site, Slot, Visit
from bot.tables.organisations import Practice
from tests.appointments.conftest import Ask
from tests.appointments.world import (
    TOMORROW,
    listed,
    london,
    make_clinic,
    make_clinician,
    make_session,
    make_site,
    put_visit,
    slots_of,
)
from tests.factories import make_account, make_patient, make_practice

HEADER = "Clinic,Clinician,Start,End,Kind,Language,Reference"
ONE = "GENERAL,KHAN,2026-12-01T09:00,2026-12-01T09:10,,,A1"


class Importing:
    """A practice with a clinic GENERAL and a clinician KHAN, and files for it."""

    def __init__(self, db: Database, settings: Settings, practice: Practice) -> None:
        self.db, self.settings, self.practice = db, settings, practice
        self.clinic = make_clinic(db, practice, "GENERAL", site=make_site(db, practice, "HALL"))
        self.clinician = make_clinician(db, practice, "KHAN", name="Dr Amina Khan")

    def csv(self, *lines: str, header: str = HEADER, dry_run: bool = False) -> SlotsImported:
        return self.take("\n".join([header, *lines]).encode(), dry_run=dry_run)

    def fhir(self, *entries: dict[str, Any]) -> SlotsImported:
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in entries]}
        return self.take(json.dumps(bundle).encode())

    def take(self, content: bytes, *, dry_run: bool = False) -> SlotsImported:
        result = import_slots(self.db, self.settings, "STATION", content, CONSOLE, dry_run=dry_run)
        assert result.accepted + result.fixed + result.rejected + result.duplicates == result.rows
        return result

    @property
    def slots(self) -> list[Slot]:
        return slots_of(self.db, self.clinic)

    def starts(self) -> list[str]:
        return [f"{slot.starts:%H:%M}" for slot in self.slots]


@pytest.fixture
def own(db: Database, settings: Settings, practice: Practice) -> Importing:
    return Importing(db, settings, practice)


def codes(result: SlotsImported) -> list[str]:
    return [problem.code for problem in result.problems]


def counts(result: SlotsImported) -> tuple[int, int, int, int, int]:
    return result.accepted, result.fixed, result.rejected, result.duplicates, result.stored


def test_a_slot_is_stored_in_utc_and_again_nothing_is_new(own: Importing):
    summer = "GENERAL,KHAN,2027-06-01T09:00,2027-06-01T09:10,held,Urdu,A2"
    first, second = (own.csv(ONE, summer) for _ in range(2))
    assert counts(first) == (2, 0, 0, 0, 2)
    assert counts(second) == (2, 0, 0, 0, 0)
    winter, summers = own.slots
    assert (winter.kind, winter.language, winter.external_ref, winter.session_id) == ("open", None, "A1", None)
    assert (summers.kind, summers.language) == ("held", "ur")
    assert (f"{winter.starts:%H:%M}", f"{summers.starts:%H:%M}") == ("09:00", "08:00")
    assert winter.end_cell - winter.first_cell == 2


def test_a_dry_run_says_what_would_be_and_that_these_times_must_be_kept_free(own: Importing):
    result = own.csv(ONE, dry_run=True)
    assert counts(result) == (1, 0, 0, 0, 0)
    assert own.slots == []
    assert "kept free" in result.as_json()["notes"][0]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-12-01T09:00", "2026-12-01T09:10"),
        ("2026-12-01 09:00", "2026-12-01 09:10"),
        ("01/12/2026 09:00", "01/12/2026 09:10"),
        ("1 December 2026 9:00", "9:10"),
        ("1/12/26 9.00am", "9.10am"),
        ("2026-12-01T09:00:00Z", "2026-12-01T09:10:00Z"),
        ("2026-12-01T10:00:00+01:00", "2026-12-01T10:10:00+01:00"),
        ("2026-12-01T09:00:00", "2026-12-01T09:09:59"),
        ("01/12/2026 09:00:00", "01/12/2026 09:09:59"),
    ],
)
def test_times_are_read_as_practices_write_them(own: Importing, start: str, end: str):
    assert own.csv(f"GENERAL,KHAN,{start},{end},,,A1").stored == 1
    (slot,) = own.slots
    assert (slot.starts, slot.ends) == (london("2026-12-01 09:00"), london("2026-12-01 09:10"))


def test_headings_may_be_others_and_the_day_and_the_length_stand_by_themselves(own: Importing):
    header = "Session Holder,Slot Date,Start Time,Duration,Slot ID"
    assert own.csv("Dr Amina Khan,01/12/2026,09:00,20,7", header=header).stored == 1
    (slot,) = own.slots
    assert slot.ends - slot.starts == timedelta(minutes=20)
    assert slot.external_ref == "7"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("NOWHERE,KHAN,2026-12-01T09:00,2026-12-01T09:10,,,A", "unknown-clinic"),
        ("GENERAL,NOBODY,2026-12-01T09:00,2026-12-01T09:10,,,A", "unknown-clinician"),
        ("GENERAL,,2026-12-01T09:00,2026-12-01T09:10,,,A", "unknown-clinician"),
        ("GENERAL,KHAN,2026-12-01T09:00,2026-12-01T09:00,,,A", "end-before-start"),
        ("GENERAL,KHAN,2026-12-01T09:00,2026-12-02T09:10,,,A", "too-long"),
        ("GENERAL,KHAN,2026-12-01T09:02,2026-12-01T09:12,,,A", "off-the-grid"),
        ("GENERAL,KHAN,2026-11-24T08:50,2026-11-24T09:00,,,A", "past"),
        ("GENERAL,KHAN,2027-03-28T01:30,2027-03-28T02:30,,,A", "no-such-time"),
        ("GENERAL,KHAN,soon,2026-12-01T09:10,,,A", "bad-time"),
        ("GENERAL,KHAN,,2026-12-01T09:10,,,A", "bad-time"),
        ("GENERAL,KHAN,2026-12-01T09:00,,,,A", "no-end"),
        (f"GENERAL,KHAN,2026-12-01T09:00,2026-12-01T09:10,,,{'A' * 101}", "long-reference"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_and_the_others_stored(own: Importing, line: str, code: str):
    result = own.csv(line, "GENERAL,KHAN,2026-12-01T11:00,2026-12-01T11:10,,,B")
    assert codes(result) == [code]
    assert result.problems[0].row == 2
    assert counts(result) == (1, 0, 1, 0, 1)


def test_what_can_be_set_aside_is_and_the_slot_is_kept(own: Importing):
    result = own.csv(
        "GENERAL,KHAN,2026-12-01T09:00,2026-12-01T09:10,held,Klingon,A",
        "GENERAL,KHAN,2026-12-01T09:10,2026-12-01T09:20,special,,B",
        "GENERAL,KHAN,2026-12-01T09:20,2026-12-01T09:30,open,ur,C",
        "GENERAL,KHAN,2026-12-01T09:30,2026-12-01T09:40,,pl,D",
    )
    assert codes(result) == ["unknown-language", "unknown-kind", "open-has-none"]
    assert counts(result) == (1, 3, 0, 0, 4)
    assert [(slot.kind, slot.language) for slot in own.slots] == [
        ("held", None),
        ("held", None),
        ("open", None),
        ("held", "pl"),
    ]


def test_overlaps_and_repeats_within_a_file(own: Importing):
    result = own.csv(
        ONE,
        ONE,
        "GENERAL,KHAN,2026-12-01T09:05,2026-12-01T09:15,,,A2",
        "GENERAL,KHAN,2026-12-01T10:00,2026-12-01T10:10,,,A1",
        "GENERAL,KHAN,2026-12-01T09:10,2026-12-01T09:20,,,A3",
    )
    assert codes(result) == ["overlaps", "reference-twice"]
    assert counts(result) == (2, 0, 2, 1, 2)


def test_two_practices_are_not_mixed(own: Importing, db: Database):
    bridge = make_practice(db, "BRIDGE")
    make_clinic(db, bridge, "BRIDGE-CLINIC")
    make_clinician(db, bridge, "OTHER")
    result = own.csv(
        "BRIDGE-CLINIC,KHAN,2026-12-01T09:00,2026-12-01T09:10,,,A",
        "GENERAL,OTHER,2026-12-01T09:00,2026-12-01T09:10,,,B",
    )
    assert codes(result) == ["unknown-clinic", "unknown-clinician"]
    outsider = actor_of(make_account(db, Role.LEAD, practice=bridge))
    with pytest.raises(Refused, match="Only staff"):
        import_slots(db, own.settings, "STATION", f"{HEADER}\n{ONE}".encode(), outsider)


def test_a_slot_where_a_session_or_a_visit_is_already_is_in_use(own: Importing, db: Database, practice: Practice):
    make_session(db, own.clinic, own.clinician, days="tue", until=date(2026, 12, 1), opens="09:00", closes="10:00")
    result = own.csv(ONE, "GENERAL,KHAN,2026-12-01T10:00,2026-12-01T10:10,,,B")
    assert codes(result) == ["in-use"]
    assert result.stored == 1


def test_closed_days_and_days_away_are_refused(own: Importing, db: Database):
    add_closure(db, "HALL", date(2026, 12, 1), date(2026, 12, 1), CONSOLE)
    assert codes(own.csv(ONE)) == ["closure"]


def test_a_known_slot_follows_the_file(own: Importing, db: Database, practice: Practice):
    own.csv(ONE, "GENERAL,KHAN,2026-12-01T09:10,2026-12-01T09:20,,,A2")
    visit = put_visit(db, own.slots[0], make_patient(db, practice))
    swapped = own.csv(
        "GENERAL,KHAN,2026-12-01T09:10,2026-12-01T09:20,,,A1", "GENERAL,KHAN,2026-12-01T09:20,2026-12-01T09:40,,,A2"
    )
    assert counts(swapped) == (2, 0, 0, 0, 2)
    assert own.starts() == ["09:10", "09:20"]
    with db.read() as session:
        assert session.get_one(Visit, visit.id).to_move_since is not None


def test_two_slots_may_change_places(own: Importing):
    other = ONE.replace("09:10", "09:20").replace("09:00", "09:10").replace("A1", "A2")
    own.csv(ONE, other)
    own.csv(ONE.replace("A1", "A2"), other.replace("A2", "A1"))
    assert [slot.external_ref for slot in own.slots] == ["A2", "A1"]


def test_a_released_slot_stays_open_whatever_the_file_says(own: Importing, db: Database):
    held = ONE.replace(",,,A1", ",held,,A1")
    own.csv(held)
    with db.write() as session:
        session.get_one(Slot, own.slots[0].id).released_at = london("2026-11-24 08:00")
    assert own.csv(held.replace("held", "open")).stored == 0
    assert listed(db, own.clinic)[0]["kind"] == "open"


def test_an_event_needs_no_clinician(own: Importing, db: Database, practice: Practice):
    event = make_clinic(db, practice, "FAIR", purpose="event", places=20, slot_minutes=60)
    assert own.csv("FAIR,,2026-12-01T14:00,2026-12-01T15:00,,,F1").stored == 1
    assert slots_of(db, event)[0].clinician_id is None


def test_slots_without_reference_are_known_by_their_clinician_and_time(own: Importing):
    line = ONE.removesuffix("A1")
    assert [own.csv(line).stored for _ in range(2)] == [1, 0]
    assert own.csv(line.replace("09:10", "09:20")).stored == 1
    assert [slot.ends.minute for slot in own.slots] == [20]


def test_a_file_as_a_whole_may_be_refused(own: Importing):
    for content in (b"", b"Clinic,Clinician\nGENERAL,KHAN", b"%PDF-1.4", b"{}", b'{"resourceType":"Patient"}'):
        with pytest.raises(Refused):
            own.take(content)
    assert own.slots == []


SCHEDULE = {
    "resourceType": "Schedule",
    "id": "s1",
    "actor": [
        {"reference": "Practitioner/p1", "display": "KHAN"},
        {"reference": "Location/l1", "identifier": {"value": "HALL"}},
    ],
}


def slot(number: int, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Slot",
        "id": f"slot-{number}",
        "schedule": {"reference": "Schedule/s1"},
        "status": "free",
        "start": start,
        "end": end,
    } | more


NINE = slot(1, "2026-12-01T09:00:00+00:00", "2026-12-01T09:09:59+00:00")
TEN_PAST = slot(2, "2026-12-01T09:10:00Z", "2026-12-01T09:20:00Z")


def test_fhir_slots_are_read_with_an_end_one_second_short(own: Importing):
    first, second = (own.fhir(SCHEDULE, NINE, TEN_PAST) for _ in range(2))
    assert counts(first) == (2, 0, 0, 0, 2)
    assert counts(second) == (2, 0, 0, 0, 0)
    one, other = own.slots
    assert one.ends == other.starts
    assert one.external_ref == "slot-1"


def test_a_clinician_may_be_a_resource_of_the_bundle(own: Importing):
    person = {
        "resourceType": "Practitioner",
        "id": "p1",
        "name": [{"prefix": ["Dr"], "given": ["Amina"], "family": "Khan"}],
    }
    schedule = SCHEDULE | {"actor": [{"reference": "Practitioner/p1"}]}
    assert own.fhir(person, schedule, NINE).stored == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"schedule": {"reference": "Schedule/other"}}, "no-schedule"),
        ({"schedule": None}, "no-schedule"),
        ({"start": "2026-12-01T09:00:00"}, "no-zone"),
        ({"end": "2026-12-01T09:10:00"}, "no-zone"),
        ({"start": "2026-12-01"}, "bad-time"),
        ({"start": None}, "bad-time"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "bad-time"),
        ({"end": "9999-12-31T23:00:00-14:00"}, "bad-time"),
        ({"end": "2026-12-01T09:00:00Z"}, "end-before-start"),
        ({"end": "2026-12-02T09:10:00Z"}, "too-long"),
        ({"status": "perhaps"}, "bad-status"),
        ({"status": None}, "bad-status"),
    ],
)
def test_a_fhir_slot_that_cannot_be_is_rejected_by_itself(own: Importing, changes: dict[str, Any], code: str):
    result = own.fhir(SCHEDULE, NINE | changes, TEN_PAST)
    assert codes(result) == [code]
    assert result.problems[0].row == 2
    assert counts(result) == (1, 0, 1, 0, 1)


def test_slots_that_overlap_within_one_schedule_are_rejected_and_a_busy_one_keeps_its_time(own: Importing):
    five_past = slot(3, "2026-12-01T09:05:00Z", "2026-12-01T09:15:00Z", status="busy-unavailable")
    result = own.fhir(SCHEDULE, NINE, TEN_PAST, five_past)
    assert sorted(codes(result)) == ["not-bookable", "overlaps", "overlaps"]
    assert counts(result) == (0, 1, 2, 0, 0)


def test_busy_slots_are_not_bookable_and_free_ones_that_become_busy_are_withdrawn(own: Importing, db: Database):
    assert counts(own.fhir(SCHEDULE, NINE | {"status": "busy"}, TEN_PAST)) == (1, 1, 0, 0, 1)
    assert counts(own.fhir(SCHEDULE, NINE, TEN_PAST | {"status": "busy-tentative"})) == (1, 1, 0, 0, 2)
    assert own.starts() == ["09:00"]
    assert [line["state"] for line in listed(db, own.clinic)] == ["free", "withdrawn"]
    assert counts(own.fhir(SCHEDULE, NINE, TEN_PAST)) == (2, 0, 0, 0, 1)
    assert own.starts() == ["09:00", "09:10"]


def test_a_slot_that_is_busy_because_our_visit_was_entered_there_stays(
    own: Importing, db: Database, practice: Practice
):
    own.fhir(SCHEDULE, NINE)
    visit = put_visit(db, own.slots[0], make_patient(db, practice))
    assert own.fhir(SCHEDULE, NINE | {"status": "busy"}).stored == 0
    assert own.fhir(SCHEDULE, NINE).stored == 0
    with db.read() as session:
        assert session.get_one(Visit, visit.id).to_move_since is None
    assert own.fhir(SCHEDULE, NINE | {"status": "entered-in-error"}).stored == 1
    with db.read() as session:
        assert session.get_one(Visit, visit.id).to_move_since is not None


def test_slots_by_telephone_are_not_taken_in(own: Importing):
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel"
    channel = {"extension": [{"url": url, "valueCodeableConcept": {"coding": [{"code": "Telephone"}]}}]}
    assert codes(own.fhir(SCHEDULE, NINE | channel)) == ["not-in-person"]
    channel = {"extension": [{"url": url, "valueCodeableConcept": {"coding": [{"code": "In-person"}]}}]}
    assert own.fhir(SCHEDULE, NINE | channel).stored == 1


def test_imported_slots_stay_when_sessions_change_and_go_when_the_site_closes(own: Importing, db: Database):
    own.csv(ONE)
    make_session(db, own.clinic, own.clinician, days="wed", until=TOMORROW)
    assert own.starts().count("09:00") == 2
    add_closure(db, "HALL", date(2026, 12, 1), date(2026, 12, 1), CONSOLE)
    assert [slot.starts.date() for slot in own.slots] == [TOMORROW] * 18


def test_held_slots_of_an_imported_file_are_those_of_a_clinic_that_holds_all(db: Database, own: Importing):
    make_clinic(db, own.practice, "GENERAL", site=site_of(db, own.clinic), held=None, held_language="ur")
    own.csv(ONE, "GENERAL,KHAN,2026-12-01T09:10,2026-12-01T09:20,open,,A2")
    assert [(slot.kind, slot.language) for slot in own.slots] == [("held", "ur"), ("open", None)]


def site_of(db: Database, clinic: Clinic) -> Site:
    with db.read() as session:
        return session.get_one(Site, clinic.site_id)


def test_slots_of_yesterday_do_not_come_back(own: Importing, db: Database):
    own.csv(ONE)
    with time_machine.travel("2026-12-02T09:00:00Z"):
        assert codes(own.csv(ONE)) == ["past"]
        assert [line["state"] for line in listed(db, own.clinic)] == ["past"]
    assert datetime.fromisoformat(listed(db, own.clinic)[0]["starts"]) == london("2026-12-01 09:00")


def test_the_command_answers_as_that_of_patients_does(own: Importing, ask: Ask, tmp_path: Path):
    path = tmp_path / "slots.csv"
    path.write_text("\n".join([HEADER, ONE, ONE.replace("KHAN", "NOBODY")]))
    (said,) = ask(slots, "import", str(path), "--practice", "STATION")
    problem = said["problems"][0]
    assert {name: said[name] for name in ("rows", "accepted", "fixed", "rejected", "duplicates", "stored")} == {
        "rows": 2,
        "accepted": 1,
        "fixed": 0,
        "rejected": 1,
        "duplicates": 0,
        "stored": 1,
    }
    assert (problem["row"], problem["column"], problem["code"]) == (3, "Clinician", "unknown-clinician")
