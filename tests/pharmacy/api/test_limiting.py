"""A key may ask 60 times a minute; then it is told when to come back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.pharmacy.api.limiting import take_token
from bot.pharmacy.organising.keys import REQUESTS_A_MINUTE
from bot.tables.pharmacy import PharmacyKey
from tests.pharmacy.api.program import NOTICES, Program, problem
from tests.pharmacy.notices.world import Town

PATH = f"{NOTICES}/none"


@pytest.fixture(autouse=True)
def time_stands_still() -> Iterator[None]:
    with time_machine.travel(utc_now(), tick=False):
        yield


def key_in(session: Session) -> PharmacyKey:
    return session.exec(select(PharmacyKey).order_by(col(PharmacyKey.id).desc())).first() or PharmacyKey()


def test_the_sixty_first_in_a_minute_is_told_to_wait(town: Town, program: Program) -> None:
    left = []
    for _ in range(REQUESTS_A_MINUTE):
        answer = program.ask(PATH)
        problem(answer, 404)
        assert answer.headers["RateLimit-Policy"] == '"key";q=60;w=60'
        left.append(answer.headers["RateLimit"])
    assert left[0] == '"key";r=59;t=0'
    assert left[-1] == '"key";r=0;t=1'
    answer = program.ask(PATH)
    problem(answer, 429)
    assert answer.headers["Retry-After"] == "1"
    problem(program.give(), 429)
    assert town.notices() == []
    with time_machine.travel(utc_now() + timedelta(seconds=1), tick=False):
        problem(program.ask(PATH), 404)
        problem(program.ask(PATH), 429)


def test_another_key_has_requests_of_its_own(town: Town, program: Program) -> None:
    for _ in range(REQUESTS_A_MINUTE):
        program.ask(PATH)
    problem(program.ask(PATH), 429)
    problem(Program(town).ask(PATH), 404)


def test_what_is_refused_counts_and_what_has_no_key_does_not(program: Program) -> None:
    program.client.get(PATH)
    program.ask(NOTICES, "nothing")
    assert program.ask(PATH).headers["RateLimit"].startswith('"key";r=58')


def test_the_document_costs_nothing_and_needs_no_key(program: Program) -> None:
    answer = program.client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


def test_requests_at_the_same_moment_all_count(town: Town, program: Program) -> None:
    def ask(_: int) -> int:
        with town.db.write() as session:
            return take_token(session, key_in(session).id or 0, utc_now()).allowed

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(ask, range(REQUESTS_A_MINUTE + 20)))
    assert sum(allowed) == REQUESTS_A_MINUTE


@given(waits=st.lists(st.floats(-5, 30), min_size=1, max_size=100))
@examples(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sequence_of_requests_gets_more_than_the_bucket_and_what_flows_in(
    town: Town, program: Program, waits: list[float]
) -> None:
    now = begin = latest = utc_now()
    allowed = 0
    with town.db.write() as session:
        key = key_in(session)
        key.tokens, key.tokens_at = REQUESTS_A_MINUTE, begin
        session.add(key)
        session.flush()
        for wait in waits:
            now += timedelta(seconds=wait)
            latest = max(latest, now)
            took = take_token(session, key.id or 0, now)
            allowed += took.allowed
            assert took.allowed or took.wait >= 1
    assert allowed <= REQUESTS_A_MINUTE + (latest - begin).total_seconds() + 1e-6
