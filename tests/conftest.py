"""Shared fixtures: a migrated database on SQLite or PostgreSQL, and settings that reach no phone."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.database import Database
from bot.migrations.running import migrate
from bot.settings import Settings
from tests.postgres import PostgresServer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only the tests that use a database are worth a second run."""
    if config.getoption("--database") == "sqlite":
        return
    uses = [item for item in items if "db" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=[item for item in items if item not in uses])
    items[:] = uses


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of our own (or TEST_DATABASE_URL's)."""
    with PostgresServer.start(os.environ.get("TEST_DATABASE_URL")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_database(postgres: PostgresServer) -> Iterator[Database]:
    url = postgres.new_database()
    migrate(url)
    database = Database(url)
    yield database
    database.dispose()


@pytest.fixture
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database."""
    if request.config.getoption("--database") == "postgresql":
        database: Database = request.getfixturevalue("postgres_database")
        yield database
        _empty(database)
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = Path(folder) / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        database = Database(f"sqlite:///{path}")
        yield database
        database.dispose()


def _empty(database: Database) -> None:
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    with database.engine.begin() as connection:
        names = [row[0] for row in connection.execute(text(tables))]
        connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Demo settings, with nothing taken from the machine's environment."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    return Settings(database_url=f"sqlite:///{tmp_path}/unused.db", secret_key="test-secret-key-of-no-value")
