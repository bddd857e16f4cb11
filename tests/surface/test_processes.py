"""Processes as an operator starts and ends them, gently and otherwise."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from gunicorn.config import Config

from bot.serving import ReadingFirst
from bot.settings import Settings
from tests.forks import Forks, Process
from tests.postgres import PostgresServer
from tests.surface.console import Console
from tests.world import AProcess, World, answers, wait_until

T = TypeVar("T", bound=AProcess)


def start_for_real(world: World, *words: str) -> "subprocess.Popen[bytes]":
    """Start a process as a terminal does: Python itself, at the head of a group that Ctrl-C reaches as a whole."""
    with (world.folder / f"log-{len(world.processes)}-{words[0]}.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            cwd=world.folder,
            env=world.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    world.processes.append(process)
    return process


def start(world: World, *words: str) -> Process:
    """The same, but for the seconds in which Python reads its modules."""
    return world.start(*words, own_session=True)


def said(world: World, process: AProcess) -> str:
    """All that a process has said so far."""
    return next(world.folder.glob(f"log-{world.processes.index(process)}-*.txt")).read_text()


def wait_for_pages(world: World, process: T) -> T:
    wait_until(lambda: answers(f"{world.url}/healthz"))
    return process


@pytest.fixture
def installation(tmp_path: Path, forks: Forks) -> Iterator[Console]:
    world = World(tmp_path, f"sqlite:///{tmp_path}/var/easy-to-reach.db")
    yield Console(world, forks)
    world.stop()


def test_serve_greets_stands_alone_and_takes_its_phones_with_it_however_it_ends(
    installation: Console, tmp_path: Path
) -> None:
    world = installation.world
    first = wait_for_pages(world, start_for_real(world, "serve", "--prepare"))
    greeting = [line for line in said(world, first).splitlines() if "[info" not in line]
    assert any(world.url in line for line in greeting)
    assert any("lead@demo.example" in line and "password" in line for line in greeting)
    assert sum("curl " in line for line in greeting) == 2
    assert len([line for line in greeting if "curl " not in line]) <= 7

    second = installation.run("serve", PORT="1")
    assert (second.status, second.err.count("\n")) == (1, 1)
    assert "Another serve is running" in second.err
    elsewhere = installation.run("serve", "--prepare", DATABASE_URL=f"sqlite:///{tmp_path}/var/other.db")
    assert elsewhere.status == 1
    assert f"Port {world.port}" in elsewhere.err
    assert "PORT=" in elsewhere.err
    assert installation.ask("demo", "load")["patients"] == 600

    for _ in range(3):  # an impatient Ctrl-C
        os.killpg(first.pid, signal.SIGINT)
        time.sleep(0.1)
    assert first.wait(timeout=15) == 0
    assert "Traceback" not in said(world, first)
    assert not answers(world.phones_url)

    killed = wait_for_pages(world, start(world, "serve"))
    killed.kill()
    killed.wait()
    wait_until(lambda: not answers(world.phones_url), within=5)
    assert not answers(f"{world.url}/healthz")

    last = wait_for_pages(world, start(world, "serve"))
    assert answers(world.phones_url)
    last.terminate()
    assert last.wait(timeout=15) == 0
    assert "Traceback" not in said(world, last)


def test_serve_without_a_database_names_what_to_run(installation: Console) -> None:
    done = installation.run("serve")
    assert (done.status, done.err) == (1, "The database is not set up yet. Run: python -m bot migrate\n")


def test_a_port_of_the_phones_that_is_taken_is_named(installation: Console) -> None:
    installation.run("migrate")
    with socket.create_server(("127.0.0.1", installation.world.simulator_port)):
        done = installation.run("serve", TWILIO_API_URL="")
        alone = installation.run("simulator")
    for refused in (done, alone):
        assert refused.status == 1
        assert "SIMULATOR_PORT=" in refused.err


def test_a_host_that_is_not_this_machines_is_named(installation: Console) -> None:
    installation.run("migrate")
    for said in ("DEMO_FOR_ALL=1", "PORT="):
        done = installation.run("serve", HOST="192.0.2.1", DEMO_FOR_ALL=str(int(said == "PORT=")))
        assert done.status == 1
        assert "192.0.2.1" in done.err
        assert said in done.err


@pytest.mark.parametrize("process", ["web", "worker", "clock"])
def test_on_sqlite_the_separate_processes_name_serve(installation: Console, process: str) -> None:
    done = installation.run(process)
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert "python -m bot serve" in done.err


@pytest.mark.parametrize("words", [("serve",), ("migrate",), ("patients", "list", "--practice", "STATION")])
def test_a_folder_that_cannot_be_written_to_is_named(installation: Console, words: tuple[str, ...]) -> None:
    done = installation.run(*words, DATABASE_URL="sqlite:////proc/easy/easy.db")
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert "/proc/easy" in done.err


def test_the_phone_network_runs_alone_and_ends_when_told(installation: Console) -> None:
    world = installation.world
    phones = start(world, "simulator", "--port", str(world.port))
    wait_until(lambda: answers(world.url))
    phones.terminate()
    assert phones.wait(timeout=10) == 0
    assert "Traceback" not in said(world, phones)


def test_with_the_real_twilio_there_is_no_phone_network(installation: Console) -> None:
    live = {"MODE": "live", "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "+441632960001"}
    assert installation.run("simulator", **live, TWILIO_API_URL="").status == 1


def test_on_postgresql_the_processes_run_side_by_side_and_finish_when_told(
    postgres: PostgresServer, tmp_path: Path, forks: Forks
) -> None:
    world = World(tmp_path, postgres.new_database())
    console = Console(world, forks)
    for name in ("web", "worker", "clock", "serve"):
        assert console.run(name).err == "The database is not set up yet. Run: python -m bot migrate\n"
    try:
        together = [start(world, "migrate") for _ in range(2)]
        assert [process.wait(timeout=30) for process in together] == [0, 0]
        assert console.run("migrate").status == 0
        running = [start(world, *words) for words in (("web",), ("worker",), ("worker", "--concurrency", "1"))]
        running += [start(world, "clock") for _ in range(2)]
        wait_until(lambda: answers(f"{world.url}/readyz"))
        for process in running:
            process.terminate() if process is not running[2] else os.killpg(process.pid, signal.SIGINT)
        assert [process.wait(timeout=15) for process in running] == [0] * 5
        assert not [said(world, process) for process in running if "Traceback" in said(world, process)]
    finally:
        world.stop()


def test_a_process_of_gunicorn_that_is_told_to_end_while_it_loads_ends(settings: Settings) -> None:
    worker = ReadingFirst(1, 1, [], None, 30, Config(), None)
    worker.handle_exit(signal.SIGTERM, None)
    assert not worker.alive
