"""A simulated network on a free port, and a service that remembers what the network told it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import urllib3
from twilio.rest import Client

from bot.simulator.config import SimulatorConfig
from bot.simulator.server import Simulator

ACCOUNT = "AC" + "0" * 32
TOKEN = "test-token"
NUMBER = "+447700900001"
SERVICE = "MG" + "1" * 32
PATIENT = "+447700900123"


@dataclass
class Webhook:
    """One webhook the service received."""

    path: str
    fields: dict[str, str]
    headers: dict[str, str]
    at: float


@dataclass
class Service:
    """Stands for the service: answers its webhooks with `answer` and keeps them."""

    url: str = ""
    answer: int = 204
    received: list[Webhook] = field(default_factory=list)

    def statuses(self) -> list[str]:
        """The statuses of the callbacks in the order they came."""
        return [hook.fields["MessageStatus"] for hook in self.received if "MessageStatus" in hook.fields]


@dataclass
class Phones:
    """The simulator's HTTP surface as a script sees it."""

    simulator: Simulator
    config: SimulatorConfig
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def post(self, path: str, given: dict[str, Any]) -> Any:
        return self.http.request("POST", self.simulator.url + path, json=given)

    def get(self, path: str) -> Any:
        return self.http.request("GET", self.simulator.url + path)

    def text(self, body: str, sender: str = PATIENT, **more: str) -> Any:
        return self.post("/control/inbound", {"from": sender, "body": body, **more}).json()

    def ledger(self, query: str = "") -> list[dict[str, Any]]:
        lines = self.get("/control/ledger" + query).data.decode().splitlines()
        return [json.loads(line) for line in lines]

    def fault(self, name: str, every: int = 1, **more: float) -> None:
        assert self.post("/control/faults", {"fault": name, "every": every, **more}).status == 200


def wait_until(condition: Callable[[], object], seconds: float = 5) -> None:
    """Wait for something the network does in its own time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = dict(parse_qsl(body, keep_blank_values=True))
            service.received.append(Webhook(self.path, fields, dict(self.headers), time.time()))
            self.send_response(service.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield service
    server.shutdown()
    server.server_close()


@pytest.fixture
def config(service: Service, tmp_path: Path) -> SimulatorConfig:
    return SimulatorConfig(
        host="127.0.0.1",
        port=0,
        store=tmp_path / "network.db",
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        service_url=service.url,
        senders=frozenset({NUMBER, SERVICE}),
        answers_on=False,
        answer_delay=(0.0, 0.1),
    )


@pytest.fixture
def phones(config: SimulatorConfig) -> Iterator[Phones]:
    simulator = Simulator(config)
    thread = simulator.start()
    yield Phones(simulator, config)
    simulator.close()
    thread.join(10)


@pytest.fixture
def twilio(phones: Phones) -> Client:
    client = Client(ACCOUNT, TOKEN, environment={"_": ""})
    client.api.base_url = phones.simulator.url
    return client
