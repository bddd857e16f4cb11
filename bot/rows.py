"""Rows of the hot paths, without the unit of work: one statement each, built once a process.

A flush looks at everything a session holds and builds its statement anew, which takes Python several times as long
as the statement takes the database.
"""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Insert, Table, Update, bindparam, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

Row = TypeVar("Row", bound=SQLModel)


def insert_row(session: Session, row: Row) -> Row:
    """Insert a new row now; then it is one of the session's, as after a flush.

    :raises IntegrityError: it breaks a rule of its table.
    """
    _insert(session, row, None)
    return row


def insert_unless_known(session: Session, row: Row, unique: str) -> Row | None:
    """`insert_row`, or None when the value of that unique column is there already.

    Another connection that is about to commit the same value is waited for.

    :raises IntegrityError: it breaks any other rule of its table.
    """
    return row if _insert(session, row, unique) else None


def update_row(session: Session, row: SQLModel, **changes: Any) -> None:
    """Change a row that has an `id`, in the database and in the session."""
    session.flush()
    key = {"of_id": getattr(row, "id")}  # noqa: B009 - not every table has one
    session.connection().execute(_updating(_table(row), tuple(changes)), key | changes)
    for name, value in changes.items():
        set_committed_value(row, name, value)


def _insert(session: Session, row: SQLModel, unique: str | None) -> bool:
    session.flush()  # what this row may refer to
    table, connection = _table(row), session.connection()
    made = connection.execute(_inserting(table, connection.dialect.name, unique), _values(row, table))
    if unique and not made.rowcount:
        return False
    for column, value in zip(table.primary_key, made.inserted_primary_key or (), strict=True):
        setattr(row, column.name, value)
    make_transient_to_detached(row)
    session.add(row)
    return True


def _table(row: SQLModel) -> Table:
    table: Table = row.__table__  # type: ignore[attr-defined]
    return table


def _values(row: SQLModel, table: Table) -> dict[str, Any]:
    values = {column.name: getattr(row, column.name) for column in table.columns}
    return {name: value for name, value in values.items() if name != "id" or value is not None}


@cache
def _inserting(table: Table, dialect: str, unique: str | None) -> Insert:
    if unique is None:
        return plain_insert(table)
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    return insert(table).on_conflict_do_nothing(index_elements=[unique])


@cache
def _updating(table: Table, names: tuple[str, ...]) -> Update:
    return update(table).where(table.c.id == bindparam("of_id")).values({name: bindparam(name) for name in names})
