"""Whatever a program sends, the answer is a problem that says what to do, and nothing of it is stored."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from bot.audit import CONSOLE
from bot.pharmacy.organising.keys import revoke_keys
from tests.pharmacy.api.program import BATCH, NOTICES, Program, problem
from tests.pharmacy.notices.world import Town

OTHER_TYPES: list[Any] = [None, True, 0, -1, 1.5, 10**40, "", "x" * 300, "\0", "\u202e", [], [1], {}, {"a": 1}]


def nested(depth: int) -> str:
    return '{"kind":' + "[" * depth + "]" * depth + "}"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe{}", 400),
        (b'{"kind": "\\ud800"}', 400),
        (nested(50).encode(), 422),
        (nested(20_000).encode(), 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"ready"', 422),
        (b"1e999", 422),
        (b"NaN", 422),
    ],
)
def test_a_body_that_is_no_notice_is_refused(program: Program, town: Town, sent: bytes, status: int) -> None:
    for path in (NOTICES, BATCH, f"/api/v1/people/{program.code}/language"):
        problem(program.ask(path, data=sent, content_type="application/json"), status)
    assert town.notices() == []


def places(body: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(body, dict):
        for name, value in body.items():
            yield (*way, name)
            yield from places(value, (*way, name))


def changed(body: Any, way: tuple[Any, ...], value: Any) -> Any:
    copy = deepcopy(body)
    inner = copy
    for name in way[:-1]:
        inner = inner[name]
    inner[way[-1]] = value
    return copy


BODIES = [
    {"kind": "ready", "person": {"code": "K4M9-27T7"}, "prescription": "1", "send_anyway": False},
    {"kind": "problem", "reason": "out-of-stock", "person": {"nhs_number": "9990000018", "born": "1960-05-12"}},
]


@pytest.mark.parametrize("body", BODIES, ids=["code", "number"])
def test_no_other_json_type_in_any_field_breaks_anything(
    program: Program, town: Town, unlimited: None, body: Any
) -> None:
    for way in places(body):
        for value in OTHER_TYPES:
            if way == ("prescription",) and value is None:
                continue
            answer = program.ask(NOTICES, changed(body, way, value))
            if way == ("send_anyway",) and value is True:
                continue
            told = problem(answer, 422)
            assert told["errors"], (way, value)
            assert told["errors"][0]["pointer"].startswith("/" + way[0]), (way, value, told)
    assert all(notice.why_none for notice in town.notices())


@pytest.mark.parametrize(
    "born", ["2027-01-01", "2026-11-25", "1850-01-01", "12/05/1960", "1960-13-01", "1960-02-30", "1960-05-12T00:00:00"]
)
def test_a_birth_date_is_a_day_of_somebody_who_may_live(program: Program, born: str) -> None:
    told = problem(program.ask(NOTICES, program.notice(person={"nhs_number": "9990000018", "born": born})), 422)
    assert told["errors"][0]["pointer"] == "/person/born"


def test_a_person_is_named_in_one_way(program: Program) -> None:
    both = {"code": program.code, "nhs_number": "9990000018", "born": "1960-05-12"}
    assert problem(program.ask(NOTICES, program.notice(person=both)), 422)
    assert problem(program.ask(NOTICES, program.notice(person={"code": "K4M9-27T8"})), 422)["errors"][0][
        "detail"
    ].startswith("That is no code. One of its letters or figures is not right.")


def test_every_error_says_where_in_the_body(program: Program) -> None:
    told = problem(program.ask(NOTICES, {"kind": "lost", "person": {"code": 1, "a/b~": 2}, "extra": 3}), 422)
    pointers = {error["pointer"] for error in told["errors"]}
    assert pointers == {"/kind", "/person/code", "/person/a~1b~0", "/extra"}
    assert told["instance"] == NOTICES


@pytest.mark.parametrize("kind", ["lost", "Ready", "", "part-on-its-way"])
def test_a_kind_that_is_none_is_told_of_all_of_them(program: Program, kind: str) -> None:
    told = problem(program.ask(NOTICES, program.notice(kind=kind)), 422)
    detail = "A notice is one of: ready, part-ready, on-its-way, collected, problem."
    assert told["errors"] == [{"pointer": "/kind", "detail": detail}]


def test_a_body_of_a_megabyte_is_refused_unread(program: Program) -> None:
    for path in (NOTICES, BATCH):
        problem(program.ask(path, {"kind": "x" * 1_000_000}), 413)


def test_another_kind_of_body_is_refused(program: Program, town: Town) -> None:
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "multipart/form-data; boundary=b",
    ):
        problem(program.ask(NOTICES, data=b"{}", content_type=kind), 415)
    assert town.notices() == []


def test_an_address_or_a_method_that_is_none_is_a_problem_too(program: Program) -> None:
    assert problem(program.ask("/api/v1/nothing"), 404)["type"] == "about:blank"
    problem(program.ask("/api/v2/notices"), 404)
    headers = {"Authorization": f"Bearer {program.key}"}
    answer = program.client.delete(NOTICES, headers=headers)
    problem(answer, 405)
    assert answer.headers["Allow"] == "OPTIONS, POST"


def test_without_a_key_that_is_alive_nothing_opens(program: Program, town: Town) -> None:
    right = program.key
    public, secret = right.split("_")[1:]
    shown = [
        None,
        "",
        "Bearer",
        right,
        f"Basic {right}",
        f"Bearer {right}x",
        f"Bearer etr_{public}_{'0' * len(secret)}",
        f"Bearer etr_{'0' * len(public)}_{secret}",
        "Bearer \u00e9",
    ]
    seen = set()
    for header in shown:
        headers = {} if header is None else {"Authorization": header}
        answer = program.client.post(NOTICES, json=program.notice(), headers=headers)
        told = problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        seen.add(told["detail"])
    assert len(seen) == 1
    revoke_keys(town.db, town.pharmacy.code, CONSOLE)
    problem(program.give(), 401)
    assert town.notices() == []


def test_a_fault_of_ours_is_a_problem_that_tells_nothing(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr("bot.pharmacy.api.notices_pages.people_by_codes", breaks)
    program.app.config["PROPAGATE_EXCEPTIONS"] = False
    told = problem(program.give(once="k"), 500)
    assert "secret" not in str(told)
    monkeypatch.undo()
    assert program.give(once="k").status_code == 201
