"""A rough machine room: processes are killed with kill -9 at random, the database is restarted, Twilio misbehaves.

`python -m tests.faults.harness --kills 100 --database postgresql` (or `make faults`). The judge is the phone network's
ledger: every text that was queued is in it once. Seeded, so that a bad run can be had again.
"""

import argparse
import random
import signal
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from datetime import time as clock_time
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select

from bot.messaging.outbox import queue_text
from bot.settings import Settings
from bot.tables.messaging import Direction, Message, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.factories import make_patient, make_practice
from tests.postgres import PostgresServer
from tests.world import World, a_world, wait_until

PEOPLE = 40
TEXTS_A_WAVE = 20
FIRST_DAY, NINE = date(2030, 1, 1), clock_time(9)
"""Each text names a day of its own."""
TROUBLES = (
    ("latency", 3),
    ("429", 4),
    ("500-before", 5),
    ("503-before", 5),
    ("500-after", 5),
    ("drop-before", 5),
    ("drop-after", 5),
    ("callbacks-lost", 3),
    ("callbacks-repeated", 2),
    ("callbacks-late", 4),
    ("callbacks-reversed", 2),
    ("callbacks-first", 3),
)
"""What goes wrong at Twilio: the fault, and every how many requests or callbacks."""


@dataclass(frozen=True)
class Verdict:
    """What the ledger says. Seconds are how long messages stayed uncertain, as seen from outside."""

    database: str
    kills: int
    restarts: int
    texts: int
    lost: int
    twice: int
    uncertain: int
    uncertain_median: float
    uncertain_longest: float

    def row(self) -> str:
        return (
            f"| {self.database} | {self.kills} | {self.restarts} | {self.texts} | {self.lost} | {self.twice} "
            f"| {self.uncertain} | {self.uncertain_median:.1f} s | {self.uncertain_longest:.1f} s |"
        )


HEADING = (
    "| database | kills | database restarts | texts | lost | twice | were uncertain | median | longest |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


@dataclass
class Watch:
    """Looks at the rows all the time, and notes how long each message is uncertain."""

    world: World
    since: dict[int, float] = field(default_factory=dict)
    spent: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.wait(0.1):
            try:
                with self.world.database.read() as session:
                    statement = select(Message.id).where(Message.state == State.UNCERTAIN)
                    self._note({found or 0 for found in session.exec(statement)})
            except SQLAlchemyError:
                continue

    def _note(self, uncertain: set[int]) -> None:
        now = time.monotonic()
        for message in list(self.since):
            if message not in uncertain:
                self.spent.append(now - self.since.pop(message))
        for message in uncertain:
            self.since.setdefault(message, now)


class Room:
    """The processes, the people to text, and the one who trips over the cables."""

    def __init__(self, world: World, server: PostgresServer | None, seed: int) -> None:
        self.world = world
        self.server = server
        self.random = random.Random(seed)
        self.names = ["web", "clock", "worker", "worker"] if server else ["serve"]
        self.running = [world.start(name) for name in self.names]
        self.settings = Settings(database_url=world.database_url, secret_key="x" * 32)
        self.practice = make_practice(world.database)
        self.people = [make_patient(world.database, self.practice) for _ in range(PEOPLE)]
        self.texts = self.kills = self.restarts = 0

    def queue_a_wave(self) -> None:
        """Queue texts, each with words of its own, so that the ledger can be told apart."""
        try:
            with self.world.database.write() as session:
                practice = session.get_one(Practice, self.practice.id)
                for i in range(TEXTS_A_WAVE):
                    self._queue(session, practice, self.random.choice(self.people), self.texts + i)
            self.texts += TEXTS_A_WAVE
        except SQLAlchemyError:
            time.sleep(0.2)

    def _queue(self, session, practice: Practice, person: Patient, number: int) -> None:  # type: ignore[no-untyped-def]
        queue_text(
            session,
            self.settings,
            text_key="staff-will-call",
            language="en",
            values={"date": FIRST_DAY + timedelta(days=number), "time": NINE},
            phone=person.phone or "",
            practice=practice,
            patient_id=person.id,
            dedupe_key=f"wave:{number}",
        )

    def let_it_work(self) -> None:
        """Most kills come while texts go out; one in ten while the process is still starting."""
        if self.random.random() > 0.1:
            self.world.wait_for_pages()
        time.sleep(self.random.uniform(0.1, 1.5))

    def kill_one(self) -> None:
        """kill -9, and start it again; every now and then the database goes down instead."""
        if self.server and self.random.random() < 0.05:
            self.server.crash_and_restart()
            self.restarts += 1
            return
        i = self.random.randrange(len(self.running))
        self.running[i].send_signal(signal.SIGKILL)
        self.running[i].wait()
        self.kills += 1
        self.running[i] = self.world.start(self.names[i])

    def change_the_weather(self) -> None:
        for name, _ in TROUBLES:
            self.world.fault(name, 0)
        for name, every in self.random.sample(TROUBLES, 3):
            self.world.fault(name, every)

    def calm_down(self) -> None:
        """No more faults; whatever died at start is started again; then everything has to settle."""
        for name, _ in TROUBLES:
            self.world.fault(name, 0)
        for i, process in enumerate(self.running):
            if process.poll() is not None:
                self.running[i] = self.world.start(self.names[i])
        wait_until(self.world.settled, within=180, every=0.5)


def run(world: World, server: PostgresServer | None, kills: int, seed: int) -> Verdict:
    """Kill so many times, then count."""
    room, watch = Room(world, server, seed), Watch(world)
    watching = threading.Thread(target=watch.run)
    watching.start()
    try:
        while room.kills < kills:
            room.queue_a_wave()
            room.change_the_weather()
            room.let_it_work()
            room.kill_one()
        room.calm_down()
    finally:
        watch.stop.set()
        watching.join()
    return judge(room, watch)


def judge(room: Room, watch: Watch) -> Verdict:
    """The ledger against what was queued, text for text."""
    copies = Counter(entry["body"] for entry in room.world.ledger())
    with room.world.database.read() as session:
        bodies = session.exec(select(Message.body).where(Message.direction == Direction.OUT)).all()
        queued = session.exec(select(func.count()).where(col(Message.dedupe_key).like("wave:%"))).one()
    spent = watch.spent or [0.0]
    return Verdict(
        database="PostgreSQL" if room.server else "SQLite",
        kills=room.kills,
        restarts=room.restarts,
        texts=queued,
        lost=sum(1 for body in bodies if copies[body] == 0),
        twice=sum(1 for number in copies.values() if number > 1),
        uncertain=len(watch.spent),
        uncertain_median=statistics.median(spent),
        uncertain_longest=max(spent),
    )


@contextmanager
def a_room(database: str, folder: Path) -> Iterator[tuple[World, PostgresServer | None]]:
    if database == "sqlite":
        with a_world(folder, f"sqlite:///{folder}/test.db") as world:
            yield world, None
        return
    with PostgresServer.start() as server, a_world(folder, server.new_database()) as world:
        yield world, server


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with scratch as folder, a_room(chosen.database, Path(folder)) as room:
        verdict = run(*room, chosen.kills, chosen.seed)
    print(f"{HEADING}\n{verdict.row()}")
    raise SystemExit(1 if verdict.lost or verdict.twice else 0)


if __name__ == "__main__":
    main()
