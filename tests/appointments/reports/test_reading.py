"""How the rows of an appointment report are read: who, when, how long, how, and how the visit stands."""

import io
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.appointments.reports.judging import RowOutcome, VisitIn
from bot.appointments.reports.looking import read_rows
from bot.appointments.reports.times import Clock, moment_of, read_clock, read_length, read_when
from bot.appointments.reports.words import Status, read_mode, read_status
from bot.clock import LONDON
from bot.lists.reading.table import EPOCH_1900
from bot.refusals import Refused
from bot.tables.interpreters import Mode
from tests.appointments.reports.files import report, row
from tests.factories import nhs_number

TODAY = date(2026, 11, 24)
WHO = nhs_number(0)


def outcomes(*rows: dict[str, str]) -> list[RowOutcome]:
    return read_rows(report(*rows)).outcomes


def only(*rows: dict[str, str]) -> RowOutcome:
    [outcome] = outcomes(*rows)
    return outcome


def visit(**changes: str) -> VisitIn:
    found = only(row(WHO, **changes)).visit
    assert found is not None
    return found


def codes(**changes: str) -> list[str]:
    return [problem.code for problem in only(row(WHO, **changes)).problems]


def test_a_row_says_who_when_how_long_with_whom_and_where() -> None:
    outcome = only(row(WHO, "A1"))
    assert outcome.visit == VisitIn(
        2,
        WHO,
        datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
        datetime(2026, 12, 1, 9, 50, tzinfo=UTC),
        "A1",
        "Dr A Ahmed",
        "Morning surgery",
        "Station Practice",
        Status.BOOKED,
        Mode.IN_PERSON,
    )
    assert (outcome.verdict, outcome.problems) == ("accepted", ())


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("01/12/2026", "09:30"),
        ("1 December 2026", "9.30am"),
        ("Tue 01-Dec-2026", "0930"),
        ("2026-12-01", "09:30:00"),
        ("01/12/2026 00:00", "09:30"),
        ("01/12/2026 09:30", ""),
        ("2026-12-01T09:30:00Z", ""),
        ("2026-12-01T10:30:00+01:00", ""),
        ("Tuesday, 1st December 2026 at 9:30am", ""),
        ("01/12/2026", "30/12/1899 09:30"),
    ],
)
def test_a_time_is_read_however_it_is_written(day: str, clock: str) -> None:
    assert visit(Date=day, Time=clock).starts == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def test_a_year_of_two_digits_lies_ahead_and_is_said() -> None:
    assert visit(Date="01/12/26").starts.year == 2026
    assert codes(Date="01/12/26") == ["two-digit-year"]


def test_a_wall_time_in_summer_is_an_hour_behind_in_utc() -> None:
    assert visit(Date="01/07/2026").starts == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)


def test_a_time_that_the_clocks_leave_out_is_no_time() -> None:
    assert codes(Date="28/03/2027", Time="01:30") == ["no-such-time"]


def test_of_a_repeated_hour_the_first_counts() -> None:
    assert visit(Date="25/10/2026", Time="01:30").starts == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"NHS Number": ""}, "nhs-number-missing"),
        ({"NHS Number": "9990000019"}, "nhs-number-check-digit"),
        ({"Date": ""}, "date-missing"),
        ({"Date": "13/13/2026"}, "not-a-date"),
        ({"Time": ""}, "time-missing"),
        ({"Time": "soon"}, "time-missing"),
        ({"Date": "01/12/2062"}, "date-too-far"),
        ({"Status": "Slot available"}, "not-booked"),
        ({"Status": "Blocked", "NHS Number": ""}, "not-booked"),
    ],
)
def test_a_row_is_rejected_only_when_we_cannot_know_who_or_when(changes: dict[str, str], code: str) -> None:
    outcome = only(row(WHO) | changes)
    assert (outcome.verdict, outcome.visit, [problem.code for problem in outcome.problems]) == (
        "rejected",
        None,
        [code],
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Duration": "a while"}, "length-unreadable"),
        ({"Duration": "0"}, "length-unreadable"),
        ({"Status": "Frobnicated"}, "status-unknown"),
        ({"Appointment ID": "1.23E+11"}, "id-rounded"),
        ({"Clinician": "x" * 101}, "name-too-long"),
    ],
)
def test_any_other_wrong_cell_is_fixed_with_a_reason(changes: dict[str, str], code: str) -> None:
    outcome = only(row(WHO) | changes)
    assert outcome.verdict == "fixed"
    assert outcome.visit is not None
    assert [(problem.row, problem.code) for problem in outcome.problems] == [(2, code)]
    [name] = changes
    assert outcome.problems[0].column == name


