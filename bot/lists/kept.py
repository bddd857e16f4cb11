"""What was found in a list that waits: kept beside its file, in parts that are read one by one, and gone with it.

A list is judged once. Its pages show what was found then, and storing stores it.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.database import Database
from bot.lists.judging.grouping import ListedPeople, ListedPerson, listed_from_text
from bot.lists.judging.judged_rows import FLAGGED, JudgedRow, JudgedRows
from bot.lists.judging.verdicts import Verdict
from bot.lists.reading.table import Table
from bot.lists.rejects import write_rejected
from bot.rows import chunks
from bot.tables.lists import LIST_MOVES, ListImport, ListPart

ROWS_PER_PAGE = 100
PEOPLE_AT_A_TIME = 500
"""In a transaction that stores them."""
_PARTS_AT_A_TIME = 50
_PEOPLE, _REJECTS = "people", "rejects"


@dataclass(frozen=True)
class KeptPage:
    """Rows of one page, and whether another follows."""

    rows: list[JudgedRow]
    more: bool


def keep_people(db: Database, import_id: int, people: ListedPeople) -> None:
    """Keep everybody listed, until they are stored."""
    pieces = chunks(people.as_texts(), PEOPLE_AT_A_TIME)
    _keep(db, import_id, _PEOPLE, (json.dumps(piece).encode() for piece in pieces))


def keep_rows(db: Database, import_id: int, rows: JudgedRows) -> None:
    """Keep the rows as pages show them: all with something to look at, and those of each verdict."""
    for part in (FLAGGED, *Verdict):
        pages = chunks(rows.with_verdict(part), ROWS_PER_PAGE)
        _keep(db, import_id, str(part), (f"[{','.join(page)}]".encode() for page in pages))


def keep_rejects(db: Database, import_id: int, table: Table, rows: JudgedRows) -> None:
    """Keep the rejected rows as the spreadsheet in which they can be corrected."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as target,
        io.TextIOWrapper(target, "utf-8", newline="") as text,
    ):
        write_rejected(table, rows.rejections(), text)
    _write(db, [_part(import_id, _REJECTS, 0, packed.getvalue())])


def rejects_of(db: Database, import_id: int) -> Iterator[bytes]:
    """The spreadsheet of rejected rows, in pieces; none if there are no such rows."""
    for content in _read(db, import_id, _REJECTS, 0):
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as text:
            while piece := text.read(1 << 16):
                yield piece


def kept_people(db: Database, import_id: int) -> Iterator[list[ListedPerson]]:
    """Everybody listed, some hundreds at a time."""
    number = 0
    while found := _read(db, import_id, _PEOPLE, number):
        yield [listed_from_text(*texts) for texts in json.loads(zlib.decompress(found[0]))]
        number += 1


def kept_page(db: Database, import_id: int, verdict: Verdict | None, number: int) -> KeptPage:
    """A page of rows: those with that verdict, or else those with something to look at. The first is 1."""
    content, *following = _read(db, import_id, str(verdict or FLAGGED), number - 1, number) or [zlib.compress(b"[]")]
    rows = [JudgedRow.from_values(*values) for values in json.loads(zlib.decompress(content))]
    return KeptPage(rows, bool(following))


def erase_kept(session: Session, import_id: int) -> None:
    """Nothing that was found in a list is kept any longer."""
    session.connection().execute(delete(ListPart).where(col(ListPart.list_id) == import_id))


def erase_at_their_ends(session: Session) -> None:
    """The same for every list that is at its end."""
    ended = select(ListImport.id).where(col(ListImport.state).in_(LIST_MOVES.ends))
    session.connection().execute(delete(ListPart).where(col(ListPart.list_id).in_(ended)))


def _keep(db: Database, import_id: int, part: str, contents: Iterable[bytes]) -> None:
    packed = (_part(import_id, part, number, zlib.compress(text, 1)) for number, text in enumerate(contents))
    for piece in chunks(packed, _PARTS_AT_A_TIME):
        _write(db, piece)


def _part(import_id: int, part: str, number: int, content: bytes) -> dict[str, Any]:
    return {"list_id": import_id, "part": part, "number": number, "content": content}


def _write(db: Database, parts: list[dict[str, Any]]) -> None:
    with db.write() as session:
        session.connection().execute(ListPart.__table__.insert(), parts)  # type: ignore[attr-defined]


def _read(db: Database, import_id: int, part: str, *numbers: int) -> list[bytes]:
    statement = select(ListPart.content).where(
        ListPart.list_id == import_id, ListPart.part == part, col(ListPart.number).in_(numbers)
    )
    with db.read() as session:
        return list(session.exec(statement.order_by(col(ListPart.number))))
