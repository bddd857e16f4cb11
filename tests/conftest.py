"""Shared fixtures: a migrated database on SQLite or PostgreSQL, settings that reach no phone, and a fixed day."""

import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from sqlalchemy import event

from bot.accounts import passwords
from bot.capabilities import CAPABILITIES
from bot.capability import use
from bot.database import Database
from bot.lists.importing import look_through
from bot.migrations.running import migrate
from bot.settings import Settings
from tests.applications import keep_compiled_pages
from tests.forks import own_folder
from tests.postgres import PostgresServer, a_folder

WORKING_TUESDAY = "2026-11-24T09:00:00Z"
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WITH_PROCESSES = ("browser", "faults", "story", "surface")
THAT_WAIT = (*WITH_PROCESSES, "simulator")
POSTGRES_FOLDER = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()
FORKS_FOLDER = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()
EMPTY_EVERY_TABLE = """
DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'DELETE FROM ' || quote_ident(name);
  END LOOP;
  PERFORM setval(quote_ident(sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
"""Far quicker than TRUNCATE for a handful of rows; foreign keys and the seal of the audit trail look away."""

NewDatabase = Callable[[str], str]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql", "both"], default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[POSTGRES_FOLDER] = a_folder()
        config.stash[FORKS_FOLDER] = own_folder()
    keep_compiled_pages()
    use(CAPABILITIES)


def pytest_unconfigure(config: pytest.Config) -> None:
    for folder in (POSTGRES_FOLDER, FORKS_FOLDER):
        if folder in config.stash:
            config.stash[folder].cleanup()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """All processes of a parallel run share one PostgreSQL."""
    node.workerinput["postgres_folder"] = node.config.stash[POSTGRES_FOLDER].name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On both databases, every test that uses one runs on each; in a browser once is enough."""
    both = metafunc.config.getoption("--database") == "both" and _folder(metafunc.definition) != "browser"
    if both and "db" in metafunc.fixturenames:
        metafunc.parametrize("db", ["sqlite", "postgresql"], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL alone only the tests that use a database run; what waits begins first."""
    if config.getoption("--database") == "postgresql":
        uses = [item for item in items if "db" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in uses])
        items[:] = uses
    items.sort(key=lambda item: _folder(item) not in THAT_WAIT)


def pytest_collection_finish() -> None:
    """What has been imported stays: collecting garbage need not look through it again and again."""
    gc.freeze()


def _folder(item: pytest.Item) -> str:
    """The room of a test, or its file where it stands in none."""
    return item.path.relative_to(Path(__file__).parent).parts[0]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[PostgresServer]:
    """A PostgreSQL of our own, or that of TEST_DATABASE_URL (whose user has to be a superuser)."""
    shared = getattr(pytestconfig, "workerinput", {}).get("postgres_folder")
    folder = Path(shared or pytestconfig.stash[POSTGRES_FOLDER].name)
    with PostgresServer.start(os.environ.get("TEST_DATABASE_URL"), folder) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    url = postgres.new_database()
    migrate(url)
    return url


@pytest.fixture(scope="session")
def postgres_database(postgres: PostgresServer, postgres_template: str) -> Iterator[Database]:
    database = Database(postgres.new_database(copy_of=postgres_template))
    yield database
    database.dispose()


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> NewDatabase:
    """Make a migrated database of a kind for this test alone, and give its address."""

    def make(kind: str) -> str:
        if kind == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            return server.new_database(copy_of=request.getfixturevalue("postgres_template"))
        path = tmp_path / "service.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database."""
    if getattr(request, "param", request.config.getoption("--database")) == "postgresql":
        database: Database = request.getfixturevalue("postgres_database")
        yield database
        with database.engine.begin() as connection:
            connection.exec_driver_sql(EMPTY_EVERY_TABLE)
        return
    yield request.getfixturevalue("sqlite_database")()


@pytest.fixture(scope="session")
def sqlite_database(sqlite_template: Path) -> Iterator[Callable[[], Database]]:
    """Make the one SQLite database of this process empty again; its engine stays, with the statements it has built."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = Path(folder) / "test.db"
        database = Database(f"sqlite:///{path}")
        event.listen(database.engine, "connect", _without_an_order_of_its_own)

        def empty() -> Database:
            database.dispose()
            for left in path.parent.glob("test.db*"):
                left.unlink()
            shutil.copy(sqlite_template, path)
            return database

        yield empty
        database.dispose()


def _without_an_order_of_its_own(connection: sqlite3.Connection, _: object) -> None:
    """What is read without an order comes backwards, so that nothing rests on the order in which it was written."""
    connection.execute("PRAGMA reverse_unordered_selects = ON")


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing; processes of the service make them as they are meant to be."""
    monkeypatch.setattr(passwords, "_hasher", QUICK_HASHER)


@pytest.fixture(autouse=True)
def lists_are_read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An uploaded list is read in this process, by this clock, save in the tests of its own process."""
    if _folder(request.node) not in WITH_PROCESSES and "reader" not in request.node.path.name:
        monkeypatch.setattr("bot.lists.pages.look_apart", look_through)


@pytest.fixture(autouse=True)
def clock_on_the_wall(request: pytest.FixtureRequest) -> Iterator[None]:
    """It is the same Tuesday morning whenever tests run, save where processes of the service have their own clock."""
    if _folder(request.node) in WITH_PROCESSES:
        yield
        return
    with time_machine.travel(WORKING_TUESDAY):
        yield


@cache
def _settings() -> Settings:
    return Settings(database_url="sqlite:///unused.db", secret_key="test-secret-key-of-no-value-at-all")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Demo settings, with nothing taken from the machine's environment."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    return _settings().model_copy()  # what one test works out from them is of its own folder