@pytest.mark.parametrize(("cell", "minutes"), [("20", 20), ("15 mins", 15), ("0:40", 40), ("", 10), ("30.0", 30)])
def test_a_visit_is_as_long_as_booked_or_ten_minutes(cell: str, minutes: int) -> None:
    found = visit(Duration=cell)
    assert found.ends - found.starts == timedelta(minutes=minutes)


@pytest.mark.parametrize(("ends", "minutes"), [("09:50", 20), ("01/12/2026 09:44:59", 15), ("10:15", 45)])
def test_the_end_says_how_long(ends: str, minutes: int) -> None:
    [outcome] = read_rows(report(row(WHO) | {"End": ends}, columns=["NHS Number", "Date", "Time", "End"])).outcomes
    assert outcome.visit is not None
    assert (outcome.visit.ends - outcome.visit.starts) // timedelta(minutes=1) == minutes


def test_an_end_before_the_start_is_set_aside() -> None:
    [outcome] = read_rows(report(row(WHO) | {"End": "08:00"}, columns=["NHS Number", "Date", "Time", "End"])).outcomes
    assert [problem.code for problem in outcome.problems] == ["end-impossible"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Booked", Status.BOOKED),
        ("Arrived", Status.ARRIVED),
        ("Sent In", Status.ARRIVED),
        ("Left", Status.ATTENDED),
        ("Finished", Status.ATTENDED),
        ("fulfilled", Status.ATTENDED),
        ("DNA", Status.DID_NOT_ATTEND),
        ("Did Not Attend", Status.DID_NOT_ATTEND),
        ("noshow", Status.DID_NOT_ATTEND),
        ("Cancelled by Patient", Status.CANCELLED),
        ("CANCELLED - by unit", Status.CANCELLED),
        ("Canceled", Status.CANCELLED),
        ("entered-in-error", Status.CANCELLED),
        ("Slot Available", Status.NONE),
        ("proposed", Status.NONE),
        ("purple", None),
    ],
)
def test_the_words_of_the_clinical_systems_are_known(word: str, status: Status | None) -> None:
    assert read_status(word) == status


@pytest.mark.parametrize(
    ("words", "mode"),
    [
        ("Telephone consultation", Mode.TELEPHONE),
        ("GP T/C", Mode.TELEPHONE),
        ("Video Consultation", Mode.VIDEO),
        ("Face to face", Mode.IN_PERSON),
        ("Telephone or video", Mode.IN_PERSON),
        ("Nurse bloods 15", Mode.IN_PERSON),
        ("", Mode.IN_PERSON),
    ],
)
def test_the_slot_type_says_how_people_meet(words: str, mode: Mode) -> None:
    assert read_mode(words) is mode


def test_the_headings_of_emis_and_systmone_are_understood_below_a_title() -> None:
    emis = (
        "Appointment report\n\nAppointment Date,Appointment Time,Session Holder's Full Name,Session Name,Slot Type,"
        f"Slot Duration,Patient's NHS Number,Current Slot Status\n01-Dec-2026,09:30,Dr A,AM,Telephone,15,{WHO},Booked\n"
    )
    systmone = (
        "Appointment Start;Appointment End;Rota Name;Clinician;Appointment Status;NHS number\n"
        f"01 Dec 2026 09:30;01 Dec 2026 09:45;AM;Dr A;Booked;{WHO[:3]} {WHO[3:6]} {WHO[6:]}\n"
    )
    for content in (emis, systmone):
        [outcome] = read_rows(content.encode()).outcomes
        assert outcome.visit is not None
        assert (outcome.visit.starts, outcome.visit.clinic) == (datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "AM")
        assert outcome.visit.ends - outcome.visit.starts == timedelta(minutes=15)


def test_a_workbook_with_real_dates_and_times_is_read() -> None:
    book = Workbook()
    book.active.append(["Appointment ID", "NHS Number", "Date", "Time"])
    book.active.append([12345, WHO, date(2026, 12, 1), time(9, 30)])
    target = io.BytesIO()
    book.save(target)
    [outcome] = read_rows(target.getvalue()).outcomes
    assert outcome.visit is not None
    assert (outcome.visit.ref, outcome.visit.starts) == ("12345", datetime(2026, 12, 1, 9, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"%PDF-1.7", "not-a-list"),
        (b"NHS Number,Name\n1,2\n", "missing-column"),
        (b"Date,Time\n1,2\n", "missing-column"),
        (b"x" * (8 * 1024 * 1024 + 1), "file-too-large"),
        (b'{"resourceType": "Patient"}', "no-appointments"),
        (b"{", "not-json"),
    ],
)
def test_a_file_that_is_no_report_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_rows(content)
    assert refused.value.code == code


