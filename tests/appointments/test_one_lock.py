"""Nothing but `claims` writes `claimed_time`, and every way in to a visit books by one verb: held against the code."""

import ast
from collections.abc import Iterator

import pytest

from tests.test_structure import of_the_service

TABLE = "ClaimedTime"
LOCK = "bot.appointments.joint.claims"
READS = {"select", "col", "exists", "select_from", "count"}
"""What may be done with the table elsewhere."""


def uses(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What is done with the table in a module, by the name of what is called with it, and in which line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = [*node.args, *(word.value for word in node.keywords)]
        if called == TABLE or any(isinstance(each, ast.Name) and each.id == TABLE for each in given):
            yield called, node.lineno


def says_the_table(tree: ast.AST) -> bool:
    """Whether SQL that is written out names the table."""
    return any(
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(f"{verb} claimed_time" in " ".join(node.value.lower().split()) for verb in ("into", "update", "from"))
        for node in ast.walk(tree)
    )


def writes(tree: ast.AST) -> list[tuple[str, int]]:
    return [use for use in uses(tree) if use[0] not in READS]


def test_nothing_but_the_lock_writes_claimed_time() -> None:
    others = {name: tree for name, tree in of_the_service().items() if not name.startswith(("bot.migrations", LOCK))}
    assert {name: found for name, tree in others.items() if (found := writes(tree))} == {}
    assert [name for name, tree in others.items() if says_the_table(tree)] == []


@pytest.mark.parametrize(
    "source",
    [
        "session.add(ClaimedTime(kind='clinician'))",
        "session.execute(delete(ClaimedTime))",
        "session.execute(update(ClaimedTime).values(held_until=None))",
        "insert_row(session, ClaimedTime, cell=1)",
        "insert_many(session, ClaimedTime, rows)",
        "insert(ClaimedTime)",
    ],
)
def test_each_of_these_ways_to_write_it_would_be_found(source: str) -> None:
    assert writes(ast.parse(source))


def test_sql_that_is_written_out_would_be_found() -> None:
    for source in ("'INSERT INTO claimed_time VALUES (1)'", "'update  claimed_time set cell = 1'"):
        assert says_the_table(ast.parse(source))


MAKES_VISITS = {"bot.appointments.joint.booking", "bot.appointments.reports.storing"}
"""Beside booking, the import of what another system booked; that claims what is free (`partly`)."""


def test_visits_are_made_in_one_place() -> None:
    made = {
        name
        for name, tree in of_the_service().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _makes_a_visit(node)
    }
    assert made <= MAKES_VISITS
    assert "bot.appointments.joint.booking" in made


def _makes_a_visit(node: ast.Call) -> bool:
    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
    rows = called in ("insert", "insert_row", "insert_many", "insert_unless_known")
    return called == "Visit" or (rows and any(isinstance(arg, ast.Name) and arg.id == "Visit" for arg in node.args))
