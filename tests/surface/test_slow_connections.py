"""Five hundred strangers who send a byte at a time, and nobody waits for them."""

import http.client
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
import requests

from tests.forks import Forks
from tests.surface.conftest import ON_BOTH, database_url
from tests.surface.console import Console
from tests.surface.dribbling import OPENINGS, dribbling
from tests.world import World

MANY = 500
WITHIN = 6.0
"""Seconds on a slow machine; where strangers hold all threads it takes as long as they like."""


@pytest.fixture(scope="module", params=ON_BOTH)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Iterator[int]:
    """`serve` on SQLite, `web` on PostgreSQL."""
    folder = tmp_path_factory.mktemp(f"slow-{request.param}")
    world = World(folder, database_url(request, request.param, folder))
    Console(world, forks).run("migrate")
    world.start("serve" if request.param == "sqlite" else "web")
    world.wait_for_pages()
    yield world.port
    world.stop()


def seconds_to_answer(port: int) -> float:
    began = time.perf_counter()
    assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=10).status_code == 200
    return time.perf_counter() - began


@pytest.mark.parametrize("kind", ["header", "body"])
def test_five_hundred_of_a_kind_hold_nobody_up(port: int, kind: str) -> None:
    with dribbling(port, {kind: MANY}):
        assert max(seconds_to_answer(port) for _ in range(5)) < WITHIN


def test_nor_do_five_hundred_of_every_kind_at_once(port: int) -> None:
    with dribbling(port, dict.fromkeys(OPENINGS, MANY // len(OPENINGS) + 1)):
        assert max(seconds_to_answer(port) for _ in range(5)) < WITHIN


@pytest.mark.parametrize("path", ["/twilio/inbound", "/sign-in", "/lists", "/none", "/healthz"])
def test_an_endless_body_of_a_stranger_is_refused_at_its_header(port: int, path: str) -> None:
    sent, began = 0, time.perf_counter()

    def body() -> Iterator[bytes]:
        nonlocal sent
        while sent < 399_000_000:
            sent += 65536
            yield b"x" * 65536

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Length": "399000000", "Content-Type": "multipart/form-data; boundary=b"}
    with closing(connection), suppress(BrokenPipeError, ConnectionResetError):  # closed while it went on sending
        connection.request("POST", path, body=body(), headers=headers)
        assert connection.getresponse().status == 413
    assert time.perf_counter() - began < 10
    assert seconds_to_answer(port) < WITHIN
