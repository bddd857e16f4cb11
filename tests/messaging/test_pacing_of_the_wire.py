"""Several workers share one sender's rate, and what is urgent does not wait behind outreach."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from sqlalchemy import update
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.claiming import Claim, claim_due_messages
from bot.messaging.sending import SendingLoop
from bot.messaging.twilio.gateway import Gateway, SendResult
from bot.settings import Settings
from bot.tables.messaging import Kind, Message, Outcome
from bot.tables.organisations import Partner, Practice
from bot.tables.patients import Patient
from tests.campaigns.helpers import approve, make_cohort, plan
from tests.factories import first_sender
from tests.messaging.helpers import london, queue_kind, with_changes
from tests.world import wait_until

RATE, WORKERS = 20.0, 3
POST_TAKES = 0.02


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The messages that are posted, in order; Twilio takes all of them after a moment."""
    gone: list[int] = []
    numbers = itertools.count(1)

    def send(_: Gateway, claim: Claim) -> SendResult:
        gone.append(claim.message_id)
        time.sleep(POST_TAKES)
        return SendResult(Outcome.ACCEPTED, f"SM{next(numbers):032d}", "queued")

    monkeypatch.setattr(Gateway, "send", send)
    return gone


@pytest.fixture
def outreach(db: Database, settings: Settings, practice: Practice, partner: Partner) -> list[Message]:
    """A batch that takes far longer than a test may, half of its texts of one part and half of three."""
    make_cohort(db, practice, 60)
    assert approve(db, settings, plan(db, settings, practice.code, partner.code).campaign) == 60
    with db.write() as session:
        session.execute(update(Message).values(parts=1 + 2 * (col(Message.id) % 2)))
    with db.read() as session:
        return list(session.exec(select(Message).order_by(col(Message.id))))


def empty_the_bucket(db: Database) -> None:
    with db.write() as session:
        sender = first_sender(session)
        sender.tokens, sender.tokens_at = 0, utc_now()
        session.add(sender)


@contextmanager
def workers(db: Database, settings: Settings) -> Iterator[None]:
    """Several on PostgreSQL, each with connections of its own; on SQLite there is never more than one."""
    databases = [db] if db.is_sqlite else [Database(db.url) for _ in range(WORKERS)]
    paced = with_changes(settings, sender_parts_per_second=RATE)
    stop = threading.Event()
    threads = [threading.Thread(target=SendingLoop(one, paced).run, args=(stop,)) for one in databases]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for one in databases:
            one.dispose()


def test_over_a_minute_a_sender_keeps_to_its_rate_however_often_somebody_claims(
    db: Database, settings: Settings, outreach: list[Message]
) -> None:
    """The bucket is a row that all workers share; the clock is turned by hand."""
    paced = with_changes(settings, sender_parts_per_second=1.5)
    parts = {text.id: text.parts for text in outreach}
    went: list[int] = []
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        empty_the_bucket(db)
        for _ in range(150):
            clock.shift(0.4)
            went += [parts[claim.message_id] for claim in claim_due_messages(db, paced, limit=3)]
    assert sum(went) == pytest.approx(90, rel=0.05)


@pytest.mark.parametrize("kind", [Kind.EMERGENCY, Kind.ANSWER])
def test_what_is_urgent_goes_before_the_outreach_that_waits(
    db: Database,
    settings: Settings,
    practice: Practice,
    outreach: list[Message],
    alice: Patient,
    wire: list[int],
    kind: Kind,
) -> None:
    with workers(db, settings):
        wait_until(lambda: len(wire) > 5)
        urgent = queue_kind(db, settings, practice, alice, kind)
        before = len(wire)
        wait_until(lambda: urgent.id in wire)
    ahead = wire.index(urgent.id or 0) - before
    assert ahead <= RATE, "no more than a second's worth was on its way already"
    assert len(wire) < len(outreach), "outreach was still waiting"
