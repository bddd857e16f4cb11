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
from tests.lists.lists import listed_people

TODAY = date(2026, 11, 23)


def judge(content: bytes) -> tuple[ImportResult, list[PersonIn]]:
    table = read_table(content)
    people, result = ListedPeople(table.header, date(2026, 11, 24)), ImportResult()
    for verdict in people.group(judge_rows(table.rows(), ReadingRules(table.header, TODAY, test_numbers=True))):
        result.add(verdict)
    return result, [listed.person for listed in listed_people(people)]


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
        (b'{"a":1,' + b'"a":1,' * 100_000 + b'"a":1}', "not-fhir"),
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


THEIRS = {"reference": "Patient/9990000077"}
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"


def concept(*codes: str, **changes: str) -> dict[str, Any]:
    return {"coding": [{"code": code} for code in codes]} | changes


@pytest.mark.parametrize(
    "changes",
    [
        *({"clinicalStatus": word} for word in ("resolved", "inactive", "remission", "Resolved")),
        *({"clinicalStatus": concept(word)} for word in ("resolved", "inactive", "remission")),
        *({"verificationStatus": word} for word in ("refuted", "entered-in-error", "Entered in error")),
        *({"clinicalStatus": {"text": word}} for word in ("resolved", "In remission", "Inactive")),
        {"clinicalStatus": {"coding": [{"display": "Resolved"}]}},
        {"clinicalStatus": [concept("resolved")]},
        {"verificationStatus": {"text": "Refuted"}},
        *({"abatementDateTime": day} for day in ("2020", "2020-01", "2020-01-01T10:00:00Z")),
        *({"abatementBoolean": True}, {"abatementString": "as a child"}, {"abatementAge": {"value": 12}}),
        {"abatementPeriod": {"end": "2019"}},
    ],
)
def test_an_illness_that_is_over_or_was_a_mistake_is_no_code(changes: dict[str, Any]) -> None:
    result, people = of(patient(), condition(THEIRS, **changes))
    assert (result.accepted, people[0].codes) == (1, frozenset())


@pytest.mark.parametrize(
    "changes",
    [
        *({"clinicalStatus": word} for word in ("active", "recurrence", "relapse", "unknown")),
        *({"clinicalStatus": concept(word)} for word in ("active", "recurrence", "relapse")),
        *(
            {"clinicalStatus": {"text": "Not resolved"}},
            {"verificationStatus": "confirmed"},
            {"abatementBoolean": False},
        ),
        *({"abatementDateTime": "2999-01-01"}, {"clinicalStatus": None}, {"abatementDateTime": None}),
    ],
)
def test_an_illness_that_goes_on_is_a_code(changes: dict[str, Any]) -> None:
    assert of(patient(), condition(THEIRS, **changes))[1][0].codes == {"195967001"}


def extension(name: str, *parts: dict[str, Any], base: str = UK_CORE) -> list[dict[str, Any]]:
    return [{"url": base + name, "extension": list(parts)}]


def part(url: str, *codes: str, **changes: Any) -> dict[str, Any]:
    return {"url": url, "valueCodeableConcept": concept(*codes)} if codes else {"url": url, **changes}


@pytest.mark.parametrize(
    "method",
    [
        part("PreferredContactMethod", "8"),
        part("PreferredContactMethod", valueCodeableConcept={"coding": [{"display": "No Telephone Contact"}]}),
        part("PreferredContactMethod", valueCode="8"),
        part("PreferredContactMethod", valueCoding={"code": "8"}),
    ],
)
def test_who_wants_no_telephone_contact_is_not_texted(method: dict[str, Any]) -> None:
    _, people = of(patient("9990000212"), patient(extension=extension("ContactPreference", method)))
    assert [person.texting_refused for person in people] == [None, True]


def test_another_wish_for_contact_says_nothing_about_texts() -> None:
    letter = extension("ContactPreference", part("PreferredContactMethod", "1"))
    assert of(patient(extension=letter))[1][0].texting_refused is None


REMOVED = part("removalFromRegistrationCode", "SCT")


