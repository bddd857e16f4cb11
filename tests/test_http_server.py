"""What stands between strangers and the application: deadlines, limits of bodies, and places for everybody else."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from typing import Any

import pytest

from bot import http_server
from bot.http_server import Servers, make_servers
from tests.world import wait_until

ANSWER = b"x" * 3_000_000
PIECES = 8
"""So many of it are more than the server keeps of an answer that nobody takes."""
A_WHILE = 0.05
LIMIT = 10_000
Connect = Callable[[bytes], socket.socket]


def say(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    time.sleep(A_WHILE if environ["PATH_INFO"] == "/slow" else 0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    answers = {"/long": [ANSWER], "/longest": [ANSWER] * PIECES}
    return answers.get(environ["PATH_INFO"], [b"read %d" % len(body)])


def limit(environ: Mapping[str, str]) -> int:
    return 5_000_000 if environ["PATH_INFO"] == "/lists" and "HTTP_COOKIE" in environ else LIMIT


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """A server with deadlines of a test."""
    quick = {"HEADER_WITHIN": 0.3, "BODY_WITHIN": 0.3, "IDLE": 0.6, "LINGER": 0.5, "LEAST_RATE": 1e6, "_TURN": 0.05}
    for name, value in quick.items():
        monkeypatch.setattr(http_server, name, value)
    servers = make_servers(say, limit, 2, host="127.0.0.1", port=0)
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            servers.turn()
        servers.finish(within=1)

    thread = threading.Thread(target=run)
    thread.start()
    yield servers
    stop.set()
    thread.join()


@pytest.fixture
def connect(servers: Servers) -> Iterator[Connect]:
    """Connect and send something."""
    opened: list[socket.socket] = []
    (server,) = servers._listening()

    def connect(words: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", int(server.effective_port)), timeout=5)
        opened.append(connection)
        connection.sendall(words)
        return connection

    yield connect
    for connection in opened:
        connection.close()


def everything(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    read = b""
    try:
        while piece := connection.recv(65536):
            read += piece
    except ConnectionResetError:
        pass
    return read


def one_answer(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\nread " not in read:
        read += connection.recv(4096)
    return read


def post(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nX-Slow: a",
        b"\r\n\r\n",
        post("/", "Content-Length: 100") + b"a",
        post("/", "Transfer-Encoding: chunked") + b"5\r\nab",
        post("/", "Transfer-Encoding: chunked") + b"1;a=",
        post("/", "Transfer-Encoding: chunked") + b"0\r\nA: b",
    ],
)
def test_whoever_does_not_come_to_an_end_is_shown_out(connect: Connect, words: bytes) -> None:
    began = time.monotonic()
    assert everything(connect(words)) == b""
    assert 0.2 < time.monotonic() - began < 3


def test_a_byte_now_and_then_does_not_help(connect: Connect) -> None:
    for words, drip in ((b"GET / HTTP/1.1\r\nX-Slow: a", b"a"), (b"\r\n\r\n", b"\r\n\r\n")):
        connection, began = connect(words), time.monotonic()
        with suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() - began < 3:
                connection.sendall(drip)
                time.sleep(0.05)
        assert time.monotonic() - began < 3


def test_who_asks_and_rests_may_ask_again_for_a_while(connect: Connect) -> None:
    connection = connect(b"GET / HTTP/1.1\r\n\r\n")
    assert one_answer(connection).endswith(b"read 0")
    time.sleep(0.4)
    connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert one_answer(connection).endswith(b"read 0")
    assert everything(connection) == b""


def test_who_asks_twice_at_once_is_answered_twice(connect: Connect) -> None:
    answers = everything(connect(b"GET / HTTP/1.1\r\n\r\n" + post("/", "Content-Length: 3") + b"abc"))
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert answers.endswith(b"read 3")


def test_who_asks_for_much_at_once_takes_turns_with_others(connect: Connect) -> None:
    for _ in range(2):
        connect(b"GET /slow HTTP/1.1\r\n\r\n" * 40)
    time.sleep(A_WHILE)
    began = time.monotonic()
    assert one_answer(connect(b"GET / HTTP/1.1\r\n\r\n")).endswith(b"read 0")
    assert time.monotonic() - began < 10 * A_WHILE


def test_who_has_said_all_there_is_to_say_still_gets_the_answer(connect: Connect) -> None:
    connection = connect(post("/", "Content-Length: 3") + b"abc")
    connection.shutdown(socket.SHUT_WR)
    assert everything(connection).endswith(b"read 3")


def test_an_answer_longer_than_what_is_kept_of_it_waits_for_the_client(connect: Connect) -> None:
    connection = connect(b"GET /longest HTTP/1.1\r\nConnection: close\r\n\r\n")
    time.sleep(0.1)
    _, _, body = everything(connection).partition(b"\r\n\r\n")
    assert body.count(b"x") == PIECES * len(ANSWER)


def test_who_does_not_take_the_answer_is_shown_out(connect: Connect, servers: Servers) -> None:
    connection = connect(b"GET /long HTTP/1.1\r\n\r\n" * 5)
    wait_until(lambda: servers.channels, every=0.01)
    wait_until(lambda: not servers.channels, within=5)
    assert len(everything(connection)) < 5 * len(ANSWER)


@pytest.mark.parametrize("cookie", [(), ("Cookie: a=b",)])
def test_a_long_body_is_refused_before_any_of_it_is_kept(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, cookie: tuple[str, ...]
) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *_: pytest.fail("written to the disk"))
    path = "/lists" if not cookie else "/other"
    connection = connect(post(path, "Content-Length: 399000000", *cookie))
    connection.sendall(b"x" * 3_000_000)
    assert everything(connection).startswith(b"HTTP/1.1 413")


def test_who_asks_first_whether_to_send_a_long_body_is_told_not_to(connect: Connect) -> None:
    asking = connect(post("/", "Content-Length: 399000000", "Expect: 100-continue"))
    assert everything(asking).startswith(b"HTTP/1.1 413")
    allowed = connect(post("/", "Content-Length: 4", "Expect: 100-continue"))
    assert allowed.recv(4096).startswith(b"HTTP/1.1 100")
    allowed.sendall(b"body")
    assert one_answer(allowed).endswith(b"read 4")


def test_a_body_in_chunks_is_refused_once_it_is_too_long(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *_: pytest.fail("written to the disk"))
    connection = connect(post("/", "Transfer-Encoding: chunked"))
    connection.sendall(b"2000\r\n" + b"x" * 8192 + b"\r\n2000\r\n" + b"x" * 8192)
    assert everything(connection).startswith(b"HTTP/1.1 413")


def test_a_body_as_long_as_it_may_be_is_taken(connect: Connect) -> None:
    allowed = {
        post("/", f"Content-Length: {LIMIT}"): LIMIT,
        post("/lists", "Content-Length: 4000000", "Cookie: a=b"): 4_000_000,
    }
    for header, length in allowed.items():
        connection = connect(header)
        connection.sendall(b"x" * length)
        assert everything(connection).endswith(b"read %d" % length)
    assert everything(connect(post("/", f"Content-Length: {LIMIT + 1}"))).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "words",
    [
        b"POST http://localhost/twilio/inbound HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://localhost:port/ HTTP/1.1\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\n\r\n",
        b"GET healthz HTTP/1.1\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\n\r\n",
        post("/", "Content-Length: 4", "Transfer-Encoding: chunked"),
        post("/", "Content-Length: 4", "Content-Length: 5"),
    ],
)
def test_what_no_browser_and_no_twilio_sends_is_not_understood(connect: Connect, words: bytes) -> None:
    assert everything(connect(words)).startswith(b"HTTP/1.1 400")


def test_when_all_places_are_taken_whoever_was_waited_for_longest_loses_theirs(
    connect: Connect, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "HEADER_WITHIN", 30)
    servers.places = 5
    slow = [connect(b"GET / HT") for _ in range(5)]
    time.sleep(0.2)
    quick = connect(b"GET / HTTP/1.1\r\n\r\n")
    assert one_answer(quick).endswith(b"read 0")
    assert everything(slow[0]) == b""
    slow[4].settimeout(0.2)
    with pytest.raises(TimeoutError):
        slow[4].recv(1)


def test_more_open_files_are_asked_for_than_connections_need() -> None:
    assert http_server._places() >= 500
    with closing(socket.socket()) as one_more:
        assert one_more.fileno() < http_server.CONNECTIONS + http_server.SPARE_FILES
