"""One POST of an event: the name is resolved, what it stands for is checked, and just that is connected to.

Nothing of the environment is used (no proxy), no redirect is followed, and of the answer only its status is read. All
of it together takes 10 seconds at most, however slowly the other side speaks.
"""

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, cast

from bot.pharmacy.hooks.addresses import Target, may_connect

WITHIN = 10.0
"""Seconds from looking the name up to the status."""
MOST_ADDRESSES = 4
"""Of a name with more the rest is not tried."""
GONE = 410
"""The other side wants no more events, ever (Standard Webhooks)."""


class Fault(StrEnum):
    """Why an event did not arrive, by a code of ours."""

    BAD_ADDRESS = "bad-address"
    NO_SUCH_NAME = "no-such-name"
    INSIDE = "inside"
    NOT_REACHED = "not-reached"
    NO_TLS = "no-tls"
    TOO_SLOW = "too-slow"
    NO_HTTP = "no-http"
    REDIRECT = "redirect"
    STATUS = "status"
    UNREADABLE = "unreadable"
    GONE = "gone"
    ENDED = "ended"


@dataclass(frozen=True)
class Outcome:
    """What came of a POST: the status, where there was one, and why it does not count as delivered."""

    status: int | None = None
    fault: Fault | None = None


class NotSent(Exception):
    """It does not come to a POST."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


Resolve = Callable[[str, int], list[str]]
"""Gives the IP addresses of a name, for a port; raises OSError."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the machine resolves names. :raises OSError: it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def post(
    target: Target, body: bytes, headers: Mapping[str, str], *, own_machine: bool, look_up: Resolve = resolve
) -> Outcome:
    """Send one event. It raises nothing: what went wrong is the outcome.

    :param own_machine: this machine may be sent to: in demo and rehearsal.
    """
    until = time.monotonic() + WITHIN
    try:
        with closing(_connected(target, until, own_machine=own_machine, look_up=look_up)) as connection:
            return _of_status(_exchange(connection, target, body, headers, until))
    except NotSent as error:
        return Outcome(fault=error.fault)
    except TimeoutError:
        return Outcome(fault=Fault.TOO_SLOW)
    except ssl.SSLError:
        return Outcome(fault=Fault.NO_TLS)
    except HTTPException:
        return Outcome(fault=Fault.NO_HTTP)
    except OSError:
        return Outcome(fault=Fault.NOT_REACHED)


def _of_status(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(status)
    if status == GONE:
        return Outcome(status, Fault.GONE)
    return Outcome(status, Fault.REDIRECT if 300 <= status < 400 else Fault.STATUS)


def _connected(target: Target, until: float, *, own_machine: bool, look_up: Resolve) -> socket.socket:
    """A connection to one of the addresses that were checked; all of them have to be right.

    :raises NotSent: no such name, or one that stands for something inside.
    """
    addresses = _looked_up(target, until, look_up)
    if not all(may_connect(address, target, own_machine=own_machine) for address in addresses):
        raise NotSent(Fault.INSIDE)
    last: OSError | None = None
    for address in addresses[:MOST_ADDRESSES]:
        try:
            plain = socket.create_connection((address, target.port), timeout=_left(until))
        except OSError as error:
            last = error
        else:
            return _secured(plain, target, until)
    raise last or NotSent(Fault.NO_SUCH_NAME)


def _secured(plain: socket.socket, target: Target, until: float) -> socket.socket:
    """The same connection, for https with the certificate checked against the name that was entered."""
    if target.scheme != "https":
        return plain
    try:
        plain.settimeout(_left(until))
        return _tls().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _looked_up(target: Target, until: float, look_up: Resolve) -> list[str]:
    """The addresses of the name. Resolvers know no time limit, so the waiting for them has one."""
    found: list[str] = []

    def ask() -> None:
        try:
            found.extend(look_up(target.host, target.port))
        except (OSError, UnicodeError):
            return

    asking = threading.Thread(target=ask, name="webhook-name", daemon=True)
    asking.start()
    asking.join(_left(until))
    if asking.is_alive():
        raise TimeoutError
    if not found:
        raise NotSent(Fault.NO_SUCH_NAME)
    return found


def _exchange(connection: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], until: float) -> int:
    """Send the request on a connection that is there, and give the status of the answer; its body is left alone."""
    kind = HTTPSConnection if target.scheme == "https" else HTTPConnection
    request = kind(target.host, target.port)
    request.auto_open = 0  # it is this connection or none
    request.sock = cast(Any, _Hurried(connection, until))
    request.request("POST", target.path, body, dict(headers))
    return request.getresponse().status


class _Hurried:
    """A connection whose every step ends by a moment, however little comes at a time."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection = connection
        self._until = until

    def sendall(self, data: bytes) -> None:
        """Send it all, or raise TimeoutError."""
        self._connection.settimeout(_left(self._until))
        self._connection.sendall(data)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """What comes back."""
        return io.BufferedReader(_Arriving(self._connection, self._until))

    def close(self) -> None:
        """Whoever made the connection closes it."""


class _Arriving(io.RawIOBase):
    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection = connection
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._until))
        return self._connection.recv_into(buffer)


def _left(until: float) -> float:
    """Seconds until a moment. :raises TimeoutError: it is over."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
