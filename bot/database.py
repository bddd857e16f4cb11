"""Engine and sessions for SQLite and PostgreSQL: reads are cheap, every write is one short transaction."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, StaticPool
from sqlmodel import Session, SQLModel, create_engine

from bot.private_files import FOLDER
from bot.sealing import Sealing

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

Result = TypeVar("Result")

SEALING = "audit-sealing"
"""Where a session keeps the key of its database's audit trail."""

LARGEST_ID = 2**31 - 1
"""PostgreSQL's INTEGER: no row has a larger number."""

RESTED = 1.0
"""Seconds after which a connection to PostgreSQL is asked whether it is still there before it is used again."""


def one_of(column: str, values: type[Any]) -> str:
    """The SQL of a CHECK that a column holds one of an enum's values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Database:
    """One engine. `read()` and `write()` hand out sessions; a verb uses one `write()` from start to end.

    SQLite writers take `BEGIN IMMEDIATE` behind one lock of the process, so that none of them starves while
    another polls (the busy handler is unfair).

    :param sealing: the key under which entries of the audit trail are sealed; without one their seals are plain.
    """

    def __init__(self, url: str, *, pool_size: int = 20, sealing: Sealing | None = None) -> None:
        self.url = url
        self.sealing = sealing
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url, pool_size)
        self._writing_engine = self.engine.execution_options(writing=True)
        self._glancing_engine = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._write_lock = threading.Lock()
        self._writer = threading.local()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing is committed."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """A session for one short statement: PostgreSQL answers it without the begin and the end of a transaction."""
        with Session(self._glancing_engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed when the block ends, rolled back when it raises.

        :raises RuntimeError: inside another `write()` of this thread; a verb does not call a verb.
        """
        if getattr(self._writer, "busy", False):
            raise RuntimeError("a verb is one transaction: write() inside write()")
        self._writer.busy = True
        try:
            if not self.is_sqlite:
                yield from self._transaction()
                return
            with self._write_lock:
                yield from self._transaction()
        finally:
            self._writer.busy = False

    def _transaction(self) -> Iterator[Session]:
        with Session(self._writing_engine, expire_on_commit=False) as session, session.begin():
            session.info[SEALING] = self.sealing
            yield session

    def write_with_retry(self, verb: Callable[[Session], Result]) -> Result:
        """One `write()` in which `verb` runs, and once more if another connection came between.

        That is a unique value which somebody else stored at that moment, or a deadlock: after it the way is free.
        """
        try:
            return self._written(verb)
        except (IntegrityError, OperationalError):
            return self._written(verb)

    def _written(self, verb: Callable[[Session], Result]) -> Result:
        with self.write() as session:
            return verb(session)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _postgres_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(url, pool_size=pool_size, max_overflow=10, hide_parameters=True)
    event.listen(engine, "checkin", _note_last_use)
    event.listen(engine, "checkout", partial(_ask_after_a_rest, engine))
    return engine


def _note_last_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["last_used"] = time.monotonic()


def _ask_after_a_rest(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Asking before each use (`pool_pre_ping`) would cost every short transaction one more answer from the server."""
    if time.monotonic() - record.info.get("last_used", time.monotonic()) < RESTED:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _sqlite_engine(url: str) -> Engine:
    name = make_url(url).database
    options: dict[str, Any] = {"connect_args": {"timeout": 30, "check_same_thread": False}}
    if not name or name == ":memory:":
        options["poolclass"] = StaticPool
    else:
        Path(name).parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def unpooled(url: str) -> Engine:
    """An engine for one short command such as a migration."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(url, poolclass=NullPool)
