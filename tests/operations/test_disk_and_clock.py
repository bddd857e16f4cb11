"""A disk that is full, a database that cannot be written to, and a clock that somebody sets."""

import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import func, select

from bot import console
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.heartbeats import say_alive
from bot.operations.audit_check import verify_audit
from bot.operations.readiness import LEAST_ROOM, why_not_ready
from bot.operations.restoring import refuse_while_at_work
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.messaging import Kind, Message
from jobs import clock
from tests.applications import application
from tests.factories import make_patient, make_practice, queue_staff_text, text_in
from tests.messaging.helpers import claim
from tests.operations.test_audit import write_entries


@contextmanager
def every_connection(db: Database, pragma: str, after: str) -> Iterator[None]:
    """A state of the disk, as SQLite meets it."""

    def prepare(connection: Any, _record: Any) -> None:
        connection.execute(pragma)

    db.dispose()
    event.listen(db.engine, "connect", prepare)
    try:
        yield
    finally:
        event.remove(db.engine, "connect", prepare)
        db.dispose()
        with db.engine.connect() as connection:
            connection.exec_driver_sql(after)


FULL = ("PRAGMA max_page_count=1", "PRAGMA max_page_count=1000000")
READ_ONLY = ("PRAGMA query_only=ON", "PRAGMA query_only=OFF")


@pytest.mark.parametrize("state", [FULL, READ_ONLY])
def test_pages_answer_texts_are_refused_and_nothing_is_half(
    db: Database, settings: Settings, state: tuple[str, str]
) -> None:
    if not db.is_sqlite:
        pytest.skip("PostgreSQL says so itself")
    practice = make_practice(db)
    client = application(settings, db).test_client()
    with every_connection(db, *state):
        assert client.get("/healthz").status_code == 200
        assert client.get("/sign-in").status_code == 200
        assert client.get("/readyz").status_code == 503
        with pytest.raises(OperationalError, match=r"full|readonly"):
            write_texts(db, settings)
    with db.read() as session:
        counted = dict(session.exec(select(Message.direction, func.count()).group_by(Message.direction)).all())
    assert verify_audit(db).ok
    text_in(db, settings, "+447700900222", "chest pain")
    write_entries(db, 1)
    with db.read() as session:
        assert session.exec(select(func.count()).where(Message.phone == "+447700900222")).one() == 2
    assert practice.id
    assert counted.get("out", 0) <= counted.get("in", 0)


def write_texts(db: Database, settings: Settings) -> None:
    for _ in range(500):  # until the room of the last page is used up
        text_in(db, settings, "+447700900111", "chest pain " * 100)


def test_a_disk_that_is_nearly_full_is_said_before_it_is(
    db: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/service.db"})
    usage = namedtuple("usage", "total used free")
    for free in (LEAST_ROOM - 1, LEAST_ROOM):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: usage(0, 0, free))
        said = [fault for fault in why_not_ready(db, ours) if "make room" in fault]
        assert len(said) == (free < LEAST_ROOM)


def test_a_command_says_that_there_is_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("unable to open database file"),
        OSError(28, "No space left on device", "a.csv"),
        OSError(30, "Read-only file system"),
    ):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as left:
            console.run(_Failing(error), console.Console(), [])
        assert left.value.code == 1


class _Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def main(self, *_words: Any, **_more: Any) -> None:
        raise self._error


@pytest.mark.parametrize("hours", [1, -1])
def test_texts_go_on_when_the_clock_is_set(db: Database, settings: Settings, hours: int) -> None:
    practice = make_practice(db)
    patient = make_patient(db, practice)
    began = utc_now()
    for _ in range(3):
        queue_staff_text(db, settings, practice, patient)
    assert len(claim(db, settings)) > 0
    with time_machine.travel(began + timedelta(hours=hours)):
        queue_staff_text(db, settings, practice, patient)
        sent = 0
        for _ in range(20):
            sent += len(claim(db, settings))
        assert sent >= 1


def test_danger_is_answered_again_after_the_clock_was_set_back(db: Database, settings: Settings) -> None:
    make_practice(db)
    began = utc_now()
    text_in(db, settings, "+447700900111", "chest pain")
    with time_machine.travel(began - timedelta(hours=1)):
        text_in(db, settings, "+447700900111", "chest pain again, I cannot breathe")
    with db.read() as session:
        assert session.exec(select(func.count()).where(Message.kind == Kind.EMERGENCY)).one() == 2


def test_a_part_that_died_does_not_look_alive_after_the_clock_was_set_back(db: Database, settings: Settings) -> None:
    say_alive(db, "worker")
    with time_machine.travel(utc_now() - timedelta(hours=1)):
        assert any("worker" in fault for fault in why_not_ready(db, settings))
        refuse_while_at_work(db)
    if not db.is_sqlite:
        with pytest.raises(Refused):
            refuse_while_at_work(db)


def test_jobs_run_at_once_when_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = [0.0]
    monkeypatch.setattr(clock.Wall, "_difference", lambda _self: ahead[0])
    wall, scheduler = clock.Wall(), _Scheduler()
    for moved, woken in ((1.0, 0), (-3600.0, 1), (-3600.0, 1), (3600.0, 2), (3602.0, 2)):
        ahead[0] = moved
        clock.wake_when_set(scheduler, wall)
        assert scheduler.woken == woken, moved


class _Scheduler:
    woken = 0

    def get_jobs(self) -> list["_Scheduler"]:
        return [self]

    def modify(self, **_changes: Any) -> None:
        self.woken += 1
