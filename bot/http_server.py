"""The one way in for strangers: waitress, with a deadline for everything a client can be slow at.

Waitress parses requests and writes answers. Which thread does what stands here: one thread waits for all connections,
and one of a few is given a connection when something has come. It takes in what is there without ever waiting for
more, answers if that completes a request, and gives the connection back; so a slow client costs a socket and no
thread, and a request passes from one thread to another once. What waitress lacks stands here too: a request must be
complete in time, an answer be taken in time, a body may be only as long as its route allows (refused before anything
of it is kept), and when all places are taken whoever has kept us waiting longest loses theirs, instead of whoever
comes next.
"""

import copy
import logging
import resource
import selectors
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

HEADER_WITHIN = 10.0
"""Seconds from the first byte of a request to the end of its header, and for a new connection to say anything."""
BODY_WITHIN = 20.0
"""Seconds from the first byte of a request to the end of its body, and for an answer to be taken, plus a second for
each `LEAST_RATE` bytes that have moved."""
LEAST_RATE = 4096
IDLE = 75.0
"""Seconds a connection may rest between two requests; proxies usually keep theirs for 60."""
LINGER = 3.0
"""Seconds for which what follows a refused header is thrown away, so that the client reads the refusal."""
THROWN_AWAY = 64 * 1024
"""Bytes of that at a time."""
CONNECTIONS = 2000
SPARE_FILES = 300
"""Open files that are left for the database, the threads and the log."""
LARGEST_HEADER = 32 * 1024
LARGEST_WITHOUT_LENGTH = 1024 * 1024
"""Bytes of a body that comes in chunks and does not say how long it is."""
KEPT_IN_MEMORY = 1024 * 1024 + 64 * 1024
"""Bytes of a body up to which it is not written to a temporary file: every form fits."""
ACCEPTED_AT_ONCE = 32
FIRST_OF_ALL = b"GET /healthz"
_TURN = 1.0

BodyLimit = Callable[[Mapping[str, str]], int]
"""How many bytes the body of a request may have, from what WSGI's environment says of its header."""

_log = structlog.get_logger("web")


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request as it comes in. It is refused at its header when it says that its body will be too long."""

    def __init__(self, limit: BodyLimit, adjustments: Any) -> None:
        super().__init__(adjustments)
        self.adj: Any = adjustments
        self._limit = limit

    def received(self, data: bytes) -> int:
        """Take in what came; nobody is told to go on with a body that is refused already."""
        consumed = int(super().received(data))
        if self.error is not None:
            self.expect_continue = False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header, and decide how long the body may be."""
        super().parse_header(header_plus)
        if not self.request_uri.startswith("/"):
            raise ParsingError("The address should begin with /.")
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length and Transfer-Encoding cannot both be given.")
        if self.body_rcv is not None:
            self._allow(self._limit(_environment(self)))

    def _allow(self, most: int) -> None:
        self.adj = copy.copy(self.adj)
        # Waitress refuses what is as long as this.
        self.adj.max_request_body_size = 1 + (min(most, LARGEST_WITHOUT_LENGTH) if self.chunked else most)


