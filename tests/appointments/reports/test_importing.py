"""What an appointment report comes to: visits made, moved and changed, staff asked, people told."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import col, func, select

from bot.appointments.by_text.reminders import remind
from bot.appointments.joint.claims import claim_time
from bot.appointments.own_book.own_system import ask_to_take_out, open_tasks
from bot.appointments.own_book.own_system_doing import finish_task
from bot.appointments.reports.importing import (
    confirm_report,
    discard_report,
    find_report,
    forget_unconfirmed_reports,
    receive_report,
)
from bot.appointments.reports.telling import tell_reported
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import (
    ClaimedTime,
    InterpreterGivenUp,
    InterpreterState,
    OwnSystemTask,
    Visit,
    VisitState,
    Whose,
)
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.appointments.clinics import make_agency, make_interpreter
from tests.appointments.reports.files import imported, report, row, tasks, visits, without_ids
from tests.appointments.world import make_clinic, make_session, put_visit, slots_of
from tests.factories import make_patient, make_practice, text_in
from tests.messaging.helpers import send_all


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def alice(db: Database, practice: Practice) -> Patient:
    return make_patient(db, practice, given_name="Alice")


@pytest.fixture
def bob(db: Database, practice: Practice) -> Patient:
    return make_patient(db, practice, given_name="Bob", language="pl", interpreter=True)


def counts(db: Database, settings: Settings, content: bytes, **changes: Any) -> dict[str, int]:
    """What a report comes to, without what is nought."""
    found = imported(db, settings, content, **changes).counts
    assert found["accepted"] + found["fixed"] + found["rejected"] + found["duplicates"] == found["rows"]
    rows = found["new"] + found["moved"] + found["changed"] + found["unchanged"]
    assert rows == found["accepted"] + found["fixed"]
    return {name: number for name, number in found.items() if number and name not in ("rows", "accepted")}


def texts(db: Database) -> list[str | None]:
    """The keys of all texts, as they were queued."""
    with db.read() as session:
        return list(session.exec(select(Message.text_key).order_by(col(Message.id))))


def only(db: Database) -> Visit:
    [visit] = visits(db)
    return visit


def test_a_row_becomes_a_visit_of_the_other_system(db: Database, settings: Settings, alice: Patient) -> None:
    assert counts(db, settings, report(row(alice.nhs_number, "A1"))) == {"new": 1, "stored": 1}
    visit = only(db)
    assert (visit.kind, visit.state, visit.patient_id, visit.external_ref) == ("external", "booked", alice.id, "A1")
    assert (visit.starts, visit.mode) == (datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "in-person")
    assert visit.ends - visit.starts == timedelta(minutes=20)
    assert visit.interpreter_state == InterpreterState.NOT_NEEDED
    assert texts(db) == []


def test_the_same_report_again_changes_nothing(db: Database, settings: Settings, alice: Patient, bob: Patient) -> None:
    content = report(row(alice.nhs_number, "A1"), row(bob.nhs_number, "B1", Time="10:00"))
    imported(db, settings, content)
    before = [visit.model_dump() for visit in visits(db)]
    assert counts(db, settings, content) == {"unchanged": 2}
    assert [visit.model_dump() for visit in visits(db)] == before
    assert tasks(db) == []


def test_without_ids_the_same_report_again_changes_nothing_either(
    db: Database, settings: Settings, alice: Patient, bob: Patient
) -> None:
    content = without_ids(row(alice.nhs_number), row(alice.nhs_number, Time="11:00"), row(bob.nhs_number))
    imported(db, settings, content)
    assert counts(db, settings, content) == {"unchanged": 3}


def test_a_dry_run_stores_nothing(db: Database, settings: Settings, alice: Patient) -> None:
    assert counts(db, settings, report(row(alice.nhs_number, "A1")), dry_run=True) == {"new": 1}
    assert visits(db) == []


def test_who_needs_an_interpreter_has_one_sought(db: Database, settings: Settings, bob: Patient) -> None:
    imported(db, settings, report(row(bob.nhs_number, "B1")))
    visit = only(db)
    assert (visit.interpreter_state, visit.interpreter_mode, visit.language) == ("seeking", "in-person", "pl")


def test_the_persons_time_is_claimed_and_no_clinicians(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    with db.read() as session:
        claimed = session.exec(select(ClaimedTime.kind, ClaimedTime.whose)).all()
    assert Counter(claimed) == {("patient", alice.id): 4}


def test_visits_that_overlap_are_shown_and_not_refused(db: Database, settings: Settings, alice: Patient) -> None:
    content = report(row(alice.nhs_number, "A1"), row(alice.nhs_number, "A2", Time="09:40", Clinician="Nurse"))
    result = imported(db, settings, content)
    assert (result.counts["new"], result.counts["overlapping"]) == (2, 1)
    assert result.notes == [
        "Row 3: this person has another visit at that time, which begins 1 December 2026, 09:30. Both stand; look "
        "whether both are meant."
    ]
    assert len(visits(db)) == 2


def test_who_is_not_on_the_list_is_rejected(db: Database, settings: Settings, practice: Practice) -> None:
    result = imported(db, settings, report(row("9990000018", "A1")))
    assert [(problem.row, problem.column, problem.code) for problem in result.problems] == [
        (2, "NHS Number", "unknown-person")
    ]
    assert visits(db) == []


def test_a_person_of_another_practice_is_not_on_the_list(db: Database, settings: Settings, alice: Patient) -> None:
    make_practice(db, "BRIDGE")
    assert counts(db, settings, report(row(alice.nhs_number, "A1")), practice="BRIDGE") == {"rejected": 1}


def test_a_visit_known_by_its_id_is_moved(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    moved = report(row(alice.nhs_number, "A1", Date="02/12/2026", Time="14:00"))
    assert counts(db, settings, moved) == {"moved": 1, "stored": 1}
    visit = only(db)
    assert visit.starts == datetime(2026, 12, 2, 14, tzinfo=UTC)
    assert visit.moved_from == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    assert visit.sequence == 1
    with db.read() as session:
        first = session.exec(select(func.min(ClaimedTime.cell), func.count())).one()
    assert first == (int(visit.starts.timestamp()) // 300, 4)


def test_without_an_id_one_gone_and_one_come_is_moved(db: Database, settings: Settings, alice: Patient) -> None:
    later = row(alice.nhs_number, Date="05/12/2026", Clinician="Nurse Lee")
    imported(db, settings, without_ids(row(alice.nhs_number), later))
    moved = without_ids(row(alice.nhs_number, Time="16:00"), later)
    assert counts(db, settings, moved) == {"moved": 1, "unchanged": 1, "stored": 1}
    assert [visit.starts.hour for visit in visits(db)] == [16, 9]


def test_without_an_id_anything_else_goes_to_staff(db: Database, settings: Settings, alice: Patient) -> None:
    later = row(alice.nhs_number, Date="05/12/2026", Clinician="Nurse Lee")
    imported(db, settings, without_ids(row(alice.nhs_number), row(alice.nhs_number, Time="10:00"), later))
    unclear = without_ids(row(alice.nhs_number, Time="16:00"), later)
    assert counts(db, settings, unclear) == {"new": 1, "unchanged": 1, "stored": 1, "to_staff": 2}
    first, second, *_ = visits(db)
    assert tasks(db) == [("unclear", first.id), ("unclear", second.id)]
    assert [visit.starts.hour for visit in visits(db)] == [9, 10, 16, 9]


def test_of_another_clinician_it_was_not_moved_but_is_missing(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, without_ids(row(alice.nhs_number)))
    another = without_ids(row(alice.nhs_number, Time="16:00", Clinician="Nurse Lee"))
    assert counts(db, settings, another) == {"new": 1, "missing": 1, "stored": 1}


def test_an_id_that_is_gone_is_asked_about_and_nothing_is_assumed(
    db: Database, settings: Settings, alice: Patient, bob: Patient
) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1"), row(bob.nhs_number, "B1", Time="11:00")))
    without_alice = report(row(bob.nhs_number, "B1", Time="11:00"))
    for _ in range(2):
        assert counts(db, settings, without_alice) == {"unchanged": 1, "missing": 1}
    assert [visit.state for visit in visits(db)] == ["booked", "booked"]
    assert tasks(db) == [("missing", visits(db)[0].id)]


def test_who_returns_is_not_asked_about_any_more(
    db: Database, settings: Settings, alice: Patient, bob: Patient
) -> None:
    both = report(row(alice.nhs_number, "A1"), row(bob.nhs_number, "B1", Time="11:00"))
    imported(db, settings, both)
    imported(db, settings, report(row(bob.nhs_number, "B1", Time="11:00")))
    assert counts(db, settings, both) == {"unchanged": 2}
    assert tasks(db) == []


@pytest.mark.parametrize(
    "changes",
    [{"Date": "02/12/2026"}, {"Clinic": "Another clinic"}],
    ids=["another day", "another clinic"],
)
def test_missing_counts_only_within_the_days_and_clinics_of_the_report(
    db: Database, settings: Settings, alice: Patient, bob: Patient, changes: dict[str, str]
) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    assert counts(db, settings, report(row(bob.nhs_number, "B1", **changes))) == {"new": 1, "stored": 1}


def test_a_row_that_cannot_be_read_is_not_missing(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    assert counts(db, settings, report(row(alice.nhs_number, "A1", Time="?"))) == {"rejected": 1}
    assert tasks(db) == []


@pytest.mark.parametrize("far", ["01/12/2126", "31/12/9999", "01/01/0001"])
def test_a_day_written_wrongly_makes_the_report_no_longer(
    db: Database, settings: Settings, alice: Patient, bob: Patient, far: str
) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    rows = row(bob.nhs_number, "B1", Date="02/12/2026"), row(bob.nhs_number, "B2", Date=far)
    assert counts(db, settings, report(*rows)) == {"new": 1, "stored": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("word", "state"),
    [("Cancelled", "cancelled"), ("Arrived", "arrived"), ("Left", "attended"), ("DNA", "did-not-attend")],
)
def test_how_a_visit_stands_is_taken_from_the_report(
    db: Database, settings: Settings, alice: Patient, word: str, state: str
) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    with time_machine.travel("2026-12-01T10:00:00Z"):
        changed = report(row(alice.nhs_number, "A1", Status=word))
        assert counts(db, settings, changed) == {"changed": 1, "stored": 1}
        assert counts(db, settings, changed) == {"unchanged": 1}
    assert only(db).state == state
    assert texts(db) == []


def test_an_older_report_takes_back_nothing(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1", Status="Arrived")))
    assert counts(db, settings, report(row(alice.nhs_number, "A1"))) == {"unchanged": 1}
    assert only(db).state == VisitState.ARRIVED


def test_a_visit_that_is_off_already_makes_none(db: Database, settings: Settings, alice: Patient) -> None:
    assert counts(db, settings, report(row(alice.nhs_number, "A1", Status="Cancelled"))) == {"unchanged": 1}
    assert visits(db) == []


def test_a_visit_that_is_off_and_booked_again_is_a_new_one(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    imported(db, settings, report(row(alice.nhs_number, "A1", Status="Cancelled")))
    assert counts(db, settings, report(row(alice.nhs_number, "A1"))) == {"new": 1, "stored": 1}
    assert [(visit.state, visit.external_ref) for visit in visits(db)] == [("cancelled", None), ("booked", "A1")]


def test_an_id_that_is_another_persons_is_rejected_and_staff_look(
    db: Database, settings: Settings, alice: Patient, bob: Patient
) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    assert counts(db, settings, report(row(bob.nhs_number, "A1"))) == {"rejected": 1, "to_staff": 1}
    assert tasks(db) == [("unclear", only(db).id)]


def test_people_are_told_only_where_that_was_wished(
    db: Database, settings: Settings, alice: Patient, bob: Patient
) -> None:
    first = report(row(alice.nhs_number, "A1"), row(bob.nhs_number, "B1", Time="11:00"))
    assert imported(db, settings, first, confirmation=True).told == 2
    assert imported(db, settings, first, confirmation=True).told == 0
    changed = report(
        row(alice.nhs_number, "A1", Time="15:00"), row(bob.nhs_number, "B1", Time="11:00", Status="Cancelled")
    )
    assert imported(db, settings, changed, confirmation=True).told == 2
    assert texts(db) == ["visit-booked", "visit-booked", "visit-moved", "visit-off"]
    assert tell_reported(db, settings) == 0


def test_people_are_reminded_of_a_visit_of_the_other_system(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    with time_machine.travel("2026-11-28T09:40:00Z"):
        remind(db, settings)
        imported(db, settings, report(row(alice.nhs_number, "A1", Date="20/12/2026")))
    with db.read() as session:
        found = [(message.text_key, message.state) for message in session.exec(select(Message))]
    assert found == [("visit-reminder", "cancelled")]


def test_who_was_not_told_because_of_a_crash_is_told_once(
    db: Database, settings: Settings, alice: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> int:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr("bot.appointments.reports.importing.tell_reported", crash)
        with pytest.raises(RuntimeError):
            imported(db, settings, report(row(alice.nhs_number, "A1")), confirmation=True)
    assert tell_reported(db, settings) == 1
    assert tell_reported(db, settings) == 0
    assert texts(db) == ["visit-booked"]


def test_nobody_is_told_of_what_is_past(db: Database, settings: Settings, alice: Patient) -> None:
    past = report(row(alice.nhs_number, "A1", Date="23/11/2026"))
    assert imported(db, settings, past, confirmation=True).told == 0


def test_slots_that_follow_each_other_are_one_visit(db: Database, settings: Settings, alice: Patient) -> None:
    double = report(
        row(alice.nhs_number, "A1", Duration="10"), row(alice.nhs_number, "A2", Time="09:40", Duration="10")
    )
    assert counts(db, settings, double) == {"new": 1, "duplicates": 1, "stored": 1}
    assert only(db).ends - only(db).starts == timedelta(minutes=20)
    assert counts(db, settings, double) == {"unchanged": 1, "duplicates": 1}


def test_visits_that_follow_each_other_with_others_are_two(db: Database, settings: Settings, alice: Patient) -> None:
    two = report(row(alice.nhs_number, "A1"), row(alice.nhs_number, "A2", Time="09:50", Clinician="Nurse Lee"))
    assert counts(db, settings, two) == {"new": 2, "stored": 2}


def test_a_visit_booked_here_that_is_in_the_report_is_the_same_one(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    here = booked_here(db, practice, alice)
    content = report(row(alice.nhs_number, "A1", Date="25/11/2026", Time="09:00", Duration="10"))
    assert counts(db, settings, content) == {"changed": 1, "stored": 1}
    assert (only(db).code, only(db).kind, only(db).external_ref) == (here.code, "ours", "A1")
    assert tasks(db) == []
    assert counts(db, settings, content) == {"unchanged": 1}


def test_a_visit_booked_here_is_neither_moved_nor_taken_off_by_a_report(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    here = booked_here(db, practice, alice)
    entered = row(alice.nhs_number, "A1", Date="25/11/2026", Time="09:00", Duration="10")
    imported(db, settings, report(entered))
    for changed in ({"Time": "10:00"}, {"Status": "Cancelled"}):
        assert counts(db, settings, report(entered | changed)) == {"unchanged": 1, "to_staff": 1}
        assert (only(db).state, only(db).starts) == ("booked", here.starts)
        assert tasks(db) == [("unclear", here.id)]


def booked_here(db: Database, practice: Practice, alice: Patient) -> Visit:
    """A visit in a clinic of ours, which staff were to enter in their own system."""
    clinic = make_clinic(db, practice)
    make_session(db, clinic)
    visit = put_visit(db, slots_of(db, clinic)[0], alice)
    with db.write() as session:
        session.add(
            OwnSystemTask(practice_id=practice.id or 0, visit_id=visit.id or 0, what="enter", made_at=utc_now())
        )
    return visit


def test_an_interpreter_of_a_visit_that_moved_is_free_and_another_is_sought(
    db: Database, settings: Settings, practice: Practice, bob: Patient
) -> None:
    imported(db, settings, report(row(bob.nhs_number, "B1")))
    ewa = make_interpreter(db, make_agency(db, practice))
    with db.write() as session:
        visit = session.get_one(Visit, only(db).id)
        visit.interpreter_id, visit.interpreter_state = ewa.id, InterpreterState.BOOKED
        times = [(Whose.INTERPRETER, ewa.id or 0, visit.starts, visit.ends)]
        claim_time(session, times, now=utc_now(), visit_id=visit.id)
    imported(db, settings, report(row(bob.nhs_number, "B1", Time="15:00")))
    assert (only(db).interpreter_id, only(db).interpreter_state) == (None, "seeking")
    with db.read() as session:
        assert set(session.exec(select(ClaimedTime.kind))) == {"patient"}
        assert [gone.by for gone in session.exec(select(InterpreterGivenUp))] == ["practice"]


def test_a_report_waits_until_it_is_confirmed(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    content = report(row(alice.nhs_number, "A1"))
    waiting = receive_report(db, practice.id or 0, content, "report.csv", None)
    assert (visits(db), texts(db)) == ([], [])
    assert confirm_report(db, settings, waiting, CONSOLE, confirmation=True).told == 1
    assert len(visits(db)) == 1
    with db.read() as session:
        found = find_report(session, waiting)
        assert found is not None
        assert (found.state, found.content, found.confirmation) == ("stored", None, True)
        assert found.counts["new"] == 1
    with pytest.raises(Refused, match="stored or discarded already"):
        confirm_report(db, settings, waiting, CONSOLE, confirmation=True)


def test_a_report_that_is_discarded_leaves_nothing(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    waiting = receive_report(db, practice.id or 0, report(row(alice.nhs_number, "A1")), "report.csv", None)
    discard_report(db, waiting, CONSOLE)
    with pytest.raises(Refused, match="stored or discarded already"):
        confirm_report(db, settings, waiting, CONSOLE, confirmation=True)
    assert visits(db) == []


def test_a_report_that_nobody_confirms_is_erased_after_a_day(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    receive_report(db, practice.id or 0, report(row(alice.nhs_number, "A1")), "report.csv", None)
    assert forget_unconfirmed_reports(db, settings) == 0
    with time_machine.travel("2026-11-25T10:00:00Z"):
        assert (forget_unconfirmed_reports(db, settings), forget_unconfirmed_reports(db, settings)) == (1, 0)


def take_out(db: Database, visit: Visit) -> int:
    """The person has answered that they cannot come."""
    with db.write() as session:
        task = ask_to_take_out(session, session.get_one(Visit, visit.id))
        assert ask_to_take_out(session, session.get_one(Visit, visit.id)).id == task.id
        return task.id or 0


def test_a_visit_is_given_up_only_once_staff_have_taken_it_out(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    task = take_out(db, only(db))
    assert (only(db).state, texts(db)) == ("booked", [])
    finish_task(db, settings, task, practice.id or 0, "done", CONSOLE)
    assert (only(db).state, only(db).given_up_by, texts(db)) == ("cancelled", "person", ["visit-given-up"])
    with pytest.raises(Refused, match="done this already"):
        finish_task(db, settings, task, practice.id or 0, "done", CONSOLE)


def test_from_the_report_to_a_visit_that_is_given_up(
    db: Database, settings: Settings, practice: Practice, bob: Patient
) -> None:
    with time_machine.travel("2026-11-24T09:00:00Z") as clock:
        imported(db, settings, report(row(bob.nhs_number, "B1", Slot_Type="Telephone")), confirmation=True)
        send_all(db, settings)
        clock.shift(60)
        text_in(db, settings, bob.phone, "2")
        send_all(db, settings)
        assert only(db).state == "booked"
        [(what, visit_id)] = tasks(db)
        assert (what, visit_id) == ("take-out", only(db).id)
        with db.read() as session:
            [task] = open_tasks(session, practice.id or 0)
        finish_task(db, settings, task.id, practice.id or 0, "done", CONSOLE)
        send_all(db, settings)
    with db.read() as session:
        told = [
            (message.text_key, message.state)
            for message in session.exec(select(Message).where(Message.direction == "out").order_by(col(Message.id)))
        ]
    assert told[0] == ("visit-by-phone", "accepted")
    assert told[-1] == ("visit-given-up", "accepted")


def test_a_visit_taken_out_that_is_still_in_the_report_goes_to_staff_again(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    content = report(row(alice.nhs_number, "A1"))
    imported(db, settings, content)
    finish_task(db, settings, take_out(db, only(db)), practice.id or 0, "done", CONSOLE)
    assert counts(db, settings, content) == {"unchanged": 1, "to_staff": 1}
    assert tasks(db) == [("take-out", only(db).id)]
    assert only(db).state == VisitState.CANCELLED


def test_a_report_that_has_it_off_is_as_good_as_the_button(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    take_out(db, only(db))
    imported(db, settings, report(row(alice.nhs_number, "A1", Status="Cancelled by patient")))
    assert (only(db).given_up_by, texts(db), tasks(db)) == ("person", ["visit-given-up"], [])


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [("stands", "booked", []), ("off", "cancelled", []), ("off-and-tell", "cancelled", ["visit-off"])],
)
def test_staff_say_what_became_of_a_missing_visit(
    db: Database,
    settings: Settings,
    practice: Practice,
    alice: Patient,
    bob: Patient,
    answer: str,
    state: str,
    told: Any,
) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1"), row(bob.nhs_number, "B1", Time="11:00")))
    imported(db, settings, report(row(bob.nhs_number, "B1", Time="11:00")))
    with db.read() as session:
        [task] = open_tasks(session, practice.id or 0)
    finish_task(db, settings, task.id, practice.id or 0, answer, CONSOLE)
    assert visits(db)[0].state == state
    assert texts(db) == told
    assert tasks(db) == []


def test_another_practice_cannot_finish_a_task(db: Database, settings: Settings, alice: Patient) -> None:
    imported(db, settings, report(row(alice.nhs_number, "A1")))
    task = take_out(db, only(db))
    outsider = make_practice(db, "BRIDGE")
    with pytest.raises(Refused, match="no such task"):
        finish_task(db, settings, task, outsider.id or 0, "done", CONSOLE)


DAYS = 5
PEOPLE = 300


def a_day_of_the_week(numbers: list[str], changed: dict[int, dict[str, str]], gone: set[int]) -> bytes:
    """A report of one visit for each person, some at other times, some not there."""
    rows = []
    for place, number in enumerate(numbers):
        if place not in gone:
            at = {
                "Date": f"{1 + place % DAYS:02}/12/2026",
                "Time": f"{8 + place // DAYS // 6:02}:{place // DAYS % 6 * 10:02}",
                "Clinician": f"Dr {place % 7}",
                "Duration": "10",
            }
            rows.append(row(number, f"V{place}") | at | changed.get(place, {}))
    return report(*rows)


def statements(db: Database) -> Counter[str]:
    """Counts statements from now on."""
    found: Counter[str] = Counter()

    @event.listens_for(db.engine, "before_cursor_execute")
    def count(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        found[statement.split()[0]] += 1

    return found


def test_a_report_of_300_visits_on_three_days_running_with_moves_gaps_and_returns(
    db: Database, settings: Settings, practice: Practice
) -> None:
    people = [
        make_patient(db, practice, language="pl", interpreter=place % 10 == 0, phone=None) for place in range(PEOPLE)
    ]
    numbers = [person.nhs_number for person in people]
    made = statements(db)
    assert counts(db, settings, a_day_of_the_week(numbers, {}, set())) == {"new": 300, "stored": 300}
    assert made.total() < 60, "the number of statements does not follow that of the rows"
    first = {visit.external_ref: visit for visit in visits(db)}
    assert Counter(visit.interpreter_state for visit in first.values()) == {"seeking": 30, "not-needed": 270}

    moved = {place: {"Time": "18:00"} for place in range(20)}
    gone = set(range(100, 115))
    with time_machine.travel("2026-11-25T09:00:00Z"):
        second = counts(db, settings, a_day_of_the_week(numbers, moved, gone))
    assert second == {"moved": 20, "unchanged": 265, "missing": 15, "stored": 20}
    assert len(tasks(db)) == 15
    assert len(visits(db)) == 300

    off = {place: {"Status": "Cancelled"} for place in range(200, 205)}
    still_gone = set(range(110, 115))
    with time_machine.travel("2026-11-26T09:00:00Z"):
        third = counts(db, settings, a_day_of_the_week(numbers, moved | off, still_gone))
    assert third == {"unchanged": 290, "changed": 5, "missing": 5, "stored": 5}
    assert len(tasks(db)) == 5

    last = {visit.external_ref: visit for visit in visits(db)}
    assert last.keys() == first.keys()
    assert {ref for ref, visit in last.items() if visit.sequence} == {
        f"V{place}" for place in (*range(20), *range(200, 205))
    }
    assert {ref for ref, visit in last.items() if visit.state == "cancelled"} == {f"V{n}" for n in range(200, 205)}
    with db.read() as session:
        claims = session.exec(select(func.count()).select_from(ClaimedTime)).one()
    assert claims == 2 * 295