@pytest.mark.parametrize(
    ("found", "registered"),
    [
        (extension("PDS-RemovalFromRegistration", REMOVED, base="https://fhir.nhs.uk/x/Extension-"), False),
        (extension("RemovalFromRegistration", REMOVED, part("effectiveTime", valuePeriod={"start": "2020"})), False),
        (extension("RemovalFromRegistration", REMOVED, part("effectiveTime", valuePeriod={"end": "2021-12-31"})), None),
        (extension("GPC-RegistrationDetails-1", part("registrationStatus", "I")), False),
        (extension("GPC-RegistrationDetails-1", part("registrationType", "T")), False),
        (extension("GPC-RegistrationDetails-1", part("registrationPeriod", valuePeriod={"end": "2020-01-01"})), False),
        (extension("GPC-RegistrationDetails-1", part("registrationStatus", "A"), part("registrationType", "R")), None),
    ],
)
def test_who_was_removed_from_registration_is_not_registered(found: Any, registered: bool | None) -> None:
    assert of(patient(extension=found))[1][0].registered is registered


@pytest.mark.parametrize(("code", "died"), [("1", True), ("2", True), ("U", None)])
@pytest.mark.parametrize("base", [UK_CORE, "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-"])
def test_a_notice_of_death_says_that_somebody_died_on_a_day_not_known(code: str, died: bool | None, base: str) -> None:
    notice = extension("DeathNotificationStatus", part("deathNotificationStatus", code), base=base)
    result, people = of(patient(extension=notice))
    assert (people[0].deceased, people[0].died_on, result.problems) == (died, None, [])


@pytest.mark.parametrize(
    ("changes", "deceased"),
    [
        *(
            ({"deceasedBoolean": word}, True)
            for word in ("true", "True", 1, "1", "Y", "yes", "maybe", {"a": 1}, [True])
        ),
        *(({"deceasedBoolean": word}, False) for word in ("false", 0, "0", "no")),
        *(({"deceasedDateTime": True}, True), ({"deceasedDateTime": 2020}, True), ({"deceasedBoolean": ""}, None)),
    ],
)
def test_a_death_in_another_type_is_read_or_keeps_the_person_from_being_texted(changes: Any, deceased: bool) -> None:
    assert of(patient(**changes))[1][0].deceased is deceased


@pytest.mark.parametrize("word", ["false", "False", 0, "0", "no", "inactive", {"x": 1}, ["false"]])
def test_who_is_not_active_in_another_type_is_not_registered(word: Any) -> None:
    assert of(patient(active=word))[1][0].registered is False


@pytest.mark.parametrize("word", [True, "true", 1, "1", None, ""])
def test_who_is_active_in_another_type_is_registered(word: Any) -> None:
    assert of(patient(active=word))[1][0].registered is not False


NHS = "https://fhir.nhs.uk/Id/nhs-number"
GOOD = {"system": NHS, "value": "9990000212"}


@pytest.mark.parametrize(
    "other",
    [
        {"system": NHS, "value": "9990000077", "period": {"end": "2020-01-01"}},
        {"system": NHS, "value": "9990000077", "use": "old"},
        {"system": NHS},
        {"system": NHS, "value": ""},
        {"system": NHS, "value": None},
        {"system": "https://local.example/id", "value": "9990000077"},
        {"value": "9990000077"},
    ],
)
def test_the_nhs_number_in_force_counts(other: dict[str, Any]) -> None:
    result, people = of(patient(identifier=[other, GOOD]))
    assert ([person.nhs_number for person in people], result.problems) == (["9990000212"], [])


@pytest.mark.parametrize(
    "system",
    [
        *(
            "http://fhir.nhs.net/Id/nhs-number",
            "https://fhir.nhs.net/Id/nhs-number",
            "http://fhir.nhs.uk/Id/nhs-number",
        ),
        *("urn:oid:2.16.840.1.113883.2.1.4.1", "HTTPS://fhir.nhs.uk/Id/nhs-number/"),
    ],
)
def test_older_systems_of_the_nhs_number_are_known(system: str) -> None:
    assert len(of(patient(identifier=[{"system": system, "value": "9990000212"}]))[1]) == 1


def test_an_unknown_system_is_named() -> None:
    result, people = of(patient(), patient(identifier=[{"system": "https://local.example/id", "value": "9990000212"}]))
    assert (len(people), result.rejected) == (1, 1)
    assert any("https://local.example/id" in problem.message for problem in result.problems)


