"""The audit trail: rows that cannot be changed, in a chain that shows it when somebody managed to."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from bot.audit import CONSOLE, AuditEntry, AuditSeal, record
from bot.database import Database
from bot.migrations.running import migrate
from bot.operations.audit_check import verify_audit
from bot.tables.accounts import Role
from tests.factories import make_account, make_practice
from tests.world import World


def write_entries(db: Database, count: int) -> None:
    for number in range(count):
        with db.write() as session:
            record(session, CONSOLE, "tested", f"thing:{number}", counted=number, words=["a", "é"])


def behind_the_triggers(db: Database, statement: str) -> None:
    """What somebody with the keys of the database can do."""
    with db.engine.begin() as connection:
        if db.is_sqlite:
            for table in ("audit_entry", "audit_seal"):
                for deed in ("UPDATE", "DELETE"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_keeps_{deed}"))
            connection.execute(text(statement))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement))


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET {}", "DELETE FROM {}"])
def test_an_audit_row_can_neither_be_changed_nor_deleted(db: Database, table: str, deed: str) -> None:
    write_entries(db, 1)
    change = "actor = 'nobody'" if table == "audit_entry" else "entry_id = 99"
    with pytest.raises(DatabaseError, match="cannot be changed"), db.write() as session:
        session.execute(text(deed.format(table, change)))
    assert verify_audit(db).ok


def test_an_untouched_trail_is_as_it_was_written(db: Database) -> None:
    assert verify_audit(db).ok
    write_entries(db, 5)
    check = verify_audit(db)
    assert (check.rows, check.ok, check.first_bad) == (5, True, None)


def test_several_entries_of_one_transaction_are_all_sealed(db: Database) -> None:
    with db.write() as session:
        for number in range(3):
            record(session, CONSOLE, "tested", f"thing:{number}")
    check = verify_audit(db)
    assert (check.rows, check.ok) == (3, True)


def test_an_entry_of_a_transaction_that_failed_leaves_no_trace(db: Database) -> None:
    write_entries(db, 1)
    with pytest.raises(DatabaseError), db.write() as session:
        record(session, CONSOLE, "tested", "thing:1", practice_id=99)
    write_entries(db, 1)
    check = verify_audit(db)
    assert (check.rows, check.ok) == (2, True)


def test_an_entry_changed_behind_the_triggers_is_named(db: Database) -> None:
    write_entries(db, 5)
    behind_the_triggers(db, "UPDATE audit_entry SET actor = 'somebody-else' WHERE id = 3")
    assert verify_audit(db).first_bad == 3


def test_an_entry_taken_away_is_named(db: Database) -> None:
    write_entries(db, 5)
    behind_the_triggers(db, "DELETE FROM audit_entry WHERE id = 2")
    assert verify_audit(db).first_bad == 2


def test_an_entry_taken_away_with_its_seal_breaks_the_next_link(db: Database) -> None:
    write_entries(db, 5)
    behind_the_triggers(db, "DELETE FROM audit_entry WHERE id = 2")
    behind_the_triggers(db, "DELETE FROM audit_seal WHERE entry_id = 2")
    assert verify_audit(db).first_bad == 3


def test_an_entry_slipped_in_past_the_service_is_named(db: Database) -> None:
    write_entries(db, 2)
    with db.write() as session:
        copied = session.get_one(AuditEntry, 1).model_dump(exclude={"id"})
        session.add(AuditEntry(**copied))
    assert verify_audit(db).first_bad == 3


def test_a_trail_cut_off_at_its_end_is_seen_by_a_head_kept_elsewhere(db: Database) -> None:
    write_entries(db, 5)
    noted = verify_audit(db).head
    write_entries(db, 1)
    assert verify_audit(db, noted).ok
    behind_the_triggers(db, "DELETE FROM audit_entry WHERE id > 3")
    behind_the_triggers(db, "DELETE FROM audit_seal WHERE entry_id > 3")
    assert verify_audit(db).ok
    assert not verify_audit(db, noted).ok


def test_many_writers_at_once_make_one_chain(db: Database) -> None:
    practice = make_practice(db)
    account = make_account(db, Role.LEAD, practice=practice)
    faults: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(10):
                with db.write() as session:
                    session.get_one(type(account), account.id, with_for_update=True)
                    record(session, CONSOLE, "tested", "thing", practice_id=practice.id)
        except Exception as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not faults
    check = verify_audit(db)
    assert (check.rows, check.ok) == (60, True)
    with db.read() as session:
        assert session.exec(select(AuditSeal.number).order_by(col(AuditSeal.number))).all() == list(range(1, 61))


def test_a_trail_from_before_there_were_seals_is_sealed_by_the_migration(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    migrate(url, "0001")
    db = Database(url)
    with db.engine.begin() as connection:
        for number in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO audit_entry (at, actor, action, subject, detail) "
                    f"VALUES ('2026-11-0{number} 10:00:00.000000', 'console', 'tested', 'thing', '{{\"b\": 1}}')"
                )
            )
    migrate(url)
    check = verify_audit(db)
    assert (check.rows, check.ok) == (2, True)
    db.dispose()


def test_the_command_says_what_it_found(tmp_path: Path) -> None:
    world = World(tmp_path, f"sqlite:///{tmp_path}/audit.db")
    world.migrate()
    world.command("practices", "add", "HILL", "--name", "Hill Surgery")
    assert world.command("audit", "verify")["ok"] is True
    db = world.database
    with db.read() as session:
        first = session.exec(select(AuditEntry.id).order_by(col(AuditEntry.id))).first()
    behind_the_triggers(db, "UPDATE audit_entry SET action = 'nothing-happened'")
    told = world.command("audit", "verify", expect=1)
    assert (told["ok"], told["first_bad"]) == (False, first)
    db.dispose()
