"""What is sent again with the same key does nothing a second time and gets the same answer, for 24 hours."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlmodel import Session, select

from bot.clock import utc_now
from bot.pharmacy.api import notices_pages
from bot.pharmacy.api.replaying import AT_WORK, KEPT, forget_kept_answers
from bot.tables.pharmacy import KeptAnswer
from tests.pharmacy.api.program import BATCH, NOTICES, Program, problem
from tests.pharmacy.notices.world import Town
from tests.pharmacy.organising.making import make_pharmacy


def kept(town: Town) -> list[KeptAnswer]:
    with town.db.read() as session:
        return list(session.exec(select(KeptAnswer)))


def test_the_same_request_gets_the_same_answer_and_sends_one_text(town: Town, program: Program) -> None:
    first, again = program.give(once="k1"), program.give(once="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert len(town.texts()) == len(town.notices()) == 1


def test_a_batch_is_replayed_as_well(town: Town, program: Program) -> None:
    body = {"notices": [program.notice(), program.notice("problem", reason="please-phone")]}
    first, again = program.ask(BATCH, body, once="b"), program.ask(BATCH, body, once="b")
    assert again.data == first.data
    assert len(town.notices()) == 2


def test_the_same_key_with_something_else_is_refused(town: Town, program: Program) -> None:
    program.give(once="k1")
    told = problem(program.give("problem", reason="out-of-stock", once="k1"), 422)
    assert told["type"].endswith("idempotency-key-reused")
    problem(program.ask(BATCH, {"notices": [program.notice()]}, once="k1"), 422)
    assert len(town.notices()) == 1


def test_a_key_is_the_pharmacys_own(town: Town, program: Program) -> None:
    make_pharmacy(town.db, town.practice, code="OTHER")
    other = Program(town, "OTHER")
    first, second = program.give(once="k1"), other.give(once="k1")
    assert first.get_json()["id"] != second.get_json()["id"]


def test_after_a_day_a_key_is_new_again(town: Town, program: Program) -> None:
    first = program.give(once="k1")
    with time_machine.travel(utc_now() + KEPT):
        again = program.give(once="k1")
    assert again.status_code == 201
    assert again.get_json()["id"] != first.get_json()["id"]


def test_a_refused_request_leaves_its_key_free(town: Town, program: Program) -> None:
    problem(program.ask(f"{NOTICES}/none/withdraw", {}, once="k1"), 404)
    problem(program.give("lost", once="k1"), 422)
    assert kept(town) == []
    assert program.give(once="k1").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
def test_a_key_is_a_short_word(program: Program, key: str) -> None:
    answer = program.ask(NOTICES, program.notice(), headers={"Idempotency-Key": key})
    problem(answer, 400)


def test_of_two_at_once_one_does_it_and_the_other_waits_or_hears_the_same(town: Town, program: Program) -> None:
    together = Barrier(2)

    def send(_: int) -> Any:
        with program.app.test_client() as client:
            together.wait()
            headers = {"Authorization": f"Bearer {program.key}", "Idempotency-Key": "k1"}
            return client.post(NOTICES, json=program.notice(), headers=headers)

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(send, range(2)))
        assert {answer.status_code for answer in answers} <= {201, 409}
        told = {answer.get_json()["id"] for answer in answers if answer.status_code == 201}
        assert len(told) == 1
    assert len(town.texts()) == len(town.notices()) == 1


class KilledError(BaseException):
    """The process ends at this line."""


def test_a_process_that_dies_at_work_has_done_nothing_and_frees_the_key_in_a_minute(
    town: Town, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(session: Session, *_: Any) -> None:
        session.flush()
        raise KilledError

    monkeypatch.setattr(notices_pages, "notices_as_json", dies)
    with pytest.raises(KilledError):
        program.give(once="k1")
    monkeypatch.undo()
    assert town.notices() == []
    answer = program.give(once="k1")
    assert problem(answer, 409)["type"].endswith("still-at-work")
    assert int(answer.headers["Retry-After"]) >= 1
    with time_machine.travel(utc_now() + AT_WORK):
        assert program.give(once="k1").status_code == 201
    assert len(town.texts()) == 1


def test_whose_key_was_taken_over_meanwhile_does_nothing(
    town: Town, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    give = notices_pages.give_notices

    def too_slow(session: Session, *more: Any, **others: Any) -> Any:
        later = utc_now() + AT_WORK
        session.execute(update(KeptAnswer).values(made_at=later))
        return give(session, *more, **others)

    monkeypatch.setattr(notices_pages, "give_notices", too_slow)
    problem(program.give(once="k1"), 409)
    assert town.notices() == town.texts() == []


def test_on_postgresql_the_second_is_told_at_once_that_the_first_is_at_work(
    town: Town, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    if town.db.is_sqlite:
        pytest.skip("one writer at a time: the second waits, and then hears the same")
    give, begun, go_on = notices_pages.give_notices, Event(), Event()

    def slowly(*some: Any, **others: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return give(*some, **others)

    monkeypatch.setattr(notices_pages, "give_notices", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(program.give, once="k1")
        assert begun.wait(20)
        problem(program.give(once="k1"), 409)
        go_on.set()
        assert first.result().status_code == 201
    assert program.give(once="k1").data == first.result().data
    assert len(town.texts()) == 1


def test_old_answers_are_forgotten(town: Town, program: Program) -> None:
    program.give(once="k1")
    assert forget_kept_answers(town.db, town.settings) == 0
    with time_machine.travel(utc_now() + KEPT):
        assert forget_kept_answers(town.db, town.settings) == 1
    assert kept(town) == []
