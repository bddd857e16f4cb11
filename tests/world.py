"""The service as it really runs: processes, a database, the phone network, and somebody at a browser."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import requests
from sqlmodel import col, func, select

from bot.database import Database
from bot.tables.messaging import Message
from tests.forks import Process, shared_forks

ROOT = Path(__file__).resolve().parents[1]
SENT = {"accepted", "sent", "delivered", "undelivered"}
T = TypeVar("T")
AProcess = Process | subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def wait_until(seen: Callable[[], T], within: float = 30, every: float = 0.1) -> T:
    """Wait for something to be true, and give it."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if value := seen():
            return value
        time.sleep(every)
    raise AssertionError(f"not seen within {within} s; last: {seen()!r}")


@dataclass
class World:
    """One installation in a folder of its own. `environment` is what all its processes see."""

    folder: Path
    database_url: str
    environment: dict[str, str] = field(default_factory=dict)
    processes: list[AProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port, self.simulator_port = free_port(), free_port()
        clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment = clean | {
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.database_url,
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(self.simulator_port),
            "TWILIO_API_URL": self.phones_url,
            "SIMULATOR_ANSWERS": "off",
            "SECOND_OPINION": "off",
            "SECRET_KEY": "a-long-key-for-tests-and-of-no-value",
            "LEASE_SECONDS": "2",
            "RECONCILE_SECONDS": "1",
            "SENDER_PARTS_PER_SECOND": "500",
            **self.environment,
        }

    @cached_property
    def database(self) -> Database:
        """The service's own database, to look at from outside."""
        return Database(self.database_url)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def phones_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"

    def command(self, *words: str, expect: int = 0) -> Any:
        """Run a command with --json and give what it says (a list, where it says a line each)."""
        done = shared_forks().run((*words, "--json"), self.folder, self.environment, b"")
        assert done.status == expect, (words, done.status, done.out, done.err)
        lines = done.lines
        return lines[0] if len(lines) == 1 else lines

    def messages(self, *options: str) -> list[dict[str, Any]]:
        listed = self.command("messages", "list", *options)
        return listed if isinstance(listed, list) else [listed]

    def migrate(self) -> None:
        done = shared_forks().run(("migrate",), self.folder, self.environment, b"")
        assert done.status == 0, done.err

    def start(self, *words: str, **more: str | bool) -> Process:
        """Start a process of the service; its log goes to a file in the folder."""
        log = self.folder / f"log-{len(self.processes)}-{words[0]}.txt"
        files = {"stdin": Path("/dev/null"), "stdout": log, "stderr": log}
        process = shared_forks().start(words, self.folder, self.environment, files, **more)
        self.processes.append(process)
        return process

    def start_phones(self) -> None:
        self.start("simulator")
        wait_until(lambda: answers(self.phones_url), every=0.03)

    def wait_for_pages(self) -> None:
        wait_until(lambda: answers(f"{self.url}/healthz"), every=0.03)

    def stop(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ledger(self) -> list[dict[str, Any]]:
        """Every text the phone network has accepted from the service."""
        answer = requests.get(f"{self.phones_url}/control/ledger", timeout=10)
        return [json.loads(line) for line in answer.text.splitlines() if line]

    def text_in(self, phone: str, body: str) -> dict[str, Any]:
        """A handset sends a text to the service."""
        answer = requests.post(f"{self.phones_url}/control/inbound", json={"from": phone, "body": body}, timeout=30)
        assert answer.ok, answer.text
        told: dict[str, Any] = answer.json()
        assert told["status"] == 200, told
        return told

    def fault(self, name: str, every: int, **more: Any) -> None:
        told = {"fault": name, "every": every, **more}
        assert requests.post(f"{self.phones_url}/control/faults", json=told, timeout=10).ok

    def settled(self) -> bool:
        """Nothing is queued or on its way any more."""
        with self.database.read() as session:
            waiting = select(func.count()).where(col(Message.state).in_(("queued", "sending", "uncertain")))
            return session.exec(waiting).one() == 0


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).status_code < 500
    except requests.RequestException:
        return False


def assert_ledger_is_the_database(world: World) -> None:
    """Every text the network has is one message of ours, and the other way round: nothing lost, nothing twice."""
    ledger = {entry["sid"]: (entry["to"], entry["body"]) for entry in world.ledger()}
    ours = [message for message in world.messages("--direction", "out") if message["state"] in SENT]
    assert {message["sid"]: (message["to"], message["body"]) for message in ours} == ledger
    assert len(ours) == len(ledger)


@contextmanager
def a_world(folder: Path, database_url: str, **environment: str) -> Iterator[World]:
    """A migrated installation with its phone network; everything ends with the block."""
    world = World(folder, database_url, environment)
    try:
        world.migrate()
        world.start_phones()
        yield world
    finally:
        world.stop()
