"""A system that listens on this machine: it keeps what it is sent, and answers as a test says."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Heard:
    """One request."""

    path: str
    headers: dict[str, str]
    body: str
    at: float = field(default_factory=time.monotonic)

    @property
    def event(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    def is_from(self, secret: str) -> bool:
        """Whether somebody with that secret wrote it, as a receiver finds out."""
        return Webhook(secret).verify(self.body, self.headers) == self.told


class Receiver:
    """A server in a thread. `status` is what it answers, `before` what it does first."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.status = 204
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        self.before: Callable[[], object] = lambda: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/notices"

    @property
    def types(self) -> list[str]:
        """What it was told, in the order it came."""
        return [str(each.told["type"]) for each in self.heard]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.heard.append(Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                receiver.before()
                self.send_response(receiver.answers.pop(0) if receiver.answers else receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"a secret of the other side" * 1000)

            def log_message(self, *_: Any) -> None:
                return

        return Handler

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