def test_rows_with_one_id_are_one_visit() -> None:
    found = outcomes(row(WHO, "A1", Status="Booked"), row(WHO, "A1", Status="Arrived"))
    assert [outcome.verdict for outcome in found] == ["duplicate", "accepted"]


def test_a_cancelled_row_gives_way_to_the_one_that_stands() -> None:
    found = outcomes(row(WHO, "A1", Time="11:00"), row(WHO, "A1", Status="Cancelled"))
    assert [outcome.verdict for outcome in found] == ["accepted", "duplicate"]


def test_one_id_at_two_times_is_nobodys_time() -> None:
    found = outcomes(row(WHO, "A1"), row(WHO, "A1", Time="11:00"))
    assert [[problem.code for problem in outcome.problems] for outcome in found] == [["id-twice"], ["id-twice"]]
    assert {outcome.verdict for outcome in found} == {"rejected"}


def test_one_id_of_two_people_is_nobodys() -> None:
    found = outcomes(row(WHO, "A1"), row(nhs_number(1), "A1"))
    assert [[problem.code for problem in outcome.problems] for outcome in found] == [["id-of-several"]] * 2


def test_the_same_row_without_an_id_is_a_duplicate() -> None:
    assert [outcome.verdict for outcome in outcomes(row(WHO), row(WHO), row(WHO, Time="10:00"))] == [
        "duplicate",
        "accepted",
        "accepted",
    ]


def an_appointment(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": "a-1",
        "status": "booked",
        "start": "2026-12-01T09:30:00+00:00",
        "end": "2026-12-01T09:44:59+00:00",
        "extension": [
            {
                "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel",
                "valueCodeableConcept": {"coding": [{"code": "Telephone"}]},
            }
        ],
        "participant": [
            {"actor": {"reference": "Patient/p"}},
            {"actor": {"reference": "Practitioner/d"}},
            {"actor": {"reference": "Location/l", "display": "Station Practice"}},
        ],
    }
    return usual | changes


def fhir(*appointments: dict[str, Any]) -> bytes:
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": WHO}],
    }
    doctor = {"resourceType": "Practitioner", "id": "d", "name": [{"given": ["Aisha"], "family": "Ahmed"}]}
    entries = [{"resource": resource} for resource in (*appointments, patient, doctor)]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


def test_fhir_appointments_are_read_with_their_people() -> None:
    [outcome] = read_rows(fhir(an_appointment())).outcomes
    assert outcome.visit is not None
    assert outcome.visit._replace(row=0) == VisitIn(
        0,
        WHO,
        datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
        datetime(2026, 12, 1, 9, 45, tzinfo=UTC),
        "a-1",
        "Aisha Ahmed",
        "",
        "Station Practice",
        Status.BOOKED,
        Mode.TELEPHONE,
    )


def test_a_fhir_time_without_a_zone_is_rejected() -> None:
    [outcome] = read_rows(fhir(an_appointment(start="2026-12-01T09:30:00"))).outcomes
    assert (outcome.verdict, [problem.code for problem in outcome.problems]) == ("rejected", ["no-zone"])


def test_a_fhir_patient_may_be_named_by_number_alone() -> None:
    who = {"actor": {"type": "Patient", "identifier": {"value": WHO}}}
    [outcome] = read_rows(fhir(an_appointment(participant=[who]))).outcomes
    assert outcome.visit is not None


@given(st.text())
def test_no_cell_is_too_odd_to_be_read(cell: str) -> None:
    read_when(cell, TODAY, EPOCH_1900)
    read_length(cell)
    read_status(cell)
    read_mode(cell)


@given(st.dates(date(2025, 1, 1), date(2028, 1, 1)), st.times())
def test_a_wall_time_exists_in_utc_or_is_left_out(day: date, clock: time) -> None:
    read = read_clock(f"{clock:%H:%M}")
    assert read == Clock(clock.replace(second=0, microsecond=0))
    moment = moment_of(day, read)
    assert moment is None or moment.astimezone(LONDON).strftime("%F %H:%M") == f"{day} {clock:%H:%M}"