def test_two_nhs_numbers_in_force_are_nobody() -> None:
    result, people = of(patient(identifier=[GOOD, {"system": NHS, "value": "9990000077"}]))
    assert (people, result.rejected) == ([], 1)


@pytest.mark.parametrize(
    ("name", "surname", "given"),
    [
        ([{"text": "SMITH, John (Mr)"}], "SMITH", "John"),
        ([{"text": "Mr John Smith"}], "Smith", "John"),
        ([{"family": "Old", "period": {"end": "2020"}}, {"family": "Older", "period": {"end": "2019"}}], "Old", ""),
        ([{"use": "old", "family": "Maiden"}, {"use": "official", "family": "Now"}], "Now", ""),
        ([{"use": "old", "family": "Maiden"}], "Maiden", ""),
        ([{"family": ["Smith"], "given": "Ann"}], "Smith", "Ann"),
        ({"family": "Smith", "given": ["Ann", "Mary"]}, "Smith", "Ann"),
    ],
)
def test_names_are_split_as_in_a_plain_list_and_the_last_known_counts(name: Any, surname: str, given: str) -> None:
    found = of(patient(name=name))[1][0]
    assert (found.surname, found.given_name) == (surname, given)


@pytest.mark.parametrize("kind", ["replaced-by", "replace"])
def test_a_patient_replaced_by_another_is_not_used_and_said(kind: str) -> None:
    replaced = patient("9990000212", link=[{"type": kind, "other": {"reference": "Patient/1"}}])
    result, people = of(patient(), replaced)
    assert [(p.row, p.code) for p in result.problems] == [(2, "patient-replaced")]
    assert [person.nhs_number for person in people] == ["9990000077"]
    assert of(patient(link=[{"type": "replaces"}]))[0].accepted == 1


def told(method: str, resource: dict[str, Any] | None, url: str = "", **changes: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"request": {"method": method, "url": url}} | changes
    return entry | ({"resource": resource} if resource else {})


@pytest.mark.parametrize(
    "entries",
    [
        [told("DELETE", patient())],
        [told("DELETE", None, "Patient/9990000077")],
        [told("DELETE", None, "Patient/9990000077"), told("PUT", patient(), "Patient/9990000077")],
        [told("DELETE", None, "https://ehr.example/Patient/9990000077"), told("POST", patient(), "Patient")],
        [told("DELETE", patient(meta={"versionId": "3"})), told("PUT", patient(meta={"versionId": "2"}))],
    ],
)
@pytest.mark.parametrize("as_lines", [False, True])
def test_a_deleted_patient_is_not_used_and_said(entries: list[dict[str, Any]], as_lines: bool) -> None:
    history = {"resourceType": "Bundle", "type": "history", "entry": [{"resource": patient("9990000212")}, *entries]}
    result, people = judge(lines(history, bundle()) if as_lines else json.dumps(history).encode())
    assert [person.nhs_number for person in people] == ["9990000212"]
    assert (result.rows, [p.code for p in result.problems]) == (2, ["patient-deleted"])


def test_of_several_versions_in_a_history_the_newest_counts() -> None:
    older = told("PUT", condition(THEIRS, id="c", meta={"lastUpdated": "2020-01-01T00:00:00Z"}))
    newer = condition(THEIRS, id="c", meta={"lastUpdated": "2021-01-01T00:00:00Z"}, clinicalStatus=concept("resolved"))
    first, second = patient(meta={"versionId": "9"}), patient(meta={"versionId": "10"}, gender="male")
    entries = [older, told("PUT", newer), told("PUT", first), told("PUT", second)]
    result, people = judge(json.dumps({"resourceType": "Bundle", "type": "history", "entry": entries}).encode())
    assert (result.rows, people[0].sex, people[0].codes) == (1, "M", frozenset())


def test_a_deleted_condition_is_no_code() -> None:
    entries = [
        {"resource": patient()},
        told("DELETE", condition(THEIRS, id="c")),
        told("POST", condition(THEIRS, id="c")),
    ]
    _, people = judge(json.dumps({"resourceType": "Bundle", "type": "history", "entry": entries}).encode())
    assert people[0].codes == frozenset()
