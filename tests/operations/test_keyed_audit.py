"""The audit trail under a key, its head outside the database, and deeds that go round the triggers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from bot.audit import BEFORE_THE_FIRST, CONSOLE, AuditEntry, AuditSeal, chained_hash, record
from bot.database import Database
from bot.migrations.running import migrate
from bot.operations.audit_check import begin_head, verify_audit
from bot.operations.backup import back_up
from bot.operations.restoring import restore
from bot.sealing import Sealing
from bot.settings import Settings, sealing_of
from tests.operations.test_audit import behind_the_triggers, write_entries
from tests.world import World

KEY = "k" * 40


@pytest.fixture
def sealed(db: Database, tmp_path: Path) -> Iterator[Database]:
    """The database as a process of the service has it."""
    db.sealing = Sealing(KEY, folder=tmp_path / "var")
    yield db
    db.sealing = None


def compute_anew(db: Database, *, keep_key: bool) -> None:
    """Make every hash fit again, as somebody does who has the database and this code, but not the key."""
    with db.read() as session:
        pairs = session.exec(
            select(AuditSeal, AuditEntry)
            .join(AuditEntry, col(AuditEntry.id) == col(AuditSeal.entry_id))
            .order_by(col(AuditSeal.number))
        ).all()
    previous = BEFORE_THE_FIRST
    for number, (seal, entry) in enumerate(pairs, 1):
        previous = chained_hash(previous, entry) or ""
        key = f"'{seal.key}'" if keep_key and seal.key else "NULL"
        change = f"number = {number}, hash = '{previous}', key = {key}"
        behind_the_triggers(db, f"UPDATE audit_seal SET {change} WHERE number = {seal.number}")


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
def test_no_deed_of_sql_empties_or_replaces_the_trail(sealed: Database, table: str) -> None:
    write_entries(sealed, 2)
    rows = f"SELECT * FROM {table} WHERE {'id' if table == 'audit_entry' else 'number'} = 1"
    deeds = [f"TRUNCATE {table} CASCADE", "TRUNCATE audit_entry, audit_seal"]
    if sealed.is_sqlite:
        columns = "id, at, actor, action, subject, detail" if table == "audit_entry" else "number, entry_id, hash"
        values = "1, '2026-01-01 00:00:00.000000', 'x', 'x', 'x', '{}'" if table == "audit_entry" else "1, 1, 'x'"
        deeds = [
            f"INSERT OR REPLACE INTO {table} {rows}",
            f"REPLACE INTO {table} ({columns}) VALUES ({values})",
            f"UPDATE OR REPLACE {table} SET {columns.split(', ')[0]} = 2 WHERE {columns.split(', ')[0]} = 1",
            f"INSERT INTO {table} {rows.replace('WHERE', 'WHERE true AND')} "
            f"ON CONFLICT DO UPDATE SET {columns.split(', ')[2]} = 'x'",
        ]
        if table == "audit_seal":
            deeds.append("REPLACE INTO audit_seal (number, entry_id, hash) VALUES (99, 1, 'x')")
    for deed in deeds:
        with pytest.raises(DatabaseError, match="cannot be changed"), sealed.write() as session:
            session.execute(text(deed))
    assert verify_audit(sealed).ok


@pytest.mark.parametrize("keep_key", [True, False])
def test_a_chain_computed_anew_without_the_key_is_found(sealed: Database, keep_key: bool) -> None:
    write_entries(sealed, 5)
    behind_the_triggers(sealed, "UPDATE audit_entry SET actor = 'somebody-else' WHERE id = 2")
    compute_anew(sealed, keep_key=keep_key)
    check = verify_audit(sealed)
    assert not check.ok
    assert check.why in ("changed", "cut-off")


@pytest.mark.parametrize("left", [0, 1, 4])
def test_a_trail_cut_off_at_its_end_is_found_without_being_given_a_head(sealed: Database, left: int) -> None:
    write_entries(sealed, 5)
    behind_the_triggers(sealed, f"DELETE FROM audit_seal WHERE entry_id > {left}")
    behind_the_triggers(sealed, f"DELETE FROM audit_entry WHERE id > {left}")
    assert verify_audit(sealed).why == "cut-off"
    write_entries(sealed, 1)
    assert not verify_audit(sealed).ok


def test_a_head_that_is_gone_or_not_ours_is_found_and_stays_so(sealed: Database) -> None:
    assert sealed.sealing
    file = sealed.sealing.file
    assert file
    write_entries(sealed, 3)
    kept = file.read_bytes()
    emptied = [b""] if sealed.is_sqlite else []  # on PostgreSQL as good as none
    for forged in (*emptied, b"{}", kept.replace(b'"number": 3', b'"number": 1'), b"\xff" * 20):
        file.write_bytes(forged)
        assert verify_audit(sealed).why == "head-forged"
        write_entries(sealed, 1)
        assert verify_audit(sealed).why == "head-forged"
    file.unlink()
    write_entries(sealed, 1)
    if sealed.is_sqlite:
        assert verify_audit(sealed).why == "head-missing"
    else:  # another machine may have written it
        assert verify_audit(sealed).ok


def test_a_trail_of_an_older_version_goes_on_and_its_first_keyed_seal_covers_it(db: Database, tmp_path: Path) -> None:
    write_entries(db, 3)
    db.sealing = Sealing(KEY, folder=tmp_path)
    try:
        begin_head(db)
        assert verify_audit(db).ok
        write_entries(db, 2)
        check = verify_audit(db)
        assert (check.rows, check.ok) == (5, True)
        behind_the_triggers(db, "UPDATE audit_entry SET actor = 'x' WHERE id = 2")
        assert verify_audit(db).first_bad == 2
        compute_anew(db, keep_key=True)
        assert verify_audit(db).first_bad == 4
    finally:
        db.sealing = None


def test_an_entry_sealed_without_the_key_after_keyed_ones_is_found(sealed: Database) -> None:
    write_entries(sealed, 2)
    keys, sealed.sealing = sealed.sealing, None
    write_entries(sealed, 1)
    sealed.sealing = keys
    assert verify_audit(sealed).first_bad == 3


def test_seals_of_a_former_key_count_and_of_an_unknown_one_are_named(sealed: Database, tmp_path: Path) -> None:
    write_entries(sealed, 2)
    sealed.sealing = Sealing("another" * 8, (KEY,), tmp_path / "var")
    write_entries(sealed, 1)
    assert verify_audit(sealed).ok
    sealed.sealing = Sealing("another" * 8)
    check = verify_audit(sealed)
    assert (check.why, check.first_bad) == ("other-key", 1)


def test_the_key_is_that_of_opt_outs_unless_it_has_its_own(settings: Settings) -> None:
    opt_outs = settings.model_copy(update={"hash_key": "h" * 40})
    own = opt_outs.model_copy(update={"audit_key": "a" * 40})
    ids = [sealing_of(found).id for found in (settings, opt_outs, own)]
    assert len(set(ids)) == 3
    assert sealing_of(own).mac("x", ids[1]) == sealing_of(opt_outs).mac("x")


def test_a_commit_that_fails_writes_no_head(sealed: Database) -> None:
    write_entries(sealed, 1)
    with pytest.raises(DatabaseError), sealed.write() as session:
        record(session, CONSOLE, "tested", "thing", practice_id=99)
    assert verify_audit(sealed).ok


def test_a_head_that_cannot_be_written_holds_nobody_up(sealed: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sealed.sealing = Sealing(KEY, folder=tmp_path / "file")
    write_entries(sealed, 2)
    with sealed.read() as session:
        assert len(session.exec(select(AuditEntry)).all()) == 2


def test_a_restore_writes_a_marked_head(sealed: Database, tmp_path: Path) -> None:
    write_entries(sealed, 2)
    back_up(sealed, tmp_path / "backup.db")
    write_entries(sealed, 5)
    restore(sealed, tmp_path / "backup.db", CONSOLE, force=True)
    check = verify_audit(sealed)
    assert (check.rows, check.ok) == (3, True)
    assert check.restored
    assert sealed.sealing
    head = sealed.sealing.read_head()
    assert head
    assert (head.number, head.before) == (3, 7)
    write_entries(sealed, 1)
    assert verify_audit(sealed).restored == check.restored


def test_the_commands_keep_the_head_and_find_a_trail_cut_off(tmp_path: Path) -> None:
    world = World(tmp_path, f"sqlite:///{tmp_path}/var/audit.db")
    world.migrate()
    for code in ("HILL", "DALE"):
        world.command("practices", "add", code, "--name", "A Surgery")
    assert world.command("audit", "verify")["ok"] is True
    db = world.database
    for table, column in (("audit_seal", "entry_id"), ("audit_entry", "id")):
        behind_the_triggers(db, f"DELETE FROM {table} WHERE {column} = (SELECT max({column}) FROM {table})")
    db.dispose()
    told = world.command("audit", "verify", expect=1)
    assert (told["ok"], told["why"]) == (False, "cut-off")
    (tmp_path / "var" / "audit-head").unlink()
    world.migrate()
    assert world.command("audit", "verify", expect=1)["why"] == "head-missing"


def test_an_old_database_is_sealed_on_from_its_head(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/var/audit.db"
    (tmp_path / "var").mkdir()
    migrate(url, "0005")
    db = Database(url)
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entry (at, actor, action, subject, detail) "
                "VALUES ('2026-11-01 10:00:00.000000', 'console', 'tested', 'thing', '{}')"
            )
        )
        entry = connection.execute(text("SELECT id FROM audit_entry")).scalar()
    with db.read() as session:
        hash_ = chained_hash(BEFORE_THE_FIRST, session.get_one(AuditEntry, entry))
    with db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO audit_seal (number, entry_id, hash) VALUES (1, {entry}, '{hash_}')"))
    db.dispose()
    world = World(tmp_path, url)
    world.migrate()
    assert world.command("audit", "verify")["rows"] == 1
    world.command("practices", "add", "HILL", "--name", "A Surgery")
    told = world.command("audit", "verify")
    assert (told["ok"], told["rows"]) == (True, 2)
