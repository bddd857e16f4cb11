"""Every rule of the wire with its sentence, its place among the others, and what it lets pass."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pharmacy.wire.checking import Checked, check_entry
from bot.pharmacy.wire.statuses import BusinessStatus, read_status
from bot.pharmacy.wire.values import is_nhs_number, is_prescription_number, read_moment
from tests.factories import nhs_number
from tests.pharmacy.wire.tasks import a_task, bundle_of, entry_of

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
OURS = frozenset(["FA123", "FA124"])
ABSENT = object()
Path = tuple[str | int, ...]

FULL_URL: Path = ("fullUrl",)
RESOURCE: Path = ("resource",)
ITEM: Path = ("resource", "focus", "identifier", "value")
PATIENT: Path = ("resource", "for", "identifier", "value")
OWNER: Path = ("resource", "owner", "identifier", "value")
PRESCRIPTION: Path = ("resource", "basedOn", 0, "identifier", "value")
STATUS: Path = ("resource", "businessStatus", "coding", 0, "code")
TASK: Path = ("resource", "id")
TASK_STATUS: Path = ("resource", "status")
MODIFIED: Path = ("resource", "lastModified")
TYPE: Path = ("resource", "resourceType")
META: Path = ("resource", "meta")
UPDATED: Path = ("resource", "meta", "lastUpdated")

NAMES = {
    "FullUrl": FULL_URL,
    "Resource": RESOURCE,
    "LastModified": MODIFIED,
    "LineItemID": ITEM,
    "PatientNHSNumber": PATIENT,
    "PharmacyODSCode": OWNER,
    "PrescriptionID": PRESCRIPTION,
    "Status": STATUS,
    "TaskID": TASK,
    "TerminalStatus": TASK_STATUS,
}


def put(entry: Any, path: Path, value: object) -> None:
    """Put a value at the end of a path, with what is missing on the way, or take it away."""
    *way, last = path
    for step in way:
        if isinstance(entry, dict):
            entry.setdefault(step, {})
        entry = entry[step]
    if value is ABSENT:
        entry.pop(last, None)
    else:
        entry[last] = value


def check(*changes: tuple[Path, object]) -> Checked:
    """A sound entry with these changes."""
    entry = entry_of(a_task())
    for path, value in changes:
        put(entry, path, value)
    return check_entry(entry, OURS, NOW)


def test_a_sound_entry_says_what_it_says() -> None:
    checked = check(
        (ITEM, "6989b7bd"), (PRESCRIPTION, "07a66f-a83008-1eeea0"), (OWNER, " fa124 "), (STATUS, "ready TO collect")
    )
    assert checked.problems is None
    said = checked.said
    assert said is not None
    assert (said.item, said.prescription, said.ods) == ("6989B7BD", "07A66F-A83008-1EEEA0", "FA124")
    assert (said.status, said.ended) == (BusinessStatus.READY_TO_COLLECT, False)
    assert (said.moment, said.counts_from) == (NOW, NOW)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [ABSENT, None, "", 0, False], ids=["absent", "null", "empty", "zero", "false"])
def test_a_field_that_is_missing_is_named(name: str, value: object) -> None:
    assert check((NAMES[name], value)).problems == f"Missing required field(s) - {name}."


def test_missing_fields_are_named_in_one_order_and_nothing_else_is_said() -> None:
    fields = [NAMES[name] for name in reversed(NAMES) if name != "Resource"]
    checked = check((TYPE, "Patient"), *((path, ABSENT) for path in fields))
    assert checked.problems == (
        "Missing required field(s) - FullUrl, LastModified, LineItemID, PatientNHSNumber, PharmacyODSCode, "
        "PrescriptionID, Status, TaskID, TerminalStatus."
    )
    assert check((FULL_URL, ABSENT), (RESOURCE, None)).problems == "Missing required field(s) - FullUrl, Resource."


BOTH = "Task.status field set to '{}' but Task.businessStatus value of '{}' {}."
SENTENCES: list[tuple[list[tuple[Path, object]], str]] = [
    ([(FULL_URL, "urn:uuid:another")], "Invalid entry fullUrl or task id."),
    ([(FULL_URL, "another")], "Invalid entry fullUrl or task id."),
    ([(TASK_STATUS, "rejected")], "Unsupported Task.status 'rejected'."),
    ([(TASK_STATUS, "Completed")], "Unsupported Task.status 'Completed'."),
    ([(STATUS, "3")], "Invalid business status. Unsupported Task.businessStatus '3'."),
    ([(STATUS, "Ready to Collect ")], "Invalid business status. Unsupported Task.businessStatus 'Ready to Collect '."),
    ([(MODIFIED, "yesterday")], "Date format provided for lastModified is invalid."),
    ([(MODIFIED, "2026-11-31T09:00:00Z")], "Date format provided for lastModified is invalid."),
    ([(MODIFIED, "2026-11-25T09:00:01Z")], "Invalid lastModified value provided."),
    ([(UPDATED, "soon")], "Date format provided for meta.lastUpdated is invalid."),
    ([(UPDATED, "2026-11-25T09:00:01Z")], "Invalid meta.lastUpdated value provided."),
    ([(UPDATED, "2026-11-24T09:00:00Z"), (MODIFIED, "2027-01-05T00:00:01Z")], "Invalid lastModified value provided."),
    ([(PATIENT, "9990000019")], "NHS number is invalid."),
    ([(PATIENT, "999 000 0018")], "NHS number is invalid."),
    ([(PATIENT, "99900000180")], "NHS number is invalid."),
    ([(PRESCRIPTION, "24F5DA-A83008-7EFE6Y")], "Prescription ID is invalid."),
    ([(PRESCRIPTION, "24f5da-a83008-7efe6z")], "Prescription ID is invalid."),
    ([(PRESCRIPTION, "24F5DA_A83008_7EFE6Z")], "Prescription ID is invalid."),
    ([(TYPE, "Patient")], "Resource's resourceType is not 'Task'."),
    ([(TYPE, ABSENT)], "Resource's resourceType is not 'Task'."),
    (
        [(TASK_STATUS, "completed"), (STATUS, "With Pharmacy")],
        BOTH.format("completed", "With Pharmacy", "requires follow up action"),
    ),
    (
        [(TASK_STATUS, "in-progress"), (STATUS, "collected")],
        BOTH.format("in-progress", "collected", "has no possible follow up action"),
    ),
    ([((*ITEM[:-1], "system"), "x")], "Invalid CodeSystem(s) - LineItemID."),
    ([((*PATIENT[:-1], "system"), ABSENT)], "Invalid CodeSystem(s) - PatientNHSNumber."),
    ([((*OWNER[:-1], "system"), 3)], "Invalid CodeSystem(s) - PharmacyODSCode."),
    ([((*PRESCRIPTION[:-1], "system"), None)], "Invalid CodeSystem(s) - PrescriptionID."),
    ([((*STATUS[:-1], "system"), "x")], "Invalid CodeSystem(s) - Status."),
    ([(ITEM, "x" * 101)], "Line item ID is invalid."),
    ([(OWNER, "FX999")], "The key does not speak for Task.owner 'FX999'."),
]


@pytest.mark.parametrize(("changes", "sentence"), SENTENCES, ids=lambda value: value if isinstance(value, str) else "")
def test_each_rule_has_its_sentence(changes: list[tuple[Path, object]], sentence: str) -> None:
    checked = check(*changes)
    assert checked.problems == sentence
    assert checked.said is None


def test_what_is_wrong_is_said_in_one_order_with_a_space_between() -> None:
    systems = [((*path[:-1], "system"), "x") for path in (ITEM, PATIENT, OWNER, PRESCRIPTION, STATUS)]
    checked = check(
        (OWNER, "FX999"),
        *systems,
        (TYPE, "Patient"),
        (PRESCRIPTION, "1-2"),
        (PATIENT, "12"),
        (UPDATED, "soon"),
        (MODIFIED, "later"),
        (STATUS, "Lost"),
        (TASK_STATUS, "draft"),
        (TASK, "another"),
    )
    assert checked.problems == (
        "Invalid entry fullUrl or task id. Unsupported Task.status 'draft'. Invalid business status. "
        "Date format provided for lastModified is invalid. Date format provided for meta.lastUpdated is invalid. "
        "NHS number is invalid. Prescription ID is invalid. Resource's resourceType is not 'Task'. "
        "Unsupported Task.businessStatus 'Lost'. "
        "Invalid CodeSystem(s) - LineItemID, PatientNHSNumber, PharmacyODSCode, PrescriptionID, Status. "
        "The key does not speak for Task.owner 'FX999'."
    )


TOGETHER = {
    "completed": ["Collected", "Dispatched", "Not Dispensed", "Ready to Collect", "Ready to Dispatch"],
    "in-progress": [
        *("With Pharmacy", "With Pharmacy - Preparing Remainder", "Ready to Collect - Partial"),
        *("Ready to Dispatch - Partial", "Ready to Collect", "Ready to Dispatch"),
    ],
}


@pytest.mark.parametrize("task_status", TOGETHER)
@pytest.mark.parametrize("status", list(BusinessStatus))
def test_a_task_that_has_ended_says_what_has_ended(task_status: str, status: str) -> None:
    fits = check((TASK_STATUS, task_status), (STATUS, status.upper())).problems is None
    assert fits == (status in TOGETHER[task_status])


@pytest.mark.parametrize(
    "changes",
    [
        [(MODIFIED, "2026-11-25T09:00:00Z")],
        [(MODIFIED, "2019-01-01")],
        [(MODIFIED, "2026-11-24T10:00:00.123456789+01:00")],
        [(UPDATED, "2026-11-25T09:00:00Z"), (MODIFIED, "2027-01-05T00:00:00Z")],
        [(META, "2026")],
        [(META, {"lastUpdated": ""})],
        [(TASK, "d70678c-81e4-6665-8c67-17596fd0aa87"), (FULL_URL, "urn:uuid:d70678c-81e4-6665-8c67-17596fd0aa87")],
        [(ITEM, "no UUID")],
        [(("resource", "intent"), ABSENT), (("request",), ABSENT)],
        [(("resource", "input"), [{"valueInteger": "many"}])],
    ],
)
def test_what_is_not_validated_or_just_within_the_rules_passes(changes: list[tuple[Path, object]]) -> None:
    assert check(*changes).problems is None


@pytest.mark.parametrize("owner", ["FA-123", "f a1", "Fé1", "{}", 5, True, ["FA123"], {"a": 1}])
def test_an_owner_that_is_no_code_is_kept_for_the_answer_of_the_whole(owner: object) -> None:
    checked = check((OWNER, owner))
    assert checked.problems is None
    assert checked.said is None
    assert checked.bad_ods == ({list: "[…]", dict: "{…}"}.get(type(owner)) or str(owner).upper().strip())


def test_what_is_ahead_counts_from_its_time_only_where_it_says_when_it_was_said() -> None:
    later, soon = "2026-11-24T15:00:00Z", NOW + timedelta(hours=6)
    ahead, wrong_clock = check((MODIFIED, later), (UPDATED, "2026-11-24T08:00:00Z")).said, check((MODIFIED, later)).said
    assert ahead is not None
    assert wrong_clock is not None
    assert (ahead.moment, ahead.counts_from) == (NOW - timedelta(hours=1), soon)
    assert (wrong_clock.moment, wrong_clock.counts_from) == (soon, NOW)


@pytest.mark.parametrize("path", [*NAMES.values(), TYPE, META, UPDATED, ("resource", "basedOn"), ("resource", "focus")])
@pytest.mark.parametrize(
    "value", [None, True, False, 0, 7, -1.5, "", "\0", "\ud800", "x" * 5000, [], [[]], [1], {}, {"value": {}}]
)
def test_other_types_anywhere_are_no_fault_of_ours(path: Path, value: object) -> None:
    checked = check((path, value))
    assert checked.problems or checked.said or checked.bad_ods is not None


WORDS = ("fullUrl", "resource", "id", "status", "identifier", "value", "system", "coding", "code", "owner")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=20,
)


@given(ANYTHING)
def test_any_json_is_an_entry_with_something_wrong(entry: object) -> None:
    assert check_entry(entry, OURS, NOW).problems


@given(st.sampled_from(list(NAMES.values())), ANYTHING)
def test_any_json_in_a_field_is_judged(path: Path, value: object) -> None:
    entry = deepcopy(bundle_of(a_task())["entry"][0])
    put(entry, path, value)
    checked = check_entry(entry, OURS, NOW)
    assert sum(each is not None for each in (checked.problems, checked.said, checked.bad_ods)) == 1


@pytest.mark.parametrize(
    "number", ["24F5DA-A83008-7EFE6Z", "16B2E0-A83008-81C13H", "07A66F-A83008-1EEEA0", "480720-A83008-57FF06"]
)
def test_prescription_numbers_with_one_sign_changed_are_found(number: str) -> None:
    assert is_prescription_number(number)
    for place, sign in enumerate(number):
        if sign != "-":
            other = "A" if sign != "A" else "B"
            assert not is_prescription_number(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize("number", ["٢4F5DA-A83008-7EFE6Z", "", "-", 5, None, "0" * 39 + "1", "0" * 40 + "1"])
def test_what_is_no_prescription_number(number: object) -> None:
    assert is_prescription_number(number) == (number == "0" * 39 + "1")


def test_nhs_numbers_have_ten_digits_and_the_right_last_one() -> None:
    assert all(is_nhs_number(nhs_number(index)) for index in range(200))
    assert not any(is_nhs_number(f"{int(nhs_number(index)) ^ 1}") for index in range(50))
    assert not is_nhs_number("٩٩٩٠٠٠٠٠١٨")


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-11-24T10:11:12Z", 10),
        ("2026-11-24T10:11:12.5Z", 10),
        ("2026-11-24T10:11:12+02:00", 8),
        ("2026-11-24T10:11:12-02:00", 12),
        ("2026-11-24T10:11:12", 10),
        ("2026-11-24T10:11Z", 10),
        ("2026-11-24", 0),
    ],
)
def test_moments_are_read_as_fhir_writes_them(written: str, hour: int) -> None:
    moment = read_moment(written)
    assert moment is not None
    assert (moment.day, moment.hour, moment.utcoffset()) == (24, hour, timedelta())


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "24/11/2026",
        "2026-13-01",
        "2026-02-30",
        "2026-11-24T25:00:00Z",
        "0000",
        "9999-12-31T23:59:59-14:00",
        5,
    ],
)
def test_what_is_no_moment(written: object) -> None:
    assert read_moment(written) is None


@pytest.mark.parametrize("written", ["READY TO COLLECT", "ready to collect", "Ready to collect"])
def test_statuses_are_compared_without_case(written: str) -> None:
    assert read_status(written) is BusinessStatus.READY_TO_COLLECT
