"""How fast texts go: a bucket of parts for each sender, shared by every worker."""

import threading

import time_machine

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.claiming import Claim, anything_due
from bot.organisations.senders import restart_sender
from bot.settings import Settings
from bot.tables.messaging import Kind, Outcome
from bot.tables.organisations import Practice, Sender
from bot.tables.patients import Patient
from tests.factories import first_sender, make_patient, make_practice
from tests.messaging.helpers import (
    change,
    claim,
    claim_one,
    end,
    london,
    queue_kind,
    with_changes,
)


def _fill_bucket(db: Database, tokens: float) -> None:
    with db.write() as session:
        sender = first_sender(session)
        sender.tokens, sender.tokens_at = tokens, utc_now()
        session.add(sender)


def _queue_parts(db: Database, settings: Settings, practice: Practice, alice: Patient, *parts: int) -> None:
    for number in parts:
        change(db, queue_kind(db, settings, practice, alice, Kind.OUTREACH), parts=number)


def test_the_bucket_is_counted_in_parts_and_may_go_into_debt_by_one_text(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        _fill_bucket(db, 10)
        _queue_parts(db, settings, practice, alice, 4, 4, 4, 4)
        assert len(claim(db, settings)) == 3
        assert claim(db, settings) == []
        clock.shift(0.2)
        assert claim(db, settings) == []
        clock.shift(0.1)
        assert len(claim(db, settings)) == 1


def test_the_bucket_holds_no_more_than_one_second(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        _fill_bucket(db, 0)
        _queue_parts(db, settings, practice, alice, *[1] * 15)
        clock.shift(3600)
        assert len(claim(db, settings)) == 10


def test_a_clock_that_goes_backwards_gives_no_parts_away(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        _queue_parts(db, settings, practice, alice, 1)
        clock.shift(10)
        _fill_bucket(db, -5)
        clock.shift(-5)
        assert claim(db, settings) == []


def test_an_emergency_text_does_not_wait_for_the_bucket(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False):
        _fill_bucket(db, -40)
        emergency = queue_kind(db, settings, practice, alice, Kind.EMERGENCY)
        queue_kind(db, settings, practice, alice, Kind.ANSWER)
        assert [item.message_id for item in claim(db, settings)] == [emergency.id]


def test_a_stopped_sender_claims_nothing_until_a_person_lets_it(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    from bot.audit import CONSOLE

    message = queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    end(db, claim_one(db, settings), Outcome.REFUSED, error_code=20003)
    with time_machine.travel(utc_now().timestamp() + 3600, tick=False):
        assert not anything_due(db, settings, utc_now())
        assert claim(db, settings) == []
        restart_sender(db, practice.sender_id, CONSOLE)
        assert claim_one(db, settings).message_id == message.id


def test_the_senders_of_two_practices_have_a_bucket_each(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    with db.write() as session:
        other = Sender(number="+441632960002", tokens=10, tokens_at=utc_now())
        session.add(other)
    harbour = make_practice(db, "HARBOUR", sender_id=other.id)
    queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    queue_kind(db, settings, harbour, make_patient(db, harbour), Kind.OUTREACH)
    _fill_bucket(db, -100)
    assert [item.sender_number for item in claim(db, settings)] == ["+441632960002"]


def test_two_workers_never_claim_the_same_text(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    fast = with_changes(settings, sender_parts_per_second=1000)
    for _ in range(40):
        queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    with db.write() as session:
        first_sender(session).tokens = 1000
    claimed: list[Claim] = []

    def work() -> None:
        for _ in range(30):
            claimed.extend(claim(db, fast, 3))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    claimed += claim(db, fast, 50)
    assert len(claimed) == len({item.message_id for item in claimed}) == 40
    assert len({item.ref for item in claimed}) == 40
