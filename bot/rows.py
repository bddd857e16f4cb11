"""Rows of the hot paths, without the unit of work: one statement each, built once a process, or one for many.

A flush looks at everything a session holds and builds its statement anew, which takes Python several times as long
as the statement takes the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, Update, bindparam, func, literal, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningInsert
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


def insert_many(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns: with COPY on PostgreSQL, which takes single rows one by one."""
    if not rows:
        return
    session.flush()
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(plain_insert(table), rows)
        return
    names = tuple(rows[0])
    columns = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in names)
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {table.__tablename__} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def among(session: Session, column: Mapped[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column has one of many values.

    PostgreSQL plans a long IN list as if it met every row, and walks it for each: it gets the values as a table.
    """
    wanted = list(values)
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(wanted)
    return column.in_(select(func.unnest(literal(wanted, ARRAY(column.type)))))  # type: ignore[attr-defined]


def _insert(session: Session, row: SQLModel, unique: str | None) -> bool:
    session.flush()  # what this row may refer to
    table, connection = _table(row), session.connection()
    statement = _inserting(table, connection.dialect.name, unique)
    key = connection.execute(statement, _values(row, table)).first()
    if key is None:
        return False
    for name, value in key._mapping.items():
        setattr(row, name, value)
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
def _inserting(table: Table, dialect: str, unique: str | None) -> ReturningInsert[Any]:
    """Gives the primary key of the row, or no row when that unique value is there already."""
    if unique is None:
        return plain_insert(table).returning(*table.primary_key)
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    return insert(table).on_conflict_do_nothing(index_elements=[unique]).returning(*table.primary_key)


@cache
def _updating(table: Table, names: tuple[str, ...]) -> Update:
    return update(table).where(table.c.id == bindparam("of_id")).values({name: bindparam(name) for name in names})
