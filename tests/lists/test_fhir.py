import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lists.judging.grouping import ListedPeople
from bot.lists.judging.judging import ImportResult
from bot.lists.judging.row_reading import PersonIn, ReadingRules
from bot.lists.judging.verdicts import judge_rows
from bot.lists.reading.columns import Field
from bot.lists.reading.tables_of_files import read_table
from bot.refusals import Refused
from tests.lists.files import bundle, condition, patient

TODAY = date(2026, 11, 23)


def judge(content: bytes) -> tuple[ImportResult, list[PersonIn]]:
    table = read_table(content)
    people, result = ListedPeople(table.header), ImportResult()
    for verdict in people.group(judge_rows(table.rows(), ReadingRules(table.header, TODAY, test_numbers=True))):
        result.add(verdict)
    return result, [listed.person for listed in people.people_listed()]


def of(*resources: dict[str, Any], **changes: Any) -> tuple[ImportResult, list[PersonIn]]:
    return judge(json.dumps(bundle(*resources, **changes)).encode())


def lines(*values: Any) -> bytes:
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values).encode()


def refusal(content: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        judge(content)
    return refused.value


def test_a_patient_with_conditions_is_a_person_with_codes() -> None:
    theirs = {"reference": "Patient/9990000077"}
    result, people = of(condition(theirs, "13645005"), patient(), condition(theirs))
    assert (result.rows, result.accepted) == (1, 1)
    assert people == [
        PersonIn(
            nhs_number="9990000077",
            born=date(1960, 5, 12),
            surname="Example",
            given_name="Alex",
            sex="F",
            phone="+447700900123",
            phone_status="own",
            language="ur",
            interpreter=True,
            codes=frozenset(["195967001", "13645005"]),
        )
    ]


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/9990000077"},
        {"reference": "https://ehr.example/fhir/Patient/9990000077/_history/3"},
        {"identifier": {"value": "999 000 0077"}},
    ],
)
def test_a_condition_finds_its_patient_however_it_refers(subject: dict[str, Any]) -> None:
    assert of(patient(), condition(subject))[1][0].codes == {"195967001"}


def test_a_condition_refers_by_the_full_url_of_the_entry_too() -> None:
    unnamed = {name: value for name, value in patient().items() if name != "id"}
    entries = [{"fullUrl": "urn:uuid:1", "resource": unnamed}, {"resource": condition({"reference": "urn:uuid:1"})}]
    assert judge(json.dumps({"resourceType": "Bundle", "entry": entries}).encode())[1][0].codes == {"195967001"}


@pytest.mark.parametrize("subject", [None, {}, {"reference": "Patient/other"}, "Patient/9990000077", []])
def test_a_condition_of_nobody_is_a_rejected_row(subject: Any) -> None:
    result, people = of(patient(), condition(subject))
    assert (result.rows, result.accepted, result.rejected) == (2, 1, 1)
    assert [(p.row, p.code) for p in result.problems] == [(2, "condition-of-nobody")]
    assert people[0].codes == frozenset()


@pytest.mark.parametrize(("name", "code"), [("verificationStatus", "refuted"), ("clinicalStatus", "resolved")])
def test_a_condition_that_is_not_so_is_no_code(name: str, code: str) -> None:
    not_so = condition({"reference": "Patient/9990000077"}, **{name: {"coding": [{"code": code}]}})
    assert of(patient(), not_so)[1][0].codes == frozenset()


def test_without_conditions_the_file_says_nothing_about_codes() -> None:
    assert not read_table(json.dumps(bundle(patient())).encode()).header.has(Field.CODES)
    assert not read_table(json.dumps(bundle(patient())).encode()).header.has(Field.CONSENT)


def spoken(*words: str, preferred: int | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"language": {"coding": [{"code": word}]}} for word in words]
    if preferred is not None:
        found[preferred]["preferred"] = True
    return found


@pytest.mark.parametrize(
    ("communication", "language"),
    [
        (spoken("pl"), "pl"),
        (spoken("en", "pl", preferred=1), "pl"),
        (spoken("en", "pl"), None),
        ([{"language": {"text": "Polish"}}], "pl"),
        ([{"language": {"coding": [{"code": "x-local"}, {"code": "315579002"}], "text": "Polski"}}], "pl"),
        ([{"language": {"coding": [{"code": "x-local"}], "text": "Polish"}}], "pl"),
        ([{"preferred": True}], None),
        ("pl", None),
        ([], None),
    ],
)
def test_the_preferred_or_only_language_is_read_and_none_is_guessed(communication: Any, language: str | None) -> None:
    assert of(patient(communication=communication))[1][0].language == language


def test_the_older_uk_extension_for_language_and_interpreter_is_read() -> None:
    parts = [
        {"url": "language", "valueCodeableConcept": {"coding": [{"code": "so"}]}},
        {"url": "preferred", "valueBoolean": True},
        {"url": "interpreterRequired", "valueBoolean": False},
    ]
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication"
    _, people = of(patient(communication=[], extension=[{"url": url, "extension": parts}]))
    assert (people[0].language, people[0].interpreter) == ("so", False)


