"""A load generator: signed requests made beforehand, sent over a few connections that stay open."""

import socket
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from bot.settings import DEMO_AUTH_TOKEN
from tests.benchmarks.measuring import Timed, stopwatch

CONNECTIONS = 8


@dataclass(frozen=True)
class Hook:
    """One webhook: where it goes and its fields."""

    path: str
    fields: dict[str, str]

    def as_request(self, base: str) -> bytes:
        """The signed request as it goes over the wire."""
        signature = RequestValidator(DEMO_AUTH_TOKEN).compute_signature(base + self.path, self.fields)
        body = urlencode(self.fields)
        head = [
            f"POST {self.path} HTTP/1.1",
            f"Host: {urlsplit(base).netloc}",
            f"X-Twilio-Signature: {signature}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join([*head, "", body])).encode()


class Request(Protocol):
    """Anything that can be sent."""

    def as_request(self, base: str) -> bytes:
        """All of it, as it goes over the wire."""


def fire(base: str, hooks: Sequence[Request], expected: int) -> Timed:
    """Send them all; every answer must have the expected status."""
    requests = [hook.as_request(base) for hook in hooks]
    shares = [requests[start::CONNECTIONS] for start in range(CONNECTIONS)]
    with stopwatch() as watch, ThreadPoolExecutor(CONNECTIONS) as pool:
        seen = sum(pool.map(lambda share: _talk(base, share), shares), Counter[int]())
    assert seen == {expected: len(hooks)}, seen
    return len(hooks), watch.seconds


def _talk(base: str, requests: list[bytes]) -> Counter[int]:
    statuses: Counter[int] = Counter()
    waiting = deque(requests)
    while waiting:
        with suppress(ConnectionError), _connected(base) as connection, connection.makefile("rb") as reader:
            while waiting:
                connection.sendall(waiting[0])
                statuses[_read_answer(reader)] += 1
                waiting.popleft()
    return statuses


def _connected(base: str) -> socket.socket:
    where = urlsplit(base)
    connection = socket.create_connection((where.hostname or "", where.port or 0), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _read_answer(reader: BinaryIO) -> int:
    """The status; a server may end a connection that was kept open, and then the request goes over a new one."""
    first = reader.readline()
    if not first:
        raise ConnectionResetError
    length = 0
    while (line := reader.readline().strip()) != b"":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    reader.read(length)
    return int(first.split()[1])
