"""What a list says of people's cervical screening into the database: some hundreds at a time, never a query per row."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bot.rows import among, columns_of, upsert_many
from bot.tables.patients import CervicalScreening

SCREENING: Mapping[str, str] = {
    "cervical_status": "status",
    "cervical_deferred_until": "deferred_until",
    "cervical_declined_on": "declined_on",
}
"""What a person of a list is said to have, and the column that keeps it."""


def store_screening(session: Session, said: Mapping[int, Mapping[str, str | date | None]], now: datetime) -> set[int]:
    """Store what a list says of these people; gives those of whom it is new or has changed.

    A status that is said again is noted as said `now`, which is no change: from then on only a later visit tells more.
    Nothing is kept of whom nothing was ever said.

    :param said: by the person's row: the columns that the list has, null for a blank cell.
    """
    stored = _stored(session, said)
    rows, changed = [], set()
    for patient_id, values in said.items():
        present = stored.get(patient_id)
        before = {column: getattr(present, column, None) for column in SCREENING.values()}
        after = {**before, **values}
        if present is not None or any(after.values()):
            listed_at = present.listed_at if present and "status" not in values else now
            rows.append({"patient_id": patient_id, **after, "listed_at": listed_at})
        if after != before:
            changed.add(patient_id)
    upsert_many(session, CervicalScreening, rows)
    return changed


def _stored(session: Session, ids: Iterable[int]) -> dict[int, Any]:
    columns = columns_of(CervicalScreening)
    statement = select(*columns).where(among(session, col(CervicalScreening.patient_id), ids))
    return {row.patient_id: row for row in session.execute(statement)}