def test_a_mobile_goes_before_a_landline_and_an_old_number_is_none() -> None:
    home = {"system": "phone", "use": "home", "value": "01632 960001"}
    old = {"system": "phone", "use": "old", "value": "07700 900001"}
    ended = {"system": "phone", "use": "mobile", "value": "07700 900002", "period": {"end": "2020-01-01"}}
    mobile = {"system": "phone", "use": "mobile", "value": "+447700900123"}
    assert of(patient(telecom=[home, old, ended, mobile]))[1][0].phone == "+447700900123"
    assert of(patient(telecom=[home, old, ended]))[1][0].phone_status == "not-mobile"


@pytest.mark.parametrize(
    ("period", "status"),
    [
        *(({"end": "2999-01-01"}, "own"), ({"start": "2001"}, "own"), ({"start": "2001", "end": "2999-12"}, "own")),
        *(({"end": "2020"}, "none"), ({"start": "2999-01-01"}, "none")),
    ],
)
def test_a_number_counts_within_its_period(period: dict[str, str], status: str) -> None:
    mobile = {"system": "phone", "use": "mobile", "value": "07700 900123", "period": period}
    assert of(patient(telecom=[mobile]))[1][0].phone_status == status


def test_a_mobile_that_is_not_called_one_goes_before_a_landline_but_not_one_at_work() -> None:
    home = {"system": "phone", "use": "home", "value": "01632 960001"}
    other = {"system": "phone", "use": "home", "value": "tel:+447700900123"}
    work = {"system": "phone", "use": "work", "value": "07700 900124"}
    assert of(patient(telecom=[home, other, work]))[1][0].phone == "+447700900123"
    assert of(patient(telecom=[home, work]))[1][0].phone_status == "not-mobile"
    assert of(patient(telecom=[work]))[1][0].phone == "+447700900124"


@pytest.mark.parametrize(
    ("changes", "deceased"),
    [({"deceasedBoolean": True}, True), ({"deceasedDateTime": "2020-01-01T10:00:00+00:00"}, True), ({}, None)],
)
def test_who_died_is_known(changes: dict[str, Any], deceased: bool | None) -> None:
    assert of(patient(**changes))[1][0].deceased == deceased


def test_one_bad_line_of_ndjson_is_one_rejected_row() -> None:
    result, people = judge(lines(patient(), "{bad", patient("9990000212"), "", "5", "[" * 10_000))
    assert (result.rows, result.accepted, result.rejected) == (5, 2, 3)
    assert [problem.row for problem in result.problems] == [2, 5, 6]
    assert [person.nhs_number for person in people] == ["9990000077", "9990000212"]


def test_a_bad_first_line_of_ndjson_is_one_rejected_row_too() -> None:
    result, people = judge(lines("{broken", patient(), patient("9990000212")))
    assert [problem.row for problem in result.problems] == [1]
    assert len(people) == 2


def test_pages_that_are_all_there_are_one_list() -> None:
    first = bundle(patient(), link=[{"relation": "next", "url": "?page=2"}])
    assert judge(lines(first, bundle(patient("9990000212"))))[0].accepted == 2
    assert refusal(lines(first)).code == "more-pages"
    assert refusal(json.dumps(first, indent=2).encode()).code == "more-pages"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[" * 10_000, "too-deep"),
        (b'{"resourceType":"Bundle","entry":[{"resource":' + b'{"a":' * 10_000, "too-deep"),
        (b'{"resourceType":"Bundle","entry":[', "not-json"),
        (b'{"resourceType":"Bundle"} x', "not-json"),
        (b"{}", "no-patients"),
        (b'{"resourceType":"Bundle"}', "no-patients"),
        (b"[1, 2]", "no-patients"),
        (b'{"resourceType":"Patient"', "not-json"),
        (b'{"\xff\xfe', "not-text"),
    ],
)
def test_what_is_no_list_of_patients_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_a_patient_who_says_nothing_is_a_rejected_row() -> None:
    result, _ = of(patient(), {"resourceType": "Patient"})
    assert (result.rows, result.rejected) == (2, 1)


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["Patient", "next", "nhs"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [*patient(), "subject", "reference", "system", "value", "use", "coding", "code", "url", "link"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(st.lists(st.tuples(st.sampled_from(["Patient", "Condition", "Bundle", "Other"]), JSON), max_size=4), JSON)
@settings(max_examples=60, deadline=None)
def test_any_resources_add_up(parts: list[tuple[str, Any]], odd: Any) -> None:
    resources = [
        {**(value if isinstance(value, dict) else {"name": value}), "resourceType": kind} for kind, value in parts
    ]
    for content in (json.dumps(bundle(patient(), *resources, link=odd)).encode(), lines(patient(), *resources, odd)):
        try:
            result, _ = judge(content)
        except Refused:
            continue
        assert result.accepted + result.fixed + result.rejected + result.duplicates == result.rows >= 1


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_bytes_after_a_brace_give_rows_or_a_refusal(content: bytes) -> None:
    for start in (b"{", b"[", json.dumps(patient()).encode() + b"\n"):
        try:
            result, _ = judge(start + content)
        except Refused:
            continue
        assert result.accepted + result.fixed + result.rejected + result.duplicates == result.rows
