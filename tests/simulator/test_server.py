"""The network as a process of its own: ended, killed and orphaned."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import urllib3
from twilio.rest import Client

from bot.simulator.config import SimulatorConfig
from bot.simulator.server import Simulator
from tests.simulator.conftest import ACCOUNT, NUMBER, PATIENT, TOKEN, Service, wait_until

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from pathlib import Path
from bot.simulator.config import SimulatorConfig
from bot.simulator.server import run
given = json.loads(sys.argv[1])
config = SimulatorConfig(host="127.0.0.1", port=given["port"], store=Path(given["store"]),
    account_sid=given["account"], auth_token=given["token"], service_url=given["service"],
    senders=frozenset([given["number"]]), answers_on=False)
run(config, end_with_parent=given["with_parent"])
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2]])
print(child.pid, flush=True)
time.sleep(60)
"""

Start = Callable[[], subprocess.Popen[str]]


def free_port(config: SimulatorConfig) -> int:
    simulator = Simulator(replace(config, store=config.store.with_name("probe.db")))
    port = int(simulator.url.rsplit(":", 1)[1])
    simulator.start()
    simulator.close()
    return port


@pytest.fixture
def settings(config: SimulatorConfig, service: Service, tmp_path: Path) -> dict[str, object]:
    return {
        "port": free_port(config),
        "store": str(tmp_path / "process.db"),
        "account": ACCOUNT,
        "token": TOKEN,
        "service": service.url,
        "number": NUMBER,
        "with_parent": False,
    }


def answers(settings: dict[str, object]) -> bool:
    try:
        urllib3.request("GET", f"http://127.0.0.1:{settings['port']}/control/faults", retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return True


@pytest.fixture
def start(settings: dict[str, object]) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def start_one() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, json.dumps(settings)]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        running.append(process)
        wait_until(lambda: answers(settings), seconds=15)
        return process

    yield start_one
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def client(settings: dict[str, object]) -> Client:
    client = Client(ACCOUNT, TOKEN, environment={"_": ""})
    client.api.base_url = f"http://127.0.0.1:{settings['port']}"
    return client


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_when_asked(start: Start, number: signal.Signals) -> None:
    process = start()
    process.send_signal(number)
    _, complaints = process.communicate(timeout=10)
    assert (process.returncode, complaints) == (0, "")


def test_what_was_accepted_survives_a_kill_and_goes_on(start: Start, client: Client, service: Service) -> None:
    process = start()
    sids = [
        client.messages.create(to=PATIENT, from_=NUMBER, body="Hello", status_callback=service.url + "/x").sid
        for _ in range(5)
    ]
    process.kill()
    process.wait()
    start()
    assert {message.sid for message in client.messages.list()} == set(sids)
    wait_until(lambda: service.statuses().count("delivered") >= 5)


def test_it_ends_when_its_parent_is_killed(settings: dict[str, object]) -> None:
    settings["with_parent"] = True
    command = [sys.executable, "-c", PARENT, PROGRAM, json.dumps(settings)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    try:
        wait_until(lambda: answers(settings), seconds=15)
        parent.kill()
        parent.wait()
        wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie")
    finally:
        parent.kill()
        if psutil.pid_exists(child):
            os.kill(child, signal.SIGKILL)


def test_a_taken_port_is_an_os_error(config: SimulatorConfig) -> None:
    first = Simulator(config)
    first.start()
    port = int(first.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        Simulator(replace(config, port=port, store=config.store.with_name("second.db")))
    first.close()
    time.sleep(0.1)
