"""A backup put back: every row is there, nothing is sent twice, and nobody gets in who was put out."""

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text

import bot.tables
from bot.accounts.accounts import end_all_sessions, invite_account, set_password
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.console import need_schema
from bot.database import Database
from bot.migrations.running import at_head, migrate
from bot.operations.audit_check import verify_audit
from bot.operations.backup import back_up
from bot.operations.restoring import restore
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import PasswordLink, Role, UserAccount
from bot.tables.messaging import Attempt, Heartbeat, Message, Outcome, State
from tests.conftest import NewDatabase
from tests.factories import make_account, make_partner, make_patient, make_practice, queue_staff_text, text_in
from tests.postgres import PostgresServer

TABLES = bot.tables.metadata.sorted_tables


@pytest.fixture(autouse=True)
def schema_at_hand(monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> None:
    """The file of a backup begins as a copy of a migrated one; processes migrate it (tests/faults)."""

    def copy_the_schema(url: str) -> None:
        shutil.copyfile(sqlite_template, make_url(url).database or "")

    monkeypatch.setattr("bot.operations.backup.migrate", copy_the_schema)


@pytest.fixture
def full(db: Database, settings: Settings) -> Database:
    """A database with something in most tables, a text waiting to go among it."""
    practice = make_practice(db)
    make_partner(db, practice)
    patient = make_patient(db, practice, surname="Łukasz ’ اردو")
    make_account(db, Role.LEAD, practice=practice)
    text_in(db, settings, patient.phone, "Chest pain")
    queue_staff_text(db, settings, practice, patient)
    invite_account(db, settings, "new@example.org", Role.LEAD, "STATION", CONSOLE)
    return db


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of either kind in which nothing was set up yet."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/elsewhere.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
    target = Database(url)
    yield target
    target.dispose()


@pytest.fixture
def beside(db: Database, new_database: NewDatabase) -> Iterator[Database]:
    """A migrated database of the same kind."""
    target = Database(new_database(db.engine.dialect.name))
    yield target
    target.dispose()


def counts(db: Database) -> dict[str, int]:
    with db.engine.connect() as connection:
        return {t.name: connection.execute(select(func.count()).select_from(t)).scalar() or 0 for t in TABLES}


def test_every_row_is_back_in_either_database(full: Database, elsewhere: Database, tmp_path: Path) -> None:
    before = counts(full)
    note, rows = back_up(full, tmp_path / "copy")
    assert rows == sum(before.values())
    assert note.database == full.engine.dialect.name
    restore(elsewhere, tmp_path / "copy", CONSOLE)
    after = counts(elsewhere)
    changed = {name: after[name] - before[name] for name in before if after[name] != before[name]}
    waiting = changed.pop("attempt")
    assert waiting >= 1
    assert changed == {"audit_entry": 1, "audit_seal": 1}
    assert verify_audit(elsewhere).ok
    with elsewhere.read() as session:
        assert "Łukasz ’ اردو" in session.execute(text("SELECT surname FROM patient")).scalars().all()


def test_a_restored_database_goes_on_counting(
    full: Database, beside: Database, settings: Settings, tmp_path: Path
) -> None:
    back_up(full, tmp_path / "copy")
    restore(beside, tmp_path / "copy", CONSOLE)
    practice = make_practice(beside, "NEW")
    make_patient(beside, practice)
    assert verify_audit(beside).ok


def test_what_waited_to_go_is_looked_up_before_it_goes(full: Database, beside: Database, tmp_path: Path) -> None:
    note, _ = back_up(full, tmp_path / "copy")
    done = restore(beside, tmp_path / "copy", CONSOLE)
    with beside.read() as session:
        waiting = session.execute(select(Message.state).where(Message.direction == "out")).scalars().all()
        attempts = session.execute(select(Attempt.outcome, Attempt.started_at, Attempt.look_up_at)).all()
    assert set(waiting) == {State.UNCERTAIN}
    assert done.uncertain == len(waiting) == len(attempts)
    assert {outcome for outcome, _, _ in attempts} == {Outcome.UNKNOWN}
    assert {started for _, started, _ in attempts} == {note.at}
    assert all(look_up <= utc_now() for _, _, look_up in attempts)


def test_sessions_ended_and_links_used_since_the_backup_do_not_work_again(
    full: Database, beside: Database, settings: Settings, tmp_path: Path
) -> None:
    link = invite_account(full, settings, "other@example.org", Role.LEAD, "STATION", CONSOLE)
    back_up(full, tmp_path / "copy")
    with full.read() as session:
        account = session.execute(select(UserAccount).where(UserAccount.email == "new@example.org")).scalar_one()
    for _ in range(3):
        end_all_sessions(full, account.id or 0)
    restore(beside, tmp_path / "copy", CONSOLE)
    with beside.read() as session:
        assert session.get_one(UserAccount, account.id).session_epoch > 3
        assert not session.execute(select(PasswordLink).where(PasswordLink.used_at.is_(None))).all()
    with pytest.raises(Refused, match="too old"):
        set_password(beside, settings, link.rsplit("/", 1)[1], "kettle anchor violet")


def test_a_database_that_holds_something_is_replaced_only_when_that_is_said(full: Database, tmp_path: Path) -> None:
    back_up(full, tmp_path / "copy")
    with pytest.raises(Refused) as refused:
        restore(full, tmp_path / "copy", CONSOLE)
    assert refused.value.code == "not-empty"
    make_practice(full, "LATER")
    restore(full, tmp_path / "copy", CONSOLE, force=True)
    assert counts(full)["practice"] == 1


def test_processes_at_work_on_postgresql_keep_a_restore_out(
    full: Database, new_database: NewDatabase, tmp_path: Path
) -> None:
    back_up(full, tmp_path / "copy")
    target = Database(new_database("postgresql"))
    with target.write() as session:
        session.add(Heartbeat(name="worker", at=utc_now() - timedelta(seconds=5)))
    with pytest.raises(Refused) as refused:
        restore(target, tmp_path / "copy", CONSOLE, force=True)
    assert refused.value.code == "at-work"
    target.dispose()


def test_a_backup_is_for_its_owners_eyes_and_never_overwrites(full: Database, tmp_path: Path) -> None:
    back_up(full, tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    with pytest.raises(Refused) as refused:
        back_up(full, tmp_path / "copy")
    assert refused.value.code == "file-exists"


@pytest.mark.parametrize("content", [b"", b"something else entirely, and not short either" * 100])
def test_what_is_no_backup_is_refused(db: Database, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "copy").write_bytes(content)
    with pytest.raises(Refused) as refused:
        restore(db, tmp_path / "copy", CONSOLE)
    assert refused.value.code == "no-backup"


def test_a_backup_of_an_older_version_is_brought_up_to_date(db: Database, tmp_path: Path) -> None:
    old = Database(f"sqlite:///{tmp_path}/old.db")
    migrate(old.url, "0001")
    with old.engine.begin() as connection:
        connection.execute(text("INSERT INTO heartbeat VALUES ('clock', '2026-11-01 10:00:00.000000')"))
    back_up(old, tmp_path / "copy")
    old.dispose()
    restore(db, tmp_path / "copy", CONSOLE)
    assert verify_audit(db).rows == 1


@pytest.fixture
def newer(elsewhere: Database) -> Database:
    """A database of either kind, as a later version of the service would leave it."""
    migrate(elsewhere.url)
    with elsewhere.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    return elsewhere


def test_a_newer_database_is_neither_copied_nor_migrated_nor_served(newer: Database, tmp_path: Path) -> None:
    deeds = (lambda: back_up(newer, tmp_path / "copy"), lambda: migrate(newer.url), lambda: need_schema(newer))
    for deed in deeds:
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "newer-version"
    assert list(tmp_path.glob("copy*")) == []


def test_a_backup_is_not_put_into_a_newer_database(full: Database, newer: Database, tmp_path: Path) -> None:
    back_up(full, tmp_path / "copy")
    with pytest.raises(Refused) as refused:
        restore(newer, tmp_path / "copy", CONSOLE, force=True)
    assert refused.value.code == "newer-version"


def test_a_backup_of_a_newer_version_is_not_put_back(elsewhere: Database, tmp_path: Path) -> None:
    source = Database(f"sqlite:///{tmp_path}/later.db")
    migrate(source.url)
    back_up(source, tmp_path / "copy")
    source.dispose()
    with closing(sqlite3.connect(tmp_path / "copy")) as copy, copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999_later'")
    with pytest.raises(Refused) as refused:
        restore(elsewhere, tmp_path / "copy", CONSOLE, trusted=True)
    assert refused.value.code == "newer-version"
    with elsewhere.engine.connect() as connection:
        assert at_head(connection)
