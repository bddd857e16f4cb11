"""The schema goes up, down to nothing and up again on both databases, and says the same as the tables."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

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


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a statement gives, and what it changes stays."""
    engine = unpooled(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found


NOW = "'2026-11-24 09:00:00'"
BEFORE_MEMBERSHIPS = [
    f"INSERT INTO sender (id, number, tokens, tokens_at) VALUES (1, '+441632960001', 10, {NOW})",
    "INSERT INTO practice (id, code, name, sender_id, demo, created_at) VALUES "
    f"(1, 'STATION', 'Station Practice', 1, false, {NOW}), (2, 'CAB', 'Cable Street', 1, false, {NOW})",
    "INSERT INTO partner (id, code, name, places, demo, created_at) VALUES "
    f"(1, 'CAB', 'Citizens Advice', 30, false, {NOW}), (2, 'CAB-2', 'Another', 5, false, {NOW})",
    "INSERT INTO partner_practice (partner_id, practice_id) VALUES (1, 1)",
    "INSERT INTO user_account "
    "(id, email, name, role, practice_id, partner_id, session_epoch, active, demo, created_at) "
    f"VALUES (1, 'lead@x.org', '', 'lead', 2, NULL, 0, true, false, {NOW}), "
    f"(2, 'adviser@x.org', '', 'partner', NULL, 1, 0, true, false, {NOW}), "
    f"(3, 'admin@x.org', '', 'admin', NULL, NULL, 3, false, false, {NOW}), "
    f"(4, 'reader@x.org', '', 'reviewer', 1, NULL, 0, true, false, {NOW})",
    f"INSERT INTO password_link (user_id, token_hash, expires_at) VALUES (2, 'hash', {NOW})",
]


def test_accounts_keep_their_role_and_organisation_on_the_way_to_memberships_and_back(url: str) -> None:
    migrate(url, "0003")
    for statement in BEFORE_MEMBERSHIPS:
        rows(url, statement)
    accounts = "SELECT id, email, role, practice_id, partner_id, session_epoch FROM user_account ORDER BY id"
    before = rows(url, accounts)
    migrate(url)
    assert rows(url, "SELECT user_id, role, organisation FROM membership ORDER BY id") == [
        (1, "lead", "CAB"),
        (2, "partner", "CAB-3"),
        (3, "admin", None),
        (4, "reviewer", "STATION"),
    ]
    assert rows(url, "SELECT code, kind FROM organisation ORDER BY code") == [
        ("CAB", "practice"),
        ("CAB-2", "partner"),
        ("CAB-3", "partner"),
        ("STATION", "practice"),
    ]
    assert rows(url, "SELECT partner_id, practice_id FROM partner_practice") == [(1, 1)]
    rows(url, "INSERT INTO membership (id, user_id, role, organisation) VALUES (99, 1, 'practice', 'STATION')")
    newcomer = f"(5, 'new@x.org', '', 0, true, false, {NOW})"
    rows(url, f"INSERT INTO user_account (id, email, name, session_epoch, active, demo, created_at) VALUES {newcomer}")
    migrate(url, "0003")
    assert rows(url, accounts) == [*before, (5, "new@x.org", "interpreter", None, None, 0)]
    assert rows(url, "SELECT user_id, token_hash FROM password_link") == [(2, "hash")]
    migrate(url)
    assert rows(url, "SELECT organisation FROM membership WHERE user_id = 1") == [("CAB",)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO membership (user_id, role, organisation) VALUES (1, 'lead', 'CAB')",
        "INSERT INTO membership (user_id, role, organisation) VALUES (3, 'admin', NULL)",
        "INSERT INTO membership (user_id, role, organisation) VALUES (3, 'admin', 'CAB')",
        "INSERT INTO membership (user_id, role, organisation) VALUES (1, 'owner', 'CAB')",
        "INSERT INTO membership (user_id, role, organisation) VALUES (1, 'lead', 'NOWHERE')",
        "INSERT INTO organisation (code, kind) VALUES ('CAB', 'partner')",
        "DELETE FROM organisation WHERE code = 'CAB'",
        "UPDATE practice SET code = 'NOWHERE' WHERE id = 1",
        "DELETE FROM practice WHERE id = 1",
    ],
)
def test_the_database_itself_keeps_memberships_and_codes_right(url: str, statement: str) -> None:
    migrate(url, "0003")
    for row in BEFORE_MEMBERSHIPS:
        rows(url, row)
    migrate(url)
    with pytest.raises(IntegrityError):
        rows(url, statement)


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
