"""A stand-in for Twilio that takes every text after a fixed delay, and remembers when; run it as a process.

The simulator is honest and therefore slow; here the server must not be what is measured.
"""

import asyncio
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import requests

from bot.texts.parts import count_parts
from tests.world import answers, free_port, wait_until

TEMPLATE: dict[str, Any] = {
    "account_sid": "AC" + "0" * 32, "api_version": "2010-04-01", "date_created": "Mon, 23 Nov 2026 10:00:00 +0000",
    "date_sent": None, "date_updated": "Mon, 23 Nov 2026 10:00:00 +0000", "direction": "outbound-api",
    "error_code": None, "error_message": None, "messaging_service_sid": None, "num_media": "0", "num_segments": "1",
    "price": None, "price_unit": "USD", "status": "queued", "subresource_uris": {}, "uri": "",
}  # fmt: skip


class _Server:
    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._numbers = count(1)
        self._seen: list[tuple[float, bytes]] = []

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", port, backlog=512)
        async with server:
            await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                writer.write(self._ledger() if head.startswith(b"GET") else await self._take(body))
                await writer.drain()
        writer.close()

    async def _take(self, body: bytes) -> bytes:
        self._seen.append((time.time(), body))
        await asyncio.sleep(self._delay)
        return _answer(201, TEMPLATE | {"sid": f"SM{next(self._numbers):032x}", "to": "", "from": "", "body": ""})

    def _ledger(self) -> bytes:
        return _answer(200, [_taken(at, body) for at, body in self._seen])


def _taken(at: float, body: bytes) -> dict[str, Any]:
    fields = parse_qs(body.decode())
    return {"at": at, "to": fields["To"][0], "parts": count_parts(fields["Body"][0]).parts}


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _answer(status: int, content: Any) -> bytes:
    body = json.dumps(content).encode()
    return b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status, len(body), body
    )  # fmt: skip


def _run(port: int, delay: float) -> None:
    asyncio.run(_Server(delay).serve(port))


@dataclass(frozen=True)
class StandIn:
    """A running stand-in."""

    url: str

    def ledger(self) -> list[dict[str, Any]]:
        """What came, in order: `at` (seconds since 1970), `to`, `parts`."""
        listed: list[dict[str, Any]] = requests.get(f"{self.url}/ledger", timeout=60).json()
        return listed


@contextmanager
def stand_in(delay: float) -> Iterator[StandIn]:
    """A stand-in that answers after `delay` seconds, in a process of its own."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(port, delay), daemon=True)
    process.start()
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{url}/ledger"))
        yield StandIn(url)
    finally:
        process.terminate()
        process.join()
