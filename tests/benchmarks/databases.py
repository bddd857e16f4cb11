"""Databases to measure on: real files on a real disk, and a real PostgreSQL, as a practice would have them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.database import Database
from bot.migrations.running import migrate
from bot.settings import Settings
from tests.postgres import PostgresServer

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


@dataclass(frozen=True)
class Databases:
    """Makes migrated, empty databases; all of them go when the run ends."""

    folder: Path
    server: PostgresServer

    def new(self, kind: str) -> str:
        """The address of a fresh one."""
        if kind == SQLITE:
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".db") as unused:
                url = f"sqlite:///{unused.name}"
        else:
            url = self.server.new_database()
        migrate(url)
        return url


@contextmanager
def databases() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="easy-bench-") as folder, PostgresServer.start() as server:
        yield Databases(Path(folder), server)


def settings_for(url: str, **changes: object) -> Settings:
    """Demo settings on this database, with nothing taken from a file."""
    values: dict[str, object] = {"database_url": url, "secret_key": "a-key-for-benchmarks-of-no-value"}
    return Settings(_env_file=None, **(values | changes))  # type: ignore[arg-type, call-arg]


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()
