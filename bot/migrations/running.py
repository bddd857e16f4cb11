"""Bring a schema to head: safe to run from several machines at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url

from bot.database import unpooled
from bot.refusals import Refused

MIGRATION_LOCK = 7_262_001
"""Number of the advisory lock that one migrating process holds on PostgreSQL."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade (or, for an older revision, downgrade) the database at `url`.

    :raises Refused: a newer version of the service wrote it.
    """
    with _one_at_a_time(url) as engine, engine.connect() as connection, _references_checked_after(connection):
        refuse_newer(connection)
        config = alembic_config(connection)
        if _is_behind(connection, revision):
            command.upgrade(config, revision)
        else:
            command.downgrade(config, revision)


@contextmanager
def _references_checked_after(connection: Connection) -> Iterator[None]:
    """SQLite cannot change a table to which others refer without making it anew; while it does, none may be checked.

    :raises RuntimeError: afterwards a row refers to one that is not there; it did so before, or a migration is wrong.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    # Said to the driver itself: within a transaction, which the engine would begin, SQLite does not hear it.
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    yield
    broken = driver.execute("PRAGMA foreign_key_check").fetchall()
    driver.execute("PRAGMA foreign_keys=ON")
    if broken:
        raise RuntimeError(f"after migrating, rows of {sorted({table for table, *_ in broken})} refer to nothing")


def _is_behind(connection: Connection, revision: str) -> bool:
    if revision == "head":
        return True
    script = ScriptDirectory.from_config(alembic_config())
    current = MigrationContext.configure(connection).get_current_revision()
    older = {step.revision for step in script.iterate_revisions(current, "base")} if current else set()
    return revision != "base" and revision not in older


def at_head(connection: Connection) -> bool:
    """Whether the schema is the one this code was written for."""
    heads = set(ScriptDirectory.from_config(alembic_config()).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) == heads


def refuse_newer(connection: Connection) -> None:
    """Keep away from a schema that this code does not know: what it would read or copy is not all there is.

    :raises Refused: a newer version of the service wrote it.
    """
    known = {step.revision for step in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if set(MigrationContext.configure(connection).get_current_heads()) - known:
        raise Refused(
            "newer-version",
            "A newer version of the service wrote this database. Run that version; or, to go back to this one, put a "
            "backup that this one made into an empty database.",
        )


@contextmanager
def _one_at_a_time(url: str) -> Iterator[Engine]:
    engine = unpooled(url)
    try:
        if engine.dialect.name == "postgresql":
            with engine.connect() as holder:
                holder.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
                yield engine
        else:
            with _file_lock(url):
                yield engine
    finally:
        engine.dispose()


@contextmanager
def _file_lock(url: str) -> Iterator[None]:
    name = make_url(url).database
    if not name:
        yield
        return
    with Path(f"{name}.migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
