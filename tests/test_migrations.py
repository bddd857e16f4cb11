"""The schema goes up, down to nothing and up again on both databases, and says the same as the tables."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import bot.tables
from bot.database import unpooled
from bot.migrations.running import alembic_config, at_head, migrate
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield server.new_database()


def tables(url: str) -> set[str]:
    engine = unpooled(url)
    with engine.connect() as connection:
        found = set(inspect(connection).get_table_names())
    engine.dispose()
    return found - {"alembic_version"}


def test_the_schema_goes_up_down_and_up_again(url: str) -> None:
    expected = set(bot.tables.metadata.tables)
    migrate(url)
    assert tables(url) == expected
    migrate(url, "base")
    assert tables(url) == set()
    migrate(url)
    migrate(url)
    assert tables(url) == expected


def test_every_step_goes_down_and_up_again_by_itself(url: str) -> None:
    steps = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    migrate(url)
    for step in steps:
        below = step.down_revision or "base"
        assert isinstance(below, str), "the migrations are one line"
        migrate(url, below)
        migrate(url, step.revision)
        migrate(url, below)
    assert tables(url) == set()


def test_the_schema_is_what_the_tables_say(url: str) -> None:
    migrate(url)
    engine = unpooled(url)
    with engine.connect() as connection:
        command.check(alembic_config(connection))
        assert at_head(connection)
    engine.dispose()


def test_an_empty_database_is_not_at_head(url: str) -> None:
    engine = unpooled(url)
    with engine.connect() as connection:
        assert not at_head(connection)
    engine.dispose()


def test_the_migrations_are_one_line() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert len(script.get_heads()) == len(script.get_bases()) == 1


def test_two_machines_may_migrate_at_the_same_time(url: str) -> None:
    faults: list[BaseException] = []

    def work() -> None:
        try:
            migrate(url)
        except BaseException as fault:
            faults.append(fault)

    machines = [threading.Thread(target=work) for _ in range(2)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()
    assert faults == []
    assert tables(url) == set(bot.tables.metadata.tables)
