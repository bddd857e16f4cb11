"""The pace of the wire: three worker processes share one sender's rate, and what is urgent overtakes outreach."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from sqlmodel import Session, select, text

from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.settings import Settings
from bot.tables.messaging import Kind, State
from bot.tables.patients import Patient
from tests.benchmarks.databases import POSTGRESQL, Databases, opened, settings_for
from tests.benchmarks.reporting import Section, number
from tests.benchmarks.seeding import Seeded, phone_of, seed_people, seed_texts
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.stand_in import StandIn, stand_in
from tests.world import World

RATE, WORKERS, DELAY = 10.0, 3, 0.05
THREE_PARTS = "ж" * 150
SETTLED_AFTER = 3.0
"""Seconds after which a full bucket at the start no longer counts."""
MOST_OFF, LONGEST_WAIT = 0.05, 1.0


def run(made: Databases, sizes: Sizes) -> Section:
    """Parts a second, and how long an emergency text and an answer wait behind a batch."""
    url = made.new(POSTGRESQL)
    with opened(url) as db, stand_in(DELAY) as server:
        seeded = _fill_the_outbox(db, sizes)
        with _workers(url, server):
            began = time.time()
            queued = _urgent_texts(db, settings_for(url), seeded, sizes)
            time.sleep(max(0.0, began + SETTLED_AFTER + sizes.seconds + 1 - time.time()))
        ledger = server.ledger()
    arrived = {taken["to"]: taken["at"] for taken in ledger}
    assert len(arrived) == len(ledger), "a text was sent twice"
    first = ledger[0]["at"] + SETTLED_AFTER
    parts = sum(taken["parts"] for taken in ledger if first <= taken["at"] < first + sizes.seconds)
    rows = [_pace_row(parts / sizes.seconds, sizes)]
    for kind in (Kind.EMERGENCY, Kind.ANSWER):
        waits = [arrived[phone] - at for phone, at, what in queued if what == kind]
        rows.append(_wait_row(kind, waits, sizes))
    return Section("wire", "The pace of the wire", _TEXT, ("what", "size", "found", "should be"), rows)


_TEXT = (
    f"PostgreSQL, {WORKERS} worker processes, one sender with {RATE:.0f} parts a second, a server that answers after "
    f"{DELAY * 1000:.0f} ms. The rate is what arrived, after the first {SETTLED_AFTER:.0f} s. Every second one "
    "emergency text and one answer are queued; they wait from their commit until they arrive at the server."
)


def _fill_the_outbox(db: Database, sizes: Sizes) -> Seeded:
    seeded = seed_people(db, sizes.batch + 4 * sizes.seconds, all_invited=True)
    told = seed_texts(db, seeded, sizes.batch, state=State.QUEUED)
    with db.write() as session:
        session.execute(text("UPDATE message SET body = :body, parts = 3 WHERE id % 3 = 0"), {"body": THREE_PARTS})
    return told


@contextmanager
def _workers(url: str, server: StandIn) -> Iterator[None]:
    environment = {"TWILIO_API_URL": server.url, "SENDER_PARTS_PER_SECOND": str(RATE), "LEASE_SECONDS": "60"}
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), url, environment)
        try:
            for _ in range(WORKERS):
                world.start("worker")
            _wait_for_the_first(server)
            yield
        finally:
            world.stop()


def _wait_for_the_first(server: StandIn) -> None:
    until = time.monotonic() + 60
    while not server.ledger():
        assert time.monotonic() < until, "the workers sent nothing"
        time.sleep(0.1)


def _urgent_texts(db: Database, settings: Settings, seeded: Seeded, sizes: Sizes) -> list[tuple[str, float, Kind]]:
    queued = []
    for second in range(sizes.seconds):
        for place, kind in enumerate((Kind.EMERGENCY, Kind.ANSWER)):
            phone = phone_of(sizes.batch + 2 * second + place)
            with db.write() as session:
                _queue(session, settings, seeded, phone, kind)
            queued.append((phone, time.time(), kind))
            time.sleep(0.5)
    return queued


def _queue(session: Session, settings: Settings, seeded: Seeded, phone: str, kind: Kind) -> None:
    patient = session.exec(select(Patient).where(Patient.phone == phone)).one()
    queue_text(
        session,
        settings,
        text_key="emergency",
        language="en",
        values={},
        phone=phone,
        practice=seeded.practice,
        kind=kind,
        patient_id=patient.id,
    )


def _pace_row(rate: float, sizes: Sizes) -> list[str]:
    off = rate / RATE - 1
    verdict = "met" if abs(off) <= MOST_OFF else "missed"
    size = f"{sizes.batch:,} texts queued, {sizes.seconds} s"
    return ["parts a second", size, f"{rate:.2f} ({off:+.1%})", f"{RATE:.0f} within {MOST_OFF:.0%}: {verdict}"]


def _wait_row(kind: Kind, waits: list[float], sizes: Sizes) -> list[str]:
    verdict = "met" if max(waits) < LONGEST_WAIT else "missed"
    found = f"median {number(median(waits) * 1000)} ms, longest {number(max(waits) * 1000)} ms"
    return [f"wait of an {kind}", f"{len(waits)} behind {sizes.batch:,} texts", found, f"under 1 s: {verdict}"]
