"""Which column is which, where a list does not say it in words we know: a person says it once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from bot.audit import Actor, record
from bot.database import Database
from bot.lists.judging.judging import meanings_of
from bot.lists.reading.columns import Field, Meanings, field_of, read_header, squash
from bot.lists.reading.table import Table
from bot.lists.waiting import held_list, may_begin, require_waiting
from bot.patients.cells import clean
from bot.refusals import Refused
from bot.tables.lists import ListHeading, ListImport, ListState

_EXAMPLES = 3
_SHOWN = 100  # letters of an example


@dataclass(frozen=True)
class Column:
    """A column of a list: its heading, what it is taken to hold, and the first things in it."""

    place: int
    heading: str
    field: Field | None
    examples: Sequence[str]


def columns_to_keep(table: Table) -> list[dict[str, Any]]:
    """The columns of a table, as a list keeps them for `columns_of`."""
    rows = [[clean(cell[:_SHOWN]) for cell in row.cells] for row in islice(table.rows(), _EXAMPLES)]
    return [
        {"place": place, "heading": heading, "examples": [row[place] for row in rows if place < len(row)]}
        for place, heading in enumerate(table.header.headings)
        if heading
    ]


def columns_of(db: Database, waiting: ListImport) -> list[Column]:
    """The columns of a list that waits and was opened.

    :raises Refused: it is no longer kept.
    """
    require_waiting(waiting)
    with db.read() as session:
        meanings = meanings_of(session, waiting.practice_id)
    return [Column(field=field_of(found["heading"], meanings), **found) for found in waiting.columns]


def save_column_meanings(db: Database, waiting: ListImport, meanings: Mapping[str, Field | None], actor: Actor) -> None:
    """Remember for the practice what these headings mean; the list is to be looked at anew.

    :param meanings: by heading, as the list writes it.
    :raises Refused: NHS Number or Date of Birth would be missing, or the list is no longer kept.
    """
    stated: Meanings = {squash(heading): field for heading, field in meanings.items() if squash(heading)}
    require_waiting(waiting)
    missing = read_header([found["heading"] for found in waiting.columns], stated).missing()
    if missing:
        names = " and ".join(field.value for field in missing)
        raise Refused("missing-column", f"Say which column is {names}. If there is none, export the list again.")
    practice_id = waiting.practice_id
    with db.write() as session:
        session.execute(
            delete(ListHeading).where(
                col(ListHeading.practice_id) == practice_id, col(ListHeading.heading).in_(list(stated))
            )
        )
        session.add_all(
            ListHeading(practice_id=practice_id, heading=heading, field=field.value if field else None)
            for heading, field in stated.items()
            if field is not field_of(heading)
        )
        found = held_list(session, waiting.id or 0)
        if not may_begin(found.state, ListState.READING):
            raise Refused("list-not-ready", "This list is being worked on. Open it to see where it stands.")
        found.state, found.tries = ListState.READING.value, 0
        record(session, actor, "columns-named", f"list:{waiting.id}", practice_id=practice_id)