def _environment(request: HTTPRequestParser) -> dict[str, str]:
    headers = {f"HTTP_{name}": value for name, value in request.headers.items()}
    return headers | {"REQUEST_METHOD": request.command, "PATH_INFO": request.path}


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, which knows since when it has been waited for.

    It is either waited for, by the thread that waits for all, or in the hand of one that reads and answers.
    """

    def __init__(self, server: "Server", *more: Any, **options: Any) -> None:
        self.parser_class = partial(Parser, server.limit)
        self.rested = time.monotonic()
        self.began: float | None = None
        self.answering: float | None = None
        self.taken = self.asked = 0
        self.lingering: float | None = None
        self.refused = False
        self.in_hand = self._waited_for = False
        super().__init__(server, *more, **options)
        self._wait()

    def meet(self, events: int) -> None:
        """Something can be read or written: the thread that waits for all calls this."""
        self._wait_no_more()
        if events & selectors.EVENT_WRITE:
            self.handle_write()
        if self.in_hand or not (events & selectors.EVENT_READ or self._may_go_on()):
            self._wait()
        else:
            self.in_hand = True
            self.server.task_dispatcher.add_task(self)

    def service(self) -> None:
        """Read what has come, answer one request if it is complete, and let the connection be waited for again.

        Whoever has asked for more at once gets the next answer when this one is taken, after others who wait.
        """
        try:
            if not self.requests:
                self._read()
            if self._may_go_on():
                self._answer()
            if self.writable():
                self.handle_write()
        except BaseException:
            self.close_now()
            raise
        finally:
            if self._may_go_on():
                self.server.task_dispatcher.add_task(self)
            else:
                self.in_hand = False
                self._wait()

    def _may_go_on(self) -> bool:
        """Whether there is a request to answer, and all of the answer before has been taken."""
        return bool(self.requests and self.connected and not self.writable())

    def _answer(self) -> None:
        super().service()
        self.asked += 1
        self.rested = time.monotonic()
        self.began = self.rested if self.request else None  # the next one has begun to come

    def _read(self) -> None:
        try:
            # Closes at the end.
            data = self.recv(self.adj.recv_bytes if self.lingering is None else THROWN_AWAY)
        except BlockingIOError:
            return
        except OSError:
            self.handle_close()
            return
        if data and self.lingering is None:
            self.began = self.began or time.monotonic()
            self.received(data)

    def _wait(self) -> None:
        """Have it waited for: until its client takes more of an answer, or else says something."""
        with self.outbuf_lock:
            if not self.connected or self._waited_for or (self.in_hand and not self.total_outbufs_len):
                return
            self._waited_for = True
            events = selectors.EVENT_WRITE if self.total_outbufs_len else selectors.EVENT_READ
            self.server.poller.register(self._fileno, events, self.meet)

    def _wait_no_more(self) -> None:
        with self.outbuf_lock:
            if self._waited_for:
                self._waited_for = False
                self.server.poller.unregister(self._fileno)

    def del_channel(self, map: Any = None) -> None:
        """Forget it, before its number can be another's."""
        self._wait_no_more()
        super().del_channel(map)

    def _flush_outbufs_below_high_watermark(self) -> None:
        # The thread that answers waits in here for the client to take the most of what is there.
        if self.total_outbufs_len > self.adj.outbuf_high_watermark:
            self._wait()
        super()._flush_outbufs_below_high_watermark()

    def handle_write(self) -> None:
        """Send what can be sent, and close if that was the last."""
        with self.outbuf_lock:
            super().handle_write()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the client takes."""
        sent = int(super().send(data, do_close=do_close))
        self.taken += sent
        return sent

    def handle_close(self) -> None:
        """Close; after a refusal only once the client has had time to read it."""
        # Closed with something unread, the system would take the refusal back before the client has seen it.
        if self.lingering is None and self.refused and self.connected:
            self.lingering, self.will_close = time.monotonic(), False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_close()

    def error_task_class(self, channel: "Channel", request: HTTPRequestParser) -> Any:
        """The answer to a request that is refused before all of it has come."""
        self.refused = True
        return HTTPChannel.error_task_class(channel, request)

    def close_now(self) -> None:
        """Close without waiting for anything."""
        self.lingering = self.lingering or 0.0
        self.handle_close()

    def late(self, now: float) -> bool:
        """Whether this connection has kept us waiting for too long."""
        if self.lingering is not None:
            return now > self.lingering + LINGER
        if self.total_outbufs_len or self.will_close or self.close_when_flushed:
            return self._takes_too_long(now)
        self.answering = None
        return not self.in_hand and self._asks_too_long(now)

    def _takes_too_long(self, now: float) -> bool:
        if self.answering is None:
            self.answering, self.taken = now, 0
        return now > self.answering + BODY_WITHIN + self.taken / LEAST_RATE

    def _asks_too_long(self, now: float) -> bool:
        request = self.request
        if self.began is None or request is None:
            rests = self.asked and self.began is None
            return now > (self.began or self.rested) + (IDLE if rests else HEADER_WITHIN)
        if not request.headers_finished:
            return now > self.began + HEADER_WITHIN
        received: int = request.body_bytes_received
        return now > self.began + BODY_WITHIN + received / LEAST_RATE

    def waited_since(self) -> float:
        """Since when it has been waited for this client; never, while it is our turn."""
        if self.in_hand and self.answering is None:
            return float("inf")
        return self.lingering or self.answering or self.began or self.rested


class Server(TcpWSGIServer):  # type: ignore[misc]
    """A listening socket. Those of one process share a map of connections and the threads that answer them."""

    channel_class = Channel

    def __init__(self, application: Any, limit: BodyLimit, poller: selectors.BaseSelector, **options: Any) -> None:
        self.limit, self.poller = limit, poller
        super().__init__(application, **options)
        for found in (self, self.trigger):
            poller.register(found._fileno, selectors.EVENT_READ, partial(_listen, found))

    def del_channel(self, map: Any = None) -> None:
        """Take in nobody any more."""
        with suppress(KeyError, ValueError):  # it is forgotten already
            self.poller.unregister(self._fileno)
        super().del_channel(map)

    def add_task(self, task: Channel) -> None:
        """Whoever has read a request answers it: nobody else has to be told."""

    def pull_trigger(self) -> None:
        """A connection is waited for again as soon as it is out of hand: nobody has to be told."""

    def handle_accept(self) -> None:
        """Let in who waits at the door, several at a time."""
        for _ in range(ACCEPTED_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return


def _listen(found: wasyncore.dispatcher, _events: int) -> None:
    """Let in who is at the door, or take note of being woken."""
    wasyncore.read(found)


class Threads(ThreadedTaskDispatcher):  # type: ignore[misc]
    """The threads that make answers; whether we are alive is answered before anything that waits."""

    def add_task(self, task: Channel) -> None:
        """Put a connection in the queue."""
        super().add_task(task)
        if _asks_whether_we_live(task):
            with self.lock, suppress(ValueError):  # a thread has it already
                self.queue.remove(task)
                self.queue.appendleft(task)


def _asks_whether_we_live(channel: Channel) -> bool:
    with suppress(OSError):
        return bool(channel.socket.recv(len(FIRST_OF_ALL), socket.MSG_PEEK) == FIRST_OF_ALL)
    return False


class Servers:
    """Everything of one process that listens, and its connections."""

    def __init__(self, application: Any, limit: BodyLimit, adjustments: Adjustments, socks: Sequence[Any]) -> None:
        self.places = _places()
        self._next_look = 0.0
        self._map: dict[int, Any] = {}
        self._poller = selectors.DefaultSelector()
        self._threads = Threads()
        self._threads.set_thread_count(adjustments.threads)
        shared: dict[str, Any] = {
            "poller": self._poller,
            "map": self._map,
            "dispatcher": self._threads,
            "adj": adjustments,
        }
        for sock in socks:
            place = (sock.family, sock.type, sock.proto, sock.getsockname())
            Server(application, limit, _sock=sock, bind_socket=False, sockinfo=place, **shared)
        for place in () if socks else adjustments.listen:
            Server(application, limit, sockinfo=place, **shared)

    @property
    def channels(self) -> list[Channel]:
        """Every open connection."""
        return [found for found in self._map.values() if isinstance(found, Channel)]

    def turn(self) -> None:
        """Read and write where something can be, then show out who is late."""
        for key, events in self._poller.select(_TURN):
            key.data(events)
        now = time.monotonic()
        if now >= self._next_look or len(self._map) > self.places:
            self._next_look = now + _TURN
            self._look_round(now)

    def _look_round(self, now: float) -> None:
        for channel in self.channels:
            if channel.late(now):
                channel.close_now()
        patience = sorted(self.channels, key=Channel.waited_since)
        if len(patience) > self.places:
            _log.warning("places-taken", places=self.places)
        for channel in patience[: max(0, len(patience) - self.places)]:
            channel.close_now()

    def wake_up(self) -> None:
        """End a turn that waits for something to happen; may be called by a signal."""
        next(iter(self._listening())).trigger.pull_trigger()

    def run(self) -> None:
        """Serve until SystemExit or KeyboardInterrupt is raised here."""
        try:
            while self._map:
                self.turn()
        except (SystemExit, KeyboardInterrupt):
            self._threads.shutdown()

    def finish(self, within: float) -> None:
        """Take no new connections, end what is in hand, then close."""
        for server in self._listening():
            server.del_channel()
        until = time.monotonic() + within
        while time.monotonic() < until and any(found.in_hand or found.total_outbufs_len for found in self.channels):
            self.turn()
        self._threads.shutdown()
        self.close()

    def close(self) -> None:
        """Close everything."""
        wasyncore.close_all(self._map)
        self._poller.close()

    def _listening(self) -> list[Server]:
        return [found for found in self._map.values() if isinstance(found, Server)]


def _places() -> int:
    """How many connections may be open; each is a file to the system, of which it allows a process so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(100, min(CONNECTIONS, soft - SPARE_FILES))


def make_servers(application: Any, limit: BodyLimit, threads: int, socks: Sequence[Any] = (), **place: Any) -> Servers:
    """Listen at `host` and `port`, or on sockets that listen already."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it would say so of every short queue
    adjustments = Adjustments(
        threads=threads,
        connection_limit=100 * CONNECTIONS,  # counted by `Servers.places` instead
        max_request_header_size=LARGEST_HEADER,
        inbuf_overflow=KEPT_IN_MEMORY,
        channel_timeout=24 * 3600,
        cleanup_interval=24 * 3600,
        clear_untrusted_proxy_headers=False,
        log_socket_errors=False,
        **place,
    )
    return Servers(application, limit, adjustments, socks)
