"""Serving the simulated network: a process of its own on this machine."""

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

from waitress import create_server, wasyncore

from bot.simulator.app import create_simulator
from bot.simulator.config import SimulatorConfig
from bot.simulator.network import Network

THREADS = 32
"""More than a sender has connections, as a simulated delay holds one each."""

PARENT_CHECK_SECONDS = 0.5
_PR_SET_PDEATHSIG = 1


class Simulator:
    """The network and its HTTP server, bound to its port when made; port 0 takes a free one.

    Raises `OSError` when the port is taken.
    """

    def __init__(self, config: SimulatorConfig) -> None:
        app = create_simulator(config)
        self.network: Network = app.extensions["network"]
        try:
            self._server: Any = create_server(
                app,
                host="127.0.0.1" if config.host == "localhost" else config.host,
                port=config.port,
                threads=THREADS,
                connection_limit=1000,
                ident="simulated phone network",
                clear_untrusted_proxy_headers=True,
            )
        except OSError:
            self.network.stop()
            raise
        host = self._server.effective_host
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self._server.effective_port}"

    def serve(self) -> None:
        """Serve until SystemExit or KeyboardInterrupt is raised here, or another thread calls `close`."""
        self.network.start()
        try:
            self._server.run()
        finally:
            self._server.task_dispatcher.shutdown()
            self._server.close()
            self.network.stop()

    def close(self) -> None:
        """End serving from another thread."""
        # A request that ends just now may pull the trigger first, and find it closed already: that is well.
        with suppress(OSError):
            self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))

    def start(self) -> threading.Thread:
        """Serve in a thread of this process."""
        thread = threading.Thread(target=self.serve, name="simulator", daemon=True)
        thread.start()
        return thread


def run(config: SimulatorConfig, end_with_parent: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, and with `end_with_parent` until the parent process is gone.

    To be called in the main thread. Raises `OSError` when the port is taken.
    """
    # Several hundred messages a second make a short queue now and then: no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    simulator = Simulator(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    if end_with_parent:
        _end_with_parent()
    simulator.serve()


def _end(number: int, frame: FrameType | None) -> NoReturn:
    # Waitress takes SystemExit as the wish to end in order; a second Ctrl-C must not break that off.
    for again in (signal.SIGTERM, signal.SIGINT):
        signal.signal(again, signal.SIG_IGN)
    raise SystemExit(0)


def _end_with_parent() -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    threading.Thread(target=_watch_parent, args=(parent,), name="parent-watch", daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
