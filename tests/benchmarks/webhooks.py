"""Webhooks over HTTP, against a bare Flask endpoint under the same server and the same load."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlmodel import col, func, select

from bot.settings import DEMO_SENDER
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Message, State, StatusEvent
from tests.benchmarks.bare import TABLE
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened
from tests.benchmarks.load import Hook, fire
from tests.benchmarks.measuring import Figure, Sample, apart, peak_mb, side_by_side
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.seeding import phone_of, ref_of, seed_people, seed_texts
from tests.benchmarks.sizes import Sizes
from tests.world import ROOT, answers, free_port, wait_until

WORDS = ("1", "1", "1", "tak", "2", "haan ji", "когда вы открыты?", "1")
"""What people answer: most a number, some a word, one a question for a person."""
OK, NO_CONTENT = 200, 204


@dataclass(frozen=True)
class Served:
    """One side, running on its own database."""

    side: str
    url: str
    database_url: str
    process: "subprocess.Popen[bytes]"

    def peak_mb(self) -> float:
        """The most memory any one process of the server ever held."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return max(peak_mb(pid) for pid in (self.process.pid, *map(int, children)))


@contextmanager
def served(side: str, database_url: str) -> Iterator[Served]:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    environment |= {"PYTHONPATH": str(ROOT), "DATABASE_URL": database_url, "PORT": str(port), "LOG_LEVEL": "warning"}
    environment["SECRET_KEY"] = "a-key-for-benchmarks-of-no-value"
    command = [sys.executable, "-m", "tests.benchmarks.bare", side]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{url}/healthz"))
        yield Served(side, url, database_url, process)
    finally:
        process.terminate()
        process.wait(timeout=15)


def inbound_hooks(start: int, count: int) -> list[Hook]:
    """Replies of so many people to the question that is open for each of them."""
    return [Hook("/twilio/inbound", _text(index, WORDS[index % len(WORDS)])) for index in range(start, start + count)]


def _text(index: int, body: str) -> dict[str, str]:
    return {
        "MessageSid": f"SMin{index:028x}",
        "AccountSid": "AC" + "0" * 32,
        "From": phone_of(index),
        "To": DEMO_SENDER,
        "Body": body,
        "NumSegments": "1",
        "NumMedia": "0",
    }


def status_hooks(start: int, count: int) -> list[Hook]:
    """`sent`, then `delivered`, for each text."""
    return [
        Hook(
            f"/twilio/status/{ref_of(index)}",
            {"MessageSid": f"SM{phone_of(index)}", "MessageStatus": status, "To": phone_of(index)},
        )
        for status in ("sent", "delivered")
        for index in range(start, start + count // 2)
    ]


Hooks = Callable[[int, int], list[Hook]]


def run(made: Databases, sizes: Sizes) -> Section:
    """Requests a second; the aims are 0.5 for an answer that decides, 0.7 for a status."""
    figures = [figure for kind in (SQLITE, POSTGRESQL) for figure in _figures(made, kind, sizes)]
    text = (
        "Eight connections. Inbound: the signature, the text, its reading, the answer to the open question and the "
        "answer's outbox row, one transaction. Status: the signature, the event, attempt and message. The bare "
        "endpoint checks the signature and inserts one row with SQLAlchemy Core. Memory is of one server process."
    )
    return section_of("webhooks", "Webhooks", text, figures)


def _figures(made: Databases, kind: str, sizes: Sizes) -> Iterator[Figure]:
    ours_url, bare_url, each = made.new(kind), made.new(kind), sizes.webhooks
    people = each * (sizes.rounds + 1)
    with opened(ours_url) as db:
        seed_texts(db, seed_people(db, people, all_invited=True), people, state=State.ACCEPTED)
    with opened(bare_url) as db:
        TABLE.metadata.create_all(db.engine)
    with served("ours", ours_url) as ours, served("bare", bare_url) as bare:
        for what, hooks, answer, aim in (
            ("status", status_hooks, NO_CONTENT, 0.7),
            ("inbound", inbound_hooks, OK, 0.5),
        ):
            _round(ours, hooks, answer, each, sizes.rounds)  # the first answers of a server pay for its imports
            _round(bare, hooks, NO_CONTENT, each, sizes.rounds)
            ours_ran, bare_ran = side_by_side(
                sizes.rounds, partial(_round, ours, hooks, answer, each), partial(_round, bare, hooks, NO_CONTENT, each)
            )
            size, baseline = f"{each:,} requests", "a bare endpoint"
            yield Figure(f"{what} webhook", size, kind, baseline, ours_ran, bare_ran, aim)
    _check_counts(ours_url, bare_url, people)


def _round(served: Served, hooks: Hooks, expected: int, each: int, number: int) -> Sample:
    sample = apart(fire, served.url, hooks(number * each, each), expected)
    return replace(sample, peak_mb=served.peak_mb())


def _check_counts(ours_url: str, bare_url: str, people: int) -> None:
    """Every request left what it should: no row more, none less."""
    with opened(ours_url) as db, db.read() as session:
        count = select(func.count())
        assert session.exec(count.select_from(StatusEvent)).one() == people
        assert session.exec(count.select_from(ReplyReading)).one() == people
        assert session.exec(count.where(col(Message.state) == State.DELIVERED)).one() == people // 2
        assert session.exec(count.where(col(Message.answers_id).is_not(None))).one() >= people * 6 // 8
    with opened(bare_url) as db, db.read() as session:
        assert session.execute(func.count(TABLE.c.id).select()).scalar_one() == 2 * people
