"""The pages and webhooks under gunicorn, for more than one machine.

Gunicorn looks after the processes; what reads requests in each of them is the same server as under `serve`. Its own
worker with threads hands a thread to whoever connects, and twenty slow strangers then stop it.
"""

import os
import time
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker

from bot.http_server import BodyLimit, Servers, make_servers
from bot.settings import Settings, sealing_of

WORKERS, THREADS = 2, 8
SIGN_EVERY = 1.0
"""Seconds between two signs of life; gunicorn ends a process that has given none for 30."""


class ReadingFirst(Worker):  # type: ignore[misc]
    """A worker of gunicorn that gives a thread to a request once it has come to its end."""

    servers: Servers | None = None
    _next_sign = 0.0

    def run(self) -> None:
        """Serve until gunicorn says that it is enough, or is gone."""
        socks = [listener.sock for listener in self.sockets]
        servers = self.servers = make_servers(self.wsgi, self.app.body_limit(self.wsgi), self.cfg.threads, socks)
        while self.alive and self._is_wanted():
            servers.turn()
        servers.finish(self.cfg.graceful_timeout)

    def _is_wanted(self) -> bool:
        """Whether gunicorn is there; told once a second, and not at every turn, that this process is."""
        now = time.monotonic()
        if now < self._next_sign:
            return True
        self._next_sign = now + SIGN_EVERY
        self.notify()
        return bool(self.ppid == os.getppid())

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End what is in hand, and no more; it may come while the application is still being made."""
        super().handle_exit(sig, frame)
        if self.servers is not None:
            self.servers.wake_up()


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    """Gunicorn with settings of ours instead of a file; each worker makes its own application and engine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": [f"{self._settings.host}:{self._settings.port}"],
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": ReadingFirst,
            "control_socket_disable": True,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        from bot.app import create_app
        from bot.conversations.warming import warm_up
        from bot.database import Database
        from bot.logs import set_up_logging

        set_up_logging(self._settings)
        url, sealing = self._settings.database_url, sealing_of(self._settings)
        database = Database(url, pool_size=THREADS, sealing=sealing)
        app = create_app(self._settings, database)
        warm_up(database, self._settings)
        return app

    def body_limit(self, app: Flask) -> BodyLimit:
        """How long bodies may be, by route."""
        from bot.bodies import limit_by_header

        return limit_by_header(app)


def run_gunicorn(settings: Settings) -> None:
    """Serve until a signal ends it."""
    from bot.conversations.warming import load_word_lists

    load_word_lists()
    _Gunicorn(settings).run()
