"""What a pharmacy's system posts and what it is answered: by its key, as a whole, and no fault whatever it sends."""

import json
import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlmodel import select

from bot.audit import CONSOLE
from bot.pharmacy.organising.keys import make_key, revoke_keys
from bot.pharmacy.wire import storing
from bot.pharmacy.wire.weighing import weigh_due
from bot.tables.pharmacy import PharmacyKey
from tests.factories import make_patient, make_practice, nhs_number
from tests.pharmacy.organising.making import make_pharmacy
from tests.pharmacy.wire.tasks import (
    ADDRESS,
    OTHER_PRESCRIPTION,
    PRESCRIPTION,
    REQUEST_ID,
    a_task,
    bundle_of,
    entry_of,
    post,
    sentences,
)
from tests.pharmacy.wire.world import Wired

NOT_COMMITTED = "Data not committed due to issues in other entries."
NO_BUNDLE = "Request body does not have resourceType of 'Bundle' and type of 'transaction'."
TWICE = "Request contains a task id and prescription id identical to a record already in the data store."


def issues(answer: Any) -> list[tuple[str, str, str]]:
    """Status, code and severity of each entry."""
    found = [entry["response"] for entry in answer.json["entry"]]
    each = [(response["status"], response["outcome"]["issue"][0]) for response in found]
    return [(status, issue["code"], issue["severity"]) for status, issue in each]


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}/"])
def test_a_bundle_is_kept_and_answered_entry_by_entry(wired: Wired, address: str) -> None:
    tasks = [wired.task(item="ONE"), wired.task("With Pharmacy", item="TWO")]
    answer = post(wired.client, wired.key, bundle_of(*tasks), address, X_Correlation_ID="11-22")
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/fhir+json"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert (answer.headers["X-Request-ID"], answer.headers["X-Correlation-ID"]) == (REQUEST_ID, "11-22")
    assert "Set-Cookie" not in answer.headers
    assert answer.json == {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [
            {
                "fullUrl": f"urn:uuid:{task['id']}",
                "response": {
                    "status": "201 Created",
                    "outcome": {
                        "resourceType": "OperationOutcome",
                        "meta": {"lastUpdated": "2026-11-24T09:00:00.000Z"},
                        "issue": [
                            {
                                "code": "success",
                                "severity": "information",
                                "diagnostics": "No issues detected during validation.",
                            }
                        ],
                    },
                },
            }
            for task in tasks
        ],
    }
    assert [(each.item, each.status, each.patient_id) for each in wired.kept()] == [
        ("ONE", "Ready to Collect", wired.person.id),
        ("TWO", "With Pharmacy", wired.person.id),
    ]


@pytest.mark.parametrize("entries", [{"entry": []}, {}, {"entry": None}])
def test_a_bundle_without_entries_is_answered_200_with_none(wired: Wired, entries: dict[str, Any]) -> None:
    answer = post(wired.client, wired.key, {"resourceType": "Bundle", "type": "transaction"} | entries)
    assert (answer.status_code, answer.json["entry"]) == (200, [])


@pytest.mark.parametrize("other", ["", "Basic abc", "Bearer etr_0123456789abcdef_wrong", "revoked"])
def test_without_a_key_that_opens_something_nothing_is_read(wired: Wired, other: str) -> None:
    if other == "revoked":
        revoke_keys(wired.db, "PRIORY", CONSOLE)
        other = f"Bearer {wired.key}"
    answer = wired.post(wired.task(), Authorization=other)
    assert answer.status_code == 401
    assert issues(answer) == [("401 Unauthorized", "processing", "error")]
    assert (answer.headers["Content-Type"], answer.headers["X-Request-ID"]) == ("application/fhir+json", REQUEST_ID)
    assert wired.kept() == []


@pytest.mark.parametrize("request_id", ["", "  "])
def test_a_request_needs_an_id_of_its_own(wired: Wired, request_id: str) -> None:
    answer = post(wired.client, wired.key, {"resourceType": "Patient"}, X_Request_ID=request_id)
    assert (answer.status_code, sentences(answer)) == (400, ["Missing or empty x-request-id header."])
    assert issues(answer) == [("400 Bad Request", "value", "error")]


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"nothing", b"\xff\xfe", b"null", b"[]", b"1", b'"Bundle"', DEEP),
        b'{"resourceType": "Bundle", "type": "transaction", "entry": ' + DEEP + b"}",
        b'{"resourceType": "Bundle", "type": "transaction", "entry": [NaN]}',
        *({"resourceType": "Bundle"}, {"resourceType": "Patient", "type": "transaction"}, {"type": "transaction"}),
        {"resourceType": "Bundle", "type": "batch"},
        {"resourceType": ["Bundle"], "type": {"transaction": 1}},
        *({"resourceType": "Bundle", "type": "transaction", "entry": other} for other in ({"a": 1}, "one", 5, True)),
    ],
)
def test_another_body_is_no_bundle(wired: Wired, body: Any) -> None:
    answer = post(wired.client, wired.key, body)
    assert (answer.status_code, sentences(answer)) == (400, [NO_BUNDLE])


