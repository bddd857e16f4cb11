"""Strangers who hold a connection for as long as they can: each kind sends a little, and then a byte at a time."""

import selectors
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

HOST = b"Host: 127.0.0.1\r\n"
LARGE = 60_000
OPENINGS: Mapping[str, bytes] = {
    "nothing": b"",
    "first line": b"GET /hea",
    "header": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-Slow: a",
    "body": b"POST /twilio/inbound HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\nBody=" % LARGE,
    "chunks": b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nffff\r\nemail=",
    "chunk line": b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1;a=",
    "blank lines": b"\r\n\r\n",
    "answer": (b"GET /sign-in HTTP/1.1\r\n" + HOST + b"\r\n") * 40,
}
"""What each kind begins with; `answer` asks for many pages and reads none of them."""
DRIP: Mapping[str, bytes] = {"nothing": b"", "answer": b"", "blank lines": b"\r\n\r\n"}


class Dribblers:
    """Many connections of one kind, each kept busy with a byte every second."""

    def __init__(self, port: int, kind: str, count: int) -> None:
        self.kind, self._drip = kind, DRIP.get(kind, b"a")
        self._stop = threading.Event()
        self.sockets = [self._begin(port) for _ in range(count)]
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def _begin(self, port: int) -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", port))
        connection.sendall(OPENINGS[self.kind])
        connection.setblocking(False)
        return connection

    def _go_on(self) -> None:
        while not self._stop.wait(1):
            for connection in self.sockets:
                try:
                    connection.send(self._drip)
                except OSError:
                    continue

    def still_open(self) -> int:
        """How many the server has not closed yet."""
        with selectors.DefaultSelector() as selector:
            for connection in self.sockets:
                selector.register(connection, selectors.EVENT_READ)
            return len(self.sockets) - sum(_ended(key.fileobj) for key, _ in selector.select(0))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        for connection in self.sockets:
            connection.close()


def _ended(connection: object) -> bool:
    assert isinstance(connection, socket.socket)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@contextmanager
def dribbling(port: int, kinds: Mapping[str, int]) -> Iterator[list[Dribblers]]:
    """As many of each kind as said, for as long as the block lasts."""
    with ExitStack() as stack:
        found = [Dribblers(port, kind, count) for kind, count in kinds.items()]
        for dribblers in found:
            stack.callback(dribblers.stop)
        time.sleep(1)
        yield found
