"""The pages and webhooks under gunicorn, for more than one machine."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from bot.settings import Settings

WORKERS, THREADS = 2, 8


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
            "worker_class": "gthread",
            "control_socket_disable": True,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        from bot.app import create_app
        from bot.conversations.rehearsal import rehearse
        from bot.database import Database
        from bot.logs import set_up_logging

        set_up_logging(self._settings)
        database = Database(self._settings.database_url, pool_size=THREADS)
        app = create_app(self._settings, database)
        rehearse(database, self._settings)
        return app


def run_gunicorn(settings: Settings) -> None:
    """Serve until a signal ends it."""
    from bot.conversations.rehearsal import load_word_lists

    load_word_lists()
    _Gunicorn(settings).run()
