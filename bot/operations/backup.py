"""A backup is one SQLite file with every row, whichever database the rows come from.

So a copy of PostgreSQL can be looked into anywhere, needs no tools of a certain version, and can be restored into
either database. SQLite is copied with its own online backup, PostgreSQL row by row in one snapshot.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.engine import make_url

import bot.tables
from bot.clock import utc_now
from bot.database import Database, unpooled
from bot.migrations.running import migrate, refuse_newer
from bot.operations.backup_seal import seal_of
from bot.refusals import Refused

ROWS_AT_A_TIME = 1000
NOTE = "backup_note"
"""The table of a backup that says what it is; no database of the service has it."""


@dataclass(frozen=True)
class BackupNote:
    """When a backup was begun (UTC), and from which kind of database. Later deeds are not in it.

    `seal` is the id of a key, and the keyed hash over all there is.
    """

    at: datetime
    database: str
    seal: tuple[str, str] | None = None

    @property
    def told(self) -> str:
        """What the seal covers besides the rows."""
        return f"{self.at.isoformat()} {self.database}"


def back_up(db: Database, path: Path) -> tuple[BackupNote, int]:
    """Write everything there is into a new file that only its owner may read; the service may go on meanwhile.

    Gives the note and how many rows there are.

    :raises Refused: the file is there already, or cannot be written; a newer version wrote the database.
    """
    with db.engine.connect() as connection:
        refuse_newer(connection)
    note = BackupNote(utc_now(), db.engine.dialect.name)
    _make_file(path)
    try:
        if db.is_sqlite:
            _copy_file(db, path)
        else:
            _copy_rows_out(db, path)
        if db.sealing:
            seal = seal_of(path, NOTE, note.told, db.sealing)
            note = replace(note, seal=(db.sealing.id, seal or ""))
        _write_note(path, note)
        return note, count_rows(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _make_file(path: Path) -> None:
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise Refused("file-exists", f"{path} is there already. Name a new file.") from None
    except OSError as error:
        raise Refused("cannot-write", f"{path} cannot be written ({error.strerror}). Name another place.") from None


def _copy_file(db: Database, path: Path) -> None:
    source = make_url(db.url).database or ""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _copy_rows_out(db: Database, path: Path) -> None:
    target = f"sqlite:///{path}"
    migrate(target)
    Path(f"{path}.migrating").unlink(missing_ok=True)
    with one_snapshot(db) as source, _bare_file(target) as copy:
        copy_rows(source, copy)


@contextmanager
def one_snapshot(db: Database) -> Iterator[Connection]:
    """A connection that sees the database as it is at one moment, however long it reads."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


@contextmanager
def _bare_file(url: str) -> Iterator[Connection]:
    """One transaction on a file of ours, without the checks that the source has passed already."""
    engine = unpooled(url)
    try:
        with engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            with connection.begin():
                yield connection
            connection.connection.driver_connection.execute("PRAGMA journal_mode=DELETE")  # type: ignore[union-attr]
    finally:
        engine.dispose()


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every table, each after those it refers to."""
    for table in bot.tables.metadata.sorted_tables:
        for rows in _pieces(source, table):
            target.execute(insert(table), rows)


def _pieces(source: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    """Rows in the order of their numbers: one that refers to another of its table comes after it."""
    statement = select(table).order_by(*table.primary_key.columns)
    result = source.execution_options(yield_per=ROWS_AT_A_TIME).execute(statement)
    for piece in result.mappings().partitions():
        yield [dict(row) for row in piece]


def _write_note(path: Path, note: BackupNote) -> None:
    with closing(sqlite3.connect(path)) as copy, copy:
        copy.execute(f"CREATE TABLE {NOTE} (at TEXT NOT NULL, source TEXT NOT NULL, key TEXT, seal TEXT)")
        values = (note.at.isoformat(), note.database, *(note.seal or (None, None)))
        copy.execute(f"INSERT INTO {NOTE} VALUES (?, ?, ?, ?)", values)  # noqa: S608


def read_note(path: Path) -> BackupNote:
    """What a backup says of itself.

    :raises Refused: there is no such file, or it is none of our backups.
    """
    if not path.is_file():
        raise Refused("no-file", f"There is no file {path}.")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            at, source, *seal = copy.execute(f"SELECT * FROM {NOTE}").fetchone()  # noqa: S608
            moment = datetime.fromisoformat(at)
    except (sqlite3.DatabaseError, TypeError, ValueError):
        raise Refused("no-backup", f"{path} is not a backup that `backup` has written to its end.") from None
    return BackupNote(moment, source, (seal[0], seal[1]) if all(seal) and len(seal) == 2 else None)


def count_rows(path: Path) -> int:
    """How many rows a backup has, the note aside."""
    engine = unpooled(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            there = {row[0] for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))}
            known = [table for table in bot.tables.metadata.sorted_tables if table.name in there]
            return sum(connection.execute(select(func.count()).select_from(table)).scalar() or 0 for table in known)
    finally:
        engine.dispose()
