"""One POST: to the address that was checked, over a safe connection, in ten seconds at most, and what it comes to."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.pharmacy.hooks import posting
from bot.pharmacy.hooks.addresses import Target, read_target
from bot.pharmacy.hooks.posting import Fault, Outcome, post
from tests.pharmacy.hooks.receiver import Receiver

NAME = "system.example.com"


def send(target: Target, *addresses: str, body: bytes = b"{}") -> Outcome:
    """To a name that stands for these addresses, by default for this machine."""
    found = list(addresses or ["127.0.0.1"])
    return post(target, body, {"x-note": "1"}, own_machine=True, look_up=lambda _host, _port: found)


def plain(receiver: Receiver, host: str = "localhost") -> Target:
    port = read_target(receiver.url, own_machine=True).port
    return Target("http", host, port, "/notices?a=b")


def test_it_goes_to_the_path_with_the_name_that_was_entered(receiver: Receiver) -> None:
    assert send(plain(receiver, NAME), body=b'{"a":1}') == Outcome(204)
    [heard] = receiver.heard
    assert (heard.path, heard.body, heard.headers["x-note"]) == ("/notices?a=b", '{"a":1}', "1")
    assert heard.headers["host"].startswith(f"{NAME}:")


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, None),
        (299, None),
        (301, Fault.REDIRECT),
        (307, Fault.REDIRECT),
        (304, Fault.REDIRECT),
        (400, Fault.STATUS),
        (404, Fault.STATUS),
        (410, Fault.GONE),
        (429, Fault.STATUS),
        (500, Fault.STATUS),
    ],
)
def test_the_status_decides(receiver: Receiver, status: int, fault: Fault | None) -> None:
    receiver.status = status
    assert send(plain(receiver)) == Outcome(status, fault)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with Receiver() as other:
        receiver.status, receiver.headers = 307, {"Location": other.url}
        assert send(plain(receiver)).fault == Fault.REDIRECT
        assert other.heard == []


def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(plain(receiver)) == Outcome(204)


def test_the_name_is_looked_up_once_and_that_address_is_connected_to(receiver: Receiver) -> None:
    """A name that stands for another machine the next time it is asked (DNS rebinding) changes nothing."""
    asked: list[str] = []

    def look_up(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    assert post(plain(receiver, NAME), b"{}", {}, own_machine=True, look_up=look_up) == Outcome(204)
    assert asked == [NAME]


def test_one_address_inside_among_others_and_nothing_goes(receiver: Receiver) -> None:
    assert send(plain(receiver), "127.0.0.1", "10.0.0.1") == Outcome(fault=Fault.INSIDE)
    assert receiver.heard == []


def test_of_several_addresses_the_first_that_is_reached_is_used(receiver: Receiver) -> None:
    assert send(plain(receiver), "127.0.0.2", "127.0.0.1") == Outcome(204)


@pytest.fixture
def deaf() -> Iterator[Target]:
    """A port at which connections wait for ever."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield Target("http", "localhost", server.getsockname()[1], "/")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "WITHIN", 0.3)


def test_a_name_that_is_not_found_is_said() -> None:
    def look_up(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    target = Target("https", NAME, 443, "/")
    assert post(target, b"{}", {}, own_machine=False, look_up=look_up) == Outcome(fault=Fault.NO_SUCH_NAME)


def test_nobody_there_is_said(deaf: Target) -> None:
    nobody = Target("http", "localhost", 1, "/")
    assert send(nobody) == Outcome(fault=Fault.NOT_REACHED)


@pytest.mark.usefixtures("hurried")
def test_a_name_that_takes_for_ever_is_not_waited_for() -> None:
    over = threading.Event()

    def look_up(_host: str, _port: int) -> list[str]:
        over.wait(5)
        return ["127.0.0.1"]

    began = time.monotonic()
    outcome = post(Target("http", "localhost", 80, "/"), b"{}", {}, own_machine=True, look_up=look_up)
    over.set()
    assert (outcome, time.monotonic() - began < 2) == (Outcome(fault=Fault.TOO_SLOW), True)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_whoever_never_answers_is_not_waited_for(deaf: Target, scheme: str) -> None:
    began = time.monotonic()
    silent = Target(scheme, deaf.host, deaf.port, "/")
    assert send(silent) == Outcome(fault=Fault.TOO_SLOW)
    assert time.monotonic() - began < 2


def serve_bytes(server: socket.socket, *pieces: bytes, pause: float = 0.05) -> None:
    """One connection, answered a piece at a time."""

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except OSError:
                    return
                time.sleep(pause)

    threading.Thread(target=answer, daemon=True).start()


@pytest.mark.usefixtures("hurried")
def test_whoever_answers_a_letter_at_a_time_is_cut_short() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        serve_bytes(server, *(bytes([letter]) for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200))
        began = time.monotonic()
        outcome = send(Target("http", "localhost", server.getsockname()[1], "/"))
    assert (outcome, time.monotonic() - began < 2) == (Outcome(fault=Fault.TOO_SLOW), True)


@pytest.mark.parametrize(
    "answer",
    [b"hello\r\n\r\n", b"HTTP/1.1 many OK\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, b"\x00" * 70000],
)
def test_what_is_no_http_is_said(answer: bytes) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        serve_bytes(server, answer, pause=0)
        outcome = send(Target("http", "localhost", server.getsockname()[1], "/"))
    assert outcome.fault in (Fault.NO_HTTP, Fault.NOT_REACHED)


def test_a_long_answer_is_not_read() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        serve_bytes(server, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", *[b"x" * 1000] * 100)
        began = time.monotonic()
        assert send(Target("http", "localhost", server.getsockname()[1], "/")) == Outcome(200)
    assert time.monotonic() - began < 2


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, list[str | None]]]:
    """A server with a certificate for `NAME`, trusted here; gives its port and the names it was asked for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=3650))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain_key = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain_key))
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(posting, "_tls", lambda: trusting)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=_answer_securely, args=(server, context), daemon=True).start()
        yield server.getsockname()[1], asked


def _answer_securely(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(connection, server_side=True) as safe:
                safe.recv(65536)
                safe.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except OSError:
            continue


def test_https_asks_for_the_name_that_was_entered_at_the_address_that_was_checked(
    secure: tuple[int, list[str | None]],
) -> None:
    port, asked = secure
    assert send(Target("https", NAME, port, "/")) == Outcome(204)
    assert asked == [NAME]


@pytest.mark.parametrize("host", ["other.example.com", "localhost", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(secure: tuple[int, list[str | None]], host: str) -> None:
    assert send(Target("https", host, secure[0], "/")) == Outcome(fault=Fault.NO_TLS)


def test_a_certificate_nobody_knows_is_refused(
    secure: tuple[int, list[str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "_tls", ssl.create_default_context)
    assert send(Target("https", NAME, secure[0], "/")) == Outcome(fault=Fault.NO_TLS)


def test_http_where_https_was_said_is_refused(receiver: Receiver) -> None:
    target = plain(receiver)
    outcome = send(Target("https", target.host, target.port, "/"))
    assert outcome.fault in (Fault.NO_TLS, Fault.NOT_REACHED)
    assert receiver.heard == []
