"""Several workers share one sender's rate, and what is urgent does not wait behind outreach."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.campaigns.tables import Campaign
from bot.database import Database
from bot.messaging.claiming import Claim
from bot.messaging.gateway import Gateway, SendResult
from bot.messaging.sending import SendingLoop
from bot.messaging.tables import Kind, Message, Outcome
from bot.people.tables import Patient, Practice
from bot.settings import Settings
from tests.factories import make_patient
from tests.messaging.helpers import invite, queue_kind, with_changes
from tests.world import wait_until

RATE, WORKERS = 20.0, 3
POST_TAKES = 0.02


class Gone(NamedTuple):
    """A text that went out over the wire: its message, and when by the monotonic clock."""

    message_id: int
    at: float


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[Gone]:
    """Everything that is posted, in order; Twilio takes all of it after a moment."""
    gone: list[Gone] = []
    numbers = itertools.count(1)

    def send(_: Gateway, claim: Claim) -> SendResult:
        gone.append(Gone(claim.message_id, time.monotonic()))
        time.sleep(POST_TAKES)
        return SendResult(Outcome.ACCEPTED, f"SM{next(numbers):032d}", "queued")

    monkeypatch.setattr(Gateway, "send", send)
    return gone


@pytest.fixture
def outreach(db: Database, settings: Settings, practice: Practice, campaign: Campaign) -> list[Message]:
    """A batch that takes far longer than a test may, half of its texts of one part and half of three."""
    texts = [invite(db, settings, practice, make_patient(db, practice), campaign) for _ in range(60)]
    with db.write() as session:
        session.execute(update(Message).values(parts=1 + 2 * (col(Message.id) % 2)))
    return texts


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


def test_all_workers_of_a_sender_together_keep_to_its_rate(
    db: Database, settings: Settings, outreach: list[Message], wire: list[Gone]
) -> None:
    parts = {text.id: 1 + 2 * ((text.id or 0) % 2) for text in outreach}
    with workers(db, settings):
        wait_until(lambda: wire)
        began = wire[0].at + 1  # by then a bucket that was full at the start is empty
        time.sleep(3.5)
    went = sum(parts[gone.message_id] for gone in wire if began <= gone.at < began + 2)
    assert 0.75 * RATE * 2 <= went <= 1.25 * RATE * 2


@pytest.mark.parametrize("kind", [Kind.EMERGENCY, Kind.ANSWER])
def test_what_is_urgent_goes_within_a_second_whatever_waits_before_it(
    db: Database,
    settings: Settings,
    practice: Practice,
    outreach: list[Message],
    alice: Patient,
    wire: list[Gone],
    kind: Kind,
) -> None:
    with workers(db, settings):
        wait_until(lambda: len(wire) > 5)
        urgent, queued_at = queue_kind(db, settings, practice, alice, kind), time.monotonic()
        [gone] = wait_until(lambda: [gone for gone in wire if gone.message_id == urgent.id], within=10)
        assert len(wire) < len(outreach), "outreach was still waiting"
    assert gone.at - queued_at < 1
