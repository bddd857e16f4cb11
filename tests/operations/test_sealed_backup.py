"""A backup that was changed, damaged, or that nobody can vouch for is not put back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.audit import CONSOLE
from bot.database import Database
from bot.operations.backup import NOTE, back_up
from bot.operations.restoring import restore
from bot.refusals import Refused
from bot.sealing import Sealing
from tests.factories import make_patient, make_practice
from tests.operations.test_audit import write_entries

TAMPERED = [
    "UPDATE patient SET phone = '+447700900999'",
    "DELETE FROM patient",
    "INSERT INTO partner (code, name, places, demo, created_at) VALUES ('X', 'X', 1, 0, '2026-01-01 00:00:00.000000')",
    "CREATE TRIGGER t AFTER INSERT ON audit_entry BEGIN DELETE FROM patient; END",
    "CREATE VIEW v AS SELECT 1",
    "DROP TRIGGER audit_entry_keeps_DELETE",
    "UPDATE alembic_version SET version_num = '0005'",
    f"UPDATE {NOTE} SET at = '2020-01-01T00:00:00+00:00'",
    f"UPDATE {NOTE} SET source = 'postgresql '",
    f"UPDATE {NOTE} SET seal = 'x'",
]


@pytest.fixture
def sealed(db: Database, tmp_path: Path) -> Iterator[Database]:
    db.sealing = Sealing("k" * 40, folder=tmp_path / "var")
    make_patient(db, make_practice(db))
    write_entries(db, 2)
    yield db
    db.sealing = None


@pytest.fixture
def backup(sealed: Database, tmp_path: Path) -> Path:
    back_up(sealed, tmp_path / "backup.db")
    return tmp_path / "backup.db"


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as copy, copy:
        copy.execute(statement)


def refusal(db: Database, path: Path, *, trusted: bool = False) -> str:
    with pytest.raises(Refused) as refused:
        restore(db, path, CONSOLE, force=True, trusted=trusted)
    return refused.value.code


def test_a_backup_as_it_was_written_is_put_back(sealed: Database, backup: Path) -> None:
    assert restore(sealed, backup, CONSOLE, force=True).rows > 0


@pytest.mark.parametrize("statement", TAMPERED)
def test_a_backup_that_was_changed_is_refused(sealed: Database, backup: Path, statement: str) -> None:
    change(backup, statement)
    for trusted in (False, True):
        assert refusal(sealed, backup, trusted=trusted) == "changed-backup"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (f"UPDATE {NOTE} SET seal = NULL", "unsealed-backup"),
        (f"UPDATE {NOTE} SET key = 'unknown'", "other-key"),
    ],
)
def test_a_backup_whose_seal_cannot_be_checked_needs_somebody_who_knows_it(
    sealed: Database, backup: Path, statement: str, code: str
) -> None:
    change(backup, statement)
    assert refusal(sealed, backup) == code
    assert restore(sealed, backup, CONSOLE, force=True, trusted=True).rows > 0


@pytest.mark.parametrize("where", [100, 4096, -40_000])
def test_a_backup_that_is_damaged_is_refused(sealed: Database, backup: Path, where: int) -> None:
    content = bytearray(backup.read_bytes())
    content[where : where + 20_000] = b"\xff" * 20_000
    backup.write_bytes(content)
    assert refusal(sealed, backup) in ("no-backup", "damaged-backup", "changed-backup")


def test_half_a_backup_is_refused(sealed: Database, backup: Path) -> None:
    content = backup.read_bytes()
    for part in (0, 50, len(content) // 2, len(content) - 4096):
        backup.write_bytes(content[:part])
        assert refusal(sealed, backup) in ("no-backup", "damaged-backup", "changed-backup")