def test_a_body_is_read_whatever_it_says_it_is(wired: Wired) -> None:
    body = json.dumps(bundle_of(wired.task()))
    assert post(wired.client, wired.key, body, Content_Type="application/x-www-form-urlencoded").status_code == 201


@pytest.mark.parametrize("entry", [None, 1, "one", [], {}, True])
def test_an_entry_of_another_type_lacks_what_it_needs(wired: Wired, entry: Any) -> None:
    answer = post(wired.client, wired.key, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert (answer.status_code, sentences(answer)) == (400, ["Missing required field(s) - FullUrl, Resource."])


def test_one_faulty_entry_keeps_all_of_them_out(wired: Wired) -> None:
    tasks = [wired.task(), wired.task(nhs_number="1"), wired.task()]
    answer = wired.post(*tasks)
    assert answer.status_code == 400
    assert sentences(answer) == [NOT_COMMITTED, "NHS number is invalid.", NOT_COMMITTED]
    assert issues(answer) == [
        ("200 OK", "informational", "information"),
        ("400 Bad Request", "value", "error"),
        ("200 OK", "informational", "information"),
    ]
    assert [entry["fullUrl"] for entry in answer.json["entry"]] == [f"urn:uuid:{task['id']}" for task in tasks]
    assert wired.kept() == []


def test_owners_that_are_no_codes_are_answered_as_one(wired: Wired) -> None:
    answer = wired.post(wired.task(ods=" fa-1"), wired.task(), wired.task(ods='"x'))
    assert (answer.status_code, sentences(answer)) == (400, ['Received invalid ODS codes: ["FA-1","\\"X"]'])
    assert "fullUrl" not in answer.json["entry"][0]
    assert wired.kept() == []


def test_a_task_of_an_owner_the_key_does_not_name_is_refused(wired: Wired) -> None:
    make_pharmacy(wired.db, wired.practice, code="OTHER", ods="FX999")
    answer = wired.post(wired.task(), wired.task(ods="FX999"))
    assert answer.status_code == 400
    assert sentences(answer) == [NOT_COMMITTED, "The key does not speak for Task.owner 'FX999'."]


def test_a_key_for_several_codes_speaks_for_each_pharmacy(wired: Wired) -> None:
    other = make_pharmacy(wired.db, code="OTHER", ods="FX999")
    key = make_key(wired.db, "PRIORY", CONSOLE, ods="FA123,FX999,FZ1")
    tasks = [wired.task(ods=" fa123 "), wired.task(ods="fx999"), wired.task(ods="FZ1")]
    assert post(wired.client, key, bundle_of(*tasks)).status_code == 201
    kept = {each.ods: (each.pharmacy_id, each.patient_id) for each in wired.kept()}
    assert kept == {
        "FA123": (wired.pharmacy.id, wired.person.id),
        "FX999": (other.id, None),
        "FZ1": (None, None),
    }


def test_what_is_stored_already_is_a_conflict_and_the_others_wait(wired: Wired) -> None:
    first, second = wired.task(item="ONE"), wired.task(item="TWO")
    assert wired.post(first).status_code == 201
    answer = wired.post(second, first)
    assert answer.status_code == 409
    assert sentences(answer) == [NOT_COMMITTED, TWICE]
    [sound, conflict] = answer.json["entry"]
    assert sound["response"]["status"] == "200 OK"
    assert set(conflict) == {"response"}
    assert conflict["response"]["status"] == "409 Conflict"
    assert conflict["response"]["location"] == f"Task/{first['id']}"
    assert conflict["response"]["lastModified"] == "2026-11-24T09:00:00.000Z"
    [issue] = conflict["response"]["outcome"]["issue"]
    assert (issue["code"], issue["severity"]) == ("duplicate", "error")
    assert issue["details"]["coding"] == [
        {
            "system": "https://fhir.nhs.uk/CodeSystem/http-error-codes",
            "code": "REC_CONFLICT",
            "display": "409: The Receiver identified a conflict.",
        }
    ]
    assert len(wired.kept()) == 1


def test_a_pair_twice_in_one_bundle_is_a_conflict_from_the_second_on(wired: Wired) -> None:
    task, other = wired.task(task="same"), wired.task(task="same", prescription=OTHER_PRESCRIPTION)
    answer = wired.post(task, other, task)
    assert (answer.status_code, sentences(answer)) == (409, [NOT_COMMITTED, NOT_COMMITTED, TWICE])
    assert wired.kept() == []
    assert wired.post(task, other).status_code == 201


def test_prescriptions_are_the_same_in_small_letters(wired: Wired) -> None:
    task = wired.task(prescription="07A66F-A83008-1EEEA0", task="same")
    again = wired.task(prescription="07a66f-a83008-1eeea0", task="same")
    assert wired.post(task).status_code == 201
    assert wired.post(again).status_code == 409


def test_the_same_bundle_on_two_connections_at_once_is_kept_once(wired: Wired) -> None:
    tasks = [wired.task(item=f"ITEM-{number}") for number in range(40)]
    answers: list[int] = []

    def send(*these: Any) -> None:
        client = wired.client.application.test_client()
        answers.append(post(client, wired.key, bundle_of(*these)).status_code)

    threads = [threading.Thread(target=send, args=these) for these in (tasks, tasks[::-1], tasks, tasks[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {201: 1, 409: 3}
    assert len(wired.kept()) == 40
    assert weigh_due(wired.db, wired.settings) == 1
    assert wired.stands() == [("ready", "held")]


def test_of_people_nobody_lists_no_number_is_kept_anywhere(wired: Wired) -> None:
    unlinked = make_practice(wired.db, "FAR")
    strangers = {
        "unknown": nhs_number(4000),
        "unlinked": make_patient(wired.db, unlinked).nhs_number,
        "left": wired.somebody(registered=False).nhs_number,
        "dead": wired.somebody(deceased=True).nhs_number,
    }
    answers = [wired.post(wired.task(nhs_number=number)) for number in strangers.values()]
    assert {(answer.status_code, sentences(answer)[0]) for answer in answers} == {
        (201, "No issues detected during validation.")
    }
    assert [(each.patient_id, each.prescription) for each in wired.kept()] == [(None, PRESCRIPTION)] * 4
    assert wired.notices() == []
    with wired.db.read() as session:
        rows = session.execute(sql("SELECT * FROM prescription_update")).all()
        assert not any(strangers["unknown"] in str(value) for row in rows for value in row)


def test_a_thousand_entries_are_taken_and_one_more_is_too_many(wired: Wired) -> None:
    tasks = [wired.task("With Pharmacy", item=f"I{number}") for number in range(1001)]
    for each in tasks:
        each["intent"] = ""
    slim = [json.loads(json.dumps(entry_of(task))) for task in tasks]
    for entry in slim:
        del entry["request"]
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    assert post(wired.client, wired.key, _packed(bundle | {"entry": slim[:1000]})).status_code == 201
    assert len(wired.kept()) == 1000
    answer = post(wired.client, wired.key, _packed(bundle | {"entry": slim}))
    assert (answer.status_code, issues(answer)[0][1]) == (413, "too-long")


def _packed(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def test_a_body_of_a_megabyte_is_read_and_a_longer_one_is_not(wired: Wired) -> None:
    body = _packed(bundle_of(wired.task()))
    full = body + b" " * (1024 * 1024 - len(body))
    answer = post(wired.client, wired.key, full + b" ")
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/fhir+json")
    assert wired.kept() == []
    assert post(wired.client, wired.key, full).status_code == 201


@pytest.mark.parametrize("text", ["\0", "\ud800", "x" * 5000, "ß" * 100])
@pytest.mark.parametrize("field", ["id", "item", "prescription", "owner", "patient", "lastModified", "status"])
def test_what_no_database_holds_is_refused(wired: Wired, field: str, text: str) -> None:
    names = {"id": "task", "owner": "ods", "patient": "nhs_number", "lastModified": "at"}
    answer = wired.post(wired.task(**{names.get(field, field): text}))
    assert answer.status_code == (201 if (field, text[0]) == ("id", "ß") else 400)


def test_a_fault_of_ours_says_so_and_keeps_nothing(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(storing, "_insert", fail)
    answer = wired.post(wired.task())
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (500, REQUEST_ID)
    assert issues(answer) == [("500 Internal Server Error", "exception", "fatal")]
    assert wired.kept() == []


def test_a_key_that_asks_too_often_waits(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing.OF_ONE_KEY, "allows", lambda _key, _now: False)
    answer = wired.post(wired.task())
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert issues(answer) == [("429 Too Many Requests", "temporarily-forbidden", "error")]


def test_a_key_that_is_used_is_noted(wired: Wired) -> None:
    assert wired.post(wired.task()).status_code == 201
    with wired.db.read() as session:
        [key] = session.exec(select(PharmacyKey)).all()
    assert key.used_at is not None


def test_another_pharmacys_people_are_nobody(wired: Wired) -> None:
    make_pharmacy(wired.db, code="OTHER", ods="FX999")
    key = make_key(wired.db, "OTHER", CONSOLE)
    body = bundle_of(a_task(nhs_number=wired.person.nhs_number, ods="FX999"))
    assert post(wired.client, key, body).status_code == 201
    assert [each.patient_id for each in wired.kept()] == [None]
