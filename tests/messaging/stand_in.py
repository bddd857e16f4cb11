"""A server on loopback that answers what a test tells it to, in place of Twilio's."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from bot.clock import utc_now
from bot.messaging.claiming import Claim

PATIENT, NUMBER = "+447700900123", "+441632960001"
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A server that answers as it is told, and remembers what it was asked."""

    url: str = ""
    answer: Answer = lambda _handler: None
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def says(self, status: int, body: object = None, raw: bytes | None = None) -> None:
        content = json.dumps(body).encode() if raw is None else raw

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)

        self.answer = answer


@contextmanager
def serving() -> Iterator[Server]:
    """One server for as long as the block lasts."""
    served = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            served.asked.append({name: values[0] for name, values in parse_qs(body).items()})
            served.paths.append(self.path)
            served.answer(self)

        def do_GET(self) -> None:
            served.paths.append(self.path)
            served.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.block_on_close = False
        served.url = f"http://127.0.0.1:{http.server_port}"
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        yield served
        http.shutdown()


def claimed(**changes: Any) -> Claim:
    values: dict[str, Any] = {
        "message_id": 1,
        "attempt_id": 1,
        "number": 1,
        "ref": "a-reference",
        "to": PATIENT,
        "body": "سلام",
        "sender_number": NUMBER,
        "sender_service": None,
        "use_by": None,
        "lease_until": utc_now() + timedelta(seconds=60),
    }
    return Claim(**(values | changes))


CREATED = {"sid": "SM1", "status": "queued", "error_code": None}
