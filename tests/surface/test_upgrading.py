"""The operating guide's "Upgrade", typed as it is written: to a newer version, and back to the older one."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.database import Database
from tests.forks import shared_forks
from tests.postgres import PostgresServer
from tests.surface.console import Console
from tests.surface.terminal import Shell, blocks_of, filled
from tests.surface.test_settings import LIVE
from tests.world import World

RESTORED = "postgresql+psycopg://easy:PASSWORD@localhost/easy_before"


@pytest.fixture
def console(postgres: PostgresServer, tmp_path: Path) -> Iterator[Console]:
    """A rehearsal with a practice in it, and the address of its database in `.env`."""
    world = World(tmp_path, postgres.new_database(), LIVE)
    address = world.environment.pop("DATABASE_URL")
    (tmp_path / ".env").write_text(f"DATABASE_URL={address}\n")
    console = Console(world, shared_forks())
    assert console.run("migrate").status == 0
    console.ask("practices", "add", "BEFORE", "--name", "Green Practice")
    world.start_phones()
    yield console
    world.stop()


@pytest.fixture
def shell(console: Console) -> Iterator[Shell]:
    beside = str(Path(sys.executable).parent)
    environment = console.world.environment
    shell = Shell(console.world.folder, environment | {"PATH": f"{beside}:{environment['PATH']}"})
    yield shell
    shell.close()


@pytest.fixture
def table(postgres: PostgresServer, console: Console) -> dict[str, str]:
    """In the place of systemd a process of this shell; the code is that of today, before and after."""
    return {
        "sudo systemctl stop easy-to-reach.target": "kill $(jobs -p) 2>/dev/null || true; wait",
        "sudo systemctl start easy-to-reach.target": "python -m bot serve &",
        "git checkout NEW_VERSION": "true",
        "git checkout OLD_VERSION": "true",
        "make install": "true",
        "http://127.0.0.1:8000": console.world.url,
        RESTORED: postgres.new_database(),
    }


def address_of(console: Console) -> str:
    return (console.world.folder / ".env").read_text().strip().removeprefix("DATABASE_URL=")


def codes(console: Console) -> list[str]:
    return [practice["code"] for practice in console.lines("practices", "list")]


def test_to_a_newer_version_and_back(console: Console, shell: Shell, table: dict[str, str]) -> None:
    there, back = blocks_of("docs/operating.md", "Upgrade")
    assert [placeholder for placeholder in table if placeholder not in there + back] == []

    assert "ready" in shell.type(filled(there, table))
    console.ask("practices", "add", "AFTER", "--name", "Blue Practice")
    with Database(address_of(console)).engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_later'")
    assert console.refusal("backup", "later.db") == "newer-version"

    shell.type(filled(back, table))
    assert codes(console) == ["BEFORE"]
    assert "Twilio could not be asked" not in shell.said
    shell.type(filled(there.splitlines()[-1], table))
    assert requests.get(f"{console.world.url}/readyz", timeout=10).status_code == 200
    assert console.ask("audit", "verify")["ok"]
    assert "Traceback" not in shell.said
