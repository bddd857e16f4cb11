"""Transactions: whole or not at all, one writer at a time on SQLite, times with their zone on both."""

import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from bot.clock import utc_now
from bot.database import Database, one_of
from bot.tables.messaging import Heartbeat, State
from bot.tables.organisations import Sender


def beats(db: Database) -> list[str]:
    with db.read() as session:
        return sorted(session.exec(select(Heartbeat.name)))


def test_a_transaction_is_kept_when_its_block_ends(db: Database) -> None:
    with db.write() as session:
        session.add(Heartbeat(name="a", at=utc_now()))
    assert beats(db) == ["a"]


def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    def fail() -> None:
        with db.write() as session:
            session.add(Heartbeat(name="a", at=utc_now()))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert beats(db) == []
    with db.write() as session:
        session.add(Heartbeat(name="b", at=utc_now()))
    assert beats(db) == ["b"]


def test_what_another_connection_crossed_is_done_once_more_and_whole(db: Database) -> None:
    tries: list[int] = []

    def crossed(session: Session) -> str:
        tries.append(len(tries))
        session.add(Heartbeat(name=f"try-{len(tries)}", at=utc_now()))
        session.flush()
        if len(tries) == 1:
            raise IntegrityError("INSERT", {}, LookupError())
        return "done"

    assert db.write_with_retry(crossed) == "done"
    assert beats(db) == ["try-2"]


def test_what_is_refused_twice_is_refused(db: Database) -> None:
    tries: list[int] = []

    def refused(session: Session) -> None:
        tries.append(len(tries))
        raise IntegrityError("INSERT", {}, LookupError())

    with pytest.raises(IntegrityError):
        db.write_with_retry(refused)
    assert len(tries) == 2


def test_a_verb_within_a_verb_is_a_fault_and_not_a_standstill(db: Database) -> None:
    with db.write(), pytest.raises(RuntimeError), db.write():
        pass
    with db.write():
        pass


def test_a_glance_sees_what_was_kept_and_the_connection_is_as_before(db: Database) -> None:
    with db.write() as session:
        session.add(Heartbeat(name="a", at=utc_now()))
    with db.glance() as session:
        assert [row.name for row in session.exec(select(Heartbeat))] == ["a"]
    with db.read() as session:
        session.add(Heartbeat(name="b", at=utc_now()))
        session.flush()
    assert beats(db) == ["a"]


def test_reading_while_another_writes_does_not_wait(db: Database) -> None:
    with db.write() as session:
        session.add(Heartbeat(name="a", at=utc_now()))
        session.flush()
        seen: list[list[str]] = []
        reader = threading.Thread(target=lambda: seen.append(beats(db)))
        reader.start()
        reader.join(5)
    assert seen == [[]]


def test_many_writers_take_their_turn_and_none_is_turned_away(db: Database) -> None:
    with db.write() as session:
        session.add(Sender(number="+441632960001", tokens=0, tokens_at=utc_now()))

    def add() -> None:
        for _ in range(5):
            with db.write() as session:
                sender = session.exec(select(Sender).with_for_update()).one()
                time.sleep(0.001)
                sender.tokens += 1

    writers = [threading.Thread(target=add) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with db.read() as session:
        assert session.exec(select(Sender.tokens)).one() == 30


def test_times_come_back_with_their_zone(db: Database) -> None:
    moment = datetime(2026, 11, 24, 10, 5, 0, 123456, tzinfo=UTC)
    with db.write() as session:
        session.add(Heartbeat(name="a", at=moment))
    with db.read() as session:
        found = session.exec(select(Heartbeat.at)).one()
    assert (found, found.utcoffset()) == (moment, moment.utcoffset())


def test_the_database_itself_refuses_what_must_not_be(db: Database) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(Sender(tokens_at=utc_now()))
    with pytest.raises(IntegrityError), db.write() as session:
        session.execute(
            text(
                "INSERT INTO practice (code, name, sender_id, demo, created_at) "
                "VALUES ('X', 'X', 99999, false, '2026-01-01')"
            )
        )


def test_sqlite_keeps_its_promises_on_power_loss(db: Database) -> None:
    if not db.is_sqlite:
        return
    with db.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_check_lists_every_value_of_an_enum() -> None:
    check = one_of("state", State)
    assert check.startswith("state IN ('queued', ")
    assert all(f"'{state}'" in check for state in State)


def test_what_went_wrong_in_the_database_shows_no_values(db: Database) -> None:
    def add() -> None:
        with db.write() as session:
            session.add(Heartbeat(name="+447700900123", at=utc_now()))

    add()
    with pytest.raises(IntegrityError) as refused:
        add()
    assert "hidden" in str(refused.value)
    assert "[parameters: " not in str(refused.value)


def test_a_connection_that_the_server_ended_while_it_rested_is_replaced(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.database.RESTED", 0)
    db = Database(postgres_database.url)
    with db.read() as session:
        mine = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with postgres_database.write() as other:
        other.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
    assert beats(db) == []
    db.dispose()
