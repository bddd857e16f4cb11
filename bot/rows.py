"""Rows of the hot paths, without the unit of work: one statement each, built once a process, or one for many.

A flush looks at everything a session holds and builds its statement anew, which takes Python several times as long
as the statement takes the database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Delete,
    Insert,
    Table,
    Update,
    any_,
    bindparam,
    func,
    literal,
    select,
    update,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, class_mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.database import Database

Row = TypeVar("Row", bound=SQLModel)
Item = TypeVar("Item")

CHUNK = 1000
"""Rows at a time: few enough for the bound variables of SQLite, enough to make queries count for little."""


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Pieces of at most `size`."""
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        yield piece


def insert_row(session: Session, table: type[Row], **values: Any) -> Row:
    """Insert a row now; then it is one of the session's, as if it had been read. What is not given has its default.

    :raises IntegrityError: it breaks a rule of its table.
    """
    return _insert(session, table, values, None)  # type: ignore[return-value]


def insert_unless_known(session: Session, table: type[Row], unique: str, **values: Any) -> Row | None:
    """`insert_row`, or None when the value of that unique column is there already.

    Another connection that is about to commit the same value is waited for.

    :raises IntegrityError: it breaks any other rule of its table.
    """
    return _insert(session, table, values, unique)


def update_row(session: Session, row: SQLModel, **changes: Any) -> None:
    """Change a row that has an `id`, in the database and in the session."""
    session.flush()
    key = {"of_id": getattr(row, "id")}  # noqa: B009 - not every table has one
    session.connection().execute(_updating(_table(type(row)), tuple(changes)), key | changes)
    for name, value in changes.items():
        set_committed_value(row, name, value)


def insert_many(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, with all that has no default in the database.

    PostgreSQL, which takes single rows one by one, gets them by COPY, and SQLite past the statements of SQLAlchemy.
    """
    if not rows:
        return
    session.flush()
    connection = session.connection()
    dialect, names = connection.dialect, tuple(rows[0])
    columns = ", ".join(dialect.identifier_preparer.quote(name) for name in names)
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.__tablename__} ({columns}) VALUES ({marks})"  # noqa: S608 - our own names
        kept = (_as_kept(_table(table).c[name], dialect, [row[name] for row in rows]) for name in names)
        connection.exec_driver_sql(statement, list(zip(*kept, strict=True)))
        return
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {table.__tablename__} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def _as_kept(column: Column[Any], dialect: Dialect, values: Sequence[Any]) -> Iterable[Any]:
    """Values of a column as they are written to SQLite; a moment is so once, however many rows have it."""
    written: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if written is None:
        return values
    return map(cache(written) if isinstance(column.type, UTCDateTime) else written, values)


def upsert_many(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns; a row whose primary key is there already is changed to these."""
    if not rows:
        return
    session.flush()
    connection = session.connection()
    connection.execute(_upserting(_table(table), connection.dialect.name, tuple(rows[0])), rows)


def among(session: Session, column: Mapped[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column has one of many values.

    PostgreSQL plans a long IN list as if it met every row, and walks it for each: it gets the values as a table.
    """
    wanted = list(values)
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(wanted)
    return column.in_(select(func.unnest(literal(wanted, ARRAY(column.type)))))  # type: ignore[attr-defined]


def one_of_given(column: Mapped[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """Whether a column has one of a few values that a statement, built once, is given under that name.

    PostgreSQL gets them as an array, SQLite as JSON: the statement is then the same however many there are, and stays
    prepared.
    """
    if dialect == "sqlite":
        values = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
        return column.in_(select(values.c.value))
    return column == any_(bindparam(name, type_=ARRAY(column.type)))  # type: ignore[attr-defined]


def columns_of(*tables: type[SQLModel]) -> tuple[Column[Any], ...]:
    """All columns of these tables, for a SELECT whose rows `objects_of` takes apart."""
    return tuple(column for table in tables for column in _table(table).columns)


def objects_of(session: Session, values: Sequence[Any], *tables: type[SQLModel]) -> tuple[Any, ...]:
    """The rows that the values of `columns_of` the same tables make; None where an outer join found none.

    A row that the session has already is given as it stands there, as in any query.
    """
    found, start = [], 0
    for table in tables:
        names = _names(table)
        found.append(_object(session, table, dict(zip(names, values[start : start + len(names)], strict=True))))
        start += len(names)
    return tuple(found)


def _object(session: Session, table: type[Row], values: dict[str, Any]) -> Row | None:
    mapper = class_mapper(table)
    key = tuple(values[column.name] for column in mapper.primary_key)
    if None in key:
        return None
    known: Row | None = session.identity_map.get(mapper.identity_key_from_primary_key(key))
    if known is not None:
        return known
    row = mapper.class_manager.new_instance()
    row.__dict__.update(values)
    make_transient_to_detached(row)
    session.add(row)
    return row


def _insert(session: Session, table: type[Row], values: dict[str, Any], unique: str | None) -> Row | None:
    session.flush()  # what this row may refer to
    connection = session.connection()
    complete = _defaults(table) | values
    key = connection.execute(_inserting(_table(table), connection.dialect.name, unique), complete).first()
    return None if key is None else _object(session, table, {**complete, **key._mapping})


def _table(table: type[SQLModel]) -> Table:
    found: Table = table.__table__  # type: ignore[attr-defined]
    return found


@cache
def _names(table: type[SQLModel]) -> tuple[str, ...]:
    return tuple(column.name for column in _table(table).columns)


def _defaults(table: type[SQLModel]) -> dict[str, Any]:
    """What each column holds that is not given, made anew for each row; the database numbers the row itself."""
    scalars, made = _kinds_of_defaults(table)
    return scalars | {name: make(None) for name, make in made.items()}


@cache
def _kinds_of_defaults(table: type[SQLModel]) -> tuple[dict[str, Any], dict[str, Callable[[Any], Any]]]:
    """Defaults that are a value, and those that a function makes (a `default_factory` such as `dict`)."""
    scalars: dict[str, Any] = {}
    made: dict[str, Callable[[Any], Any]] = {}
    for column in (column for column in _table(table).columns if not column.primary_key):
        default: Any = column.default
        if default is not None and default.is_callable:
            made[column.name] = default.arg
        else:
            scalars[column.name] = None if default is None else default.arg
    return scalars, made


@cache
def _inserting(table: Table, dialect: str, unique: str | None) -> ReturningInsert[Any]:
    """Gives the primary key of the row, or no row when that unique value is there already."""
    if unique is None:
        return plain_insert(table).returning(*table.primary_key)
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    return insert(table).on_conflict_do_nothing(index_elements=[unique]).returning(*table.primary_key)


@cache
def _upserting(table: Table, dialect: str, names: tuple[str, ...]) -> Insert:
    insert = sqlite_insert(table) if dialect == "sqlite" else postgresql_insert(table)
    key = [column.name for column in table.primary_key]
    changes = {name: insert.excluded[name] for name in names if name not in key}
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return insert.values(values).on_conflict_do_update(index_elements=key, set_=changes)


@cache
def _updating(table: Table, names: tuple[str, ...]) -> Update:
    return update(table).where(table.c.id == bindparam("of_id")).values({name: bindparam(name) for name in names})


def delete_in_pieces(db: Database, statement: Delete) -> int:
    """Run a statement that takes away at most `CHUNK` rows until it finds none; gives how many."""
    total = 0
    while True:
        with db.write() as session:
            result = session.execute(statement.execution_options(synchronize_session=False))
        total += (gone := int(result.rowcount))  # type: ignore[attr-defined]
        if gone < CHUNK:
            return total
