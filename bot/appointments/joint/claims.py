"""The one lock on anybody's time: five minutes of a clinician, an interpreter or a person, or a seat, have one owner.

Nothing else writes `claimed_time`. Whoever claims gets all they want or is told that it is taken: no check before
it is needed, and none would do. Keys are claimed in order, so that two who want the same wait and never deadlock.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import TextClause, and_, bindparam, delete, not_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, SQLModel, col

from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.rows import CHUNK, among, chunks, delete_in_pieces
from bot.settings import Settings
from bot.tables.appointments import ClaimedTime, Offer, OfferState, Slot, Visit, Whose
from bot.tables.interpreters import InterpreterDay

CELL = 300
"""Seconds of a cell; each slot is some of them long."""
KEPT = timedelta(weeks=2)
Wanted = tuple[Whose, int, datetime, datetime]
"""Whose time, which of them, from when, until when (UTC)."""
Key = tuple[str, int, int]


class TakenError(Refused):
    """Somebody else has that time, or a part of it. The transaction holds a part: it must not be committed."""

    def __init__(self) -> None:
        super().__init__("taken", "Somebody else has just been given that time. Choose another time.")


def cells(starts: datetime, ends: datetime) -> range:
    """The cells that a time touches, counted since 1970 in UTC."""
    return range(int(starts.timestamp()) // CELL, -int(-ends.timestamp() // CELL))


def claim_time(
    session: Session,
    wanted: Sequence[Wanted],
    *,
    now: datetime,
    visit_id: int | None = None,
    offer_id: int | None = None,
    held_until: datetime | None = None,
    patient_id: int | None = None,
    partly: bool = False,
) -> list[Key]:
    """Claim all of these times for a visit, or for an offer until `held_until`; gives their keys.

    A hold that has run out is nobody's any more. What the visit itself has, and what is held for the same person,
    is in nobody's way: it passes over.

    :param patient_id: the person for whom it is.
    :param partly: take what is free and leave the rest to its owners, for a visit that another system has made.
    :raises TakenError: a part of it is taken; roll back.
    """
    keys = sorted({(str(kind), whose, cell) for kind, whose, start, end in wanted for cell in cells(start, end)})
    got = _claim(session, keys, now, visit_id, offer_id, held_until, patient_id)
    if got < len(keys) and not partly:
        raise TakenError
    return keys


def claim_for_visits(session: Session, wanted: Sequence[tuple[int, Wanted]], *, now: datetime) -> None:
    """Claim for many visits that another system has made what is free of their time; the rest stays its owners'.

    :param wanted: the id of each visit with what it takes; where two of them overlap, the first has it.
    """
    owners: dict[Key, int] = {}
    for visit_id, (kind, whose, start, end) in wanted:
        for cell in cells(start, end):
            owners.setdefault((str(kind), whose, cell), visit_id)
    rows = [
        {"kind": kind, "whose": whose, "cell": cell, "visit_id": owners[kind, whose, cell]}
        for kind, whose, cell in sorted(owners)
    ]
    session.flush()
    connection = session.connection()
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    for piece in chunks(rows):
        theirs = among(session, col(ClaimedTime.whose), {row["whose"] for row in piece})
        connection.execute(delete(ClaimedTime).where(theirs, col(ClaimedTime.held_until) <= now))
        connection.execute(insert(ClaimedTime).on_conflict_do_nothing(), piece)


def claim_place(
    session: Session,
    slot_id: int,
    places: int,
    *,
    now: datetime,
    visit_id: int | None = None,
    offer_id: int | None = None,
    held_until: datetime | None = None,
    patient_id: int | None = None,
) -> Key:
    """Claim the first free seat of an event; gives its key.

    :param places: how many seats there are; they are numbered from 1.
    :raises TakenError: none is left.
    """
    taken = _seats_taken(session, slot_id, now, patient_id)
    for seat in (seat for seat in range(1, places + 1) if seat not in taken):
        key = (str(Whose.PLACE), slot_id, seat)
        if _claim(session, [key], now, visit_id, offer_id, held_until, patient_id):
            return key
    raise TakenError


def _seats_taken(session: Session, slot_id: int, now: datetime, patient_id: int | None) -> set[int]:
    """Not those that are held for the same person."""
    theirs = select(col(Offer.id)).where(col(Offer.patient_id) == patient_id)
    held = (col(ClaimedTime.held_until) > now) & col(ClaimedTime.offer_id).not_in(theirs)
    seats = select(col(ClaimedTime.cell)).where(
        col(ClaimedTime.kind) == Whose.PLACE,
        col(ClaimedTime.whose) == slot_id,
        col(ClaimedTime.held_until).is_(None) | held,
    )
    return set(session.scalars(seats))


def release_time(
    session: Session,
    *,
    visit_ids: Collection[int] = (),
    offer_ids: Collection[int] = (),
    kept: Iterable[Key] = (),
    only: Whose | None = None,
) -> None:
    """Give back what these visits and offers have, at once: whoever looks next finds it.

    What a visit had taken over of a time held for the same person is held for them again.

    :param kept: what of it stays claimed.
    :param only: give back the time of these alone, such as that of the interpreter.
    """
    session.flush()
    kept_ranges = _ranges(kept)
    freed = _free(session, col(ClaimedTime.visit_id), visit_ids, kept_ranges, only)
    if freed:
        _hold_again(session, visit_ids, freed)
    _free(session, col(ClaimedTime.offer_id), offer_ids, kept_ranges, only)


def _free(
    session: Session, column: Any, ids: Collection[int], kept: list[tuple[str, int, list[int]]], only: Whose | None
) -> set[Key]:
    """Free what these have, but for what is kept; gives the keys."""
    if not ids:
        return set()
    statement = delete(ClaimedTime).where(column.in_(ids))
    statement = statement.where(col(ClaimedTime.kind) == only) if only else statement
    for kind, whose, cell_range in kept:
        among = col(ClaimedTime.cell).between(cell_range[0], cell_range[-1])
        of_that = and_(col(ClaimedTime.kind) == kind, col(ClaimedTime.whose) == whose, among)
        statement = statement.where(not_(of_that))
    freed = statement.returning(col(ClaimedTime.kind), col(ClaimedTime.whose), col(ClaimedTime.cell))
    return {(str(kind), whose, cell) for kind, whose, cell in session.connection().execute(freed)}


def _hold_again(session: Session, visit_ids: Collection[int], freed: set[Key]) -> None:
    """Hold for the people of these visits what of their freed time is offered to them."""
    theirs = select(col(Visit.patient_id)).where(col(Visit.id).in_(visit_ids))
    held = (
        col(Offer.patient_id).in_(theirs) & (col(Offer.state) == OfferState.HELD) & col(Offer.held_until).is_not(None)
    )
    offers = session.scalars(select(Offer).where(held)).all()
    seats = _seats_by_event(session, freed)
    seated = _seated(session, offers) if seats else set()
    for offer in offers:
        owners = ((Whose.CLINICIAN, offer.clinician_id), (Whose.INTERPRETER, offer.interpreter_id))
        time = {(str(kind), whose, cell) for kind, whose in owners if whose for cell in cells(offer.starts, offer.ends)}
        free = seats.get((offer.clinic_id, offer.starts)) if offer.id not in seated else None
        if keys := sorted(time & freed) + ([free.pop()] if free else []):
            _claim(session, keys, utc_now(), None, offer.id, offer.held_until, None)


def _seats_by_event(session: Session, freed: set[Key]) -> dict[tuple[int, datetime], list[Key]]:
    """The seats among what is freed, by the clinic and the start of the event they are at."""
    keys = sorted(key for key in freed if key[0] == Whose.PLACE)
    if not keys:
        return {}
    events = session.execute(
        select(col(Slot.id), col(Slot.clinic_id), col(Slot.starts)).where(col(Slot.id).in_({key[1] for key in keys}))
    )
    return {(clinic, starts): [key for key in keys if key[1] == slot] for slot, clinic, starts in events}


def _seated(session: Session, offers: Iterable[Offer]) -> set[int | None]:
    """The offers that have a seat at an event of their own still."""
    theirs = col(ClaimedTime.offer_id).in_([offer.id for offer in offers])
    return set(session.scalars(select(col(ClaimedTime.offer_id)).where(col(ClaimedTime.kind) == Whose.PLACE, theirs)))


def hold_until(session: Session, offer_ids: Collection[int], until: datetime) -> None:
    """Let what is held for these offers be held until then."""
    if offer_ids:
        session.flush()
        statement = update(ClaimedTime).where(col(ClaimedTime.offer_id).in_(offer_ids))
        session.connection().execute(statement.values(held_until=until))


def lock_days(session: Session, days: Iterable[tuple[int, date]]) -> bool:
    """Lock days of interpreters until the transaction ends, in order: travel between two visits is then seen.

    :return: whether somebody may have booked until then, so that what was read before has to be read again. On
        SQLite the transaction itself is the lock: one writes at a time, and nobody has.
    """
    if session.get_bind().dialect.name == "sqlite":
        return False
    session.flush()
    connection = session.connection()
    for interpreter_id, day in sorted(set(days)):
        given = {"interpreter": interpreter_id, "day": day}
        if connection.execute(_LOCK_DAY, given).first() is None:
            connection.execute(_A_DAY, given)
            connection.execute(_LOCK_DAY, given)
    return True


def days_of(starts: datetime, ends: datetime) -> set[date]:
    """The days in London that a time touches."""
    return {moment.astimezone(LONDON).date() for moment in (starts, ends)}


def forget_old_claims(db: Database, _settings: Settings) -> int:
    """The job: take away cells of over two weeks ago, and holds that have run out; gives how many rows."""
    now = utc_now()
    oldest = int((now - KEPT).timestamp()) // CELL
    past = (col(ClaimedTime.kind) != Whose.PLACE) & (col(ClaimedTime.cell) < oldest)
    return sum(_forget(db, which) for which in (past, col(ClaimedTime.held_until) <= now))


def _forget(db: Database, which: Any) -> int:
    table = _table(ClaimedTime)
    key = (table.c.kind, table.c.whose, table.c.cell)
    some = select(*key).where(which).limit(CHUNK)
    return delete_in_pieces(db, delete(ClaimedTime).where(tuple_(*key).in_(some), which))


def _ranges(keys: Iterable[Key]) -> list[tuple[str, int, list[int]]]:
    """Keys as unbroken runs: whose, and the cells one after the other."""
    runs: list[tuple[str, int, list[int]]] = []
    for kind, whose, cell in sorted(keys):
        if runs and runs[-1][:2] == (kind, whose) and runs[-1][2][-1] == cell - 1:
            runs[-1][2].append(cell)
        else:
            runs.append((kind, whose, [cell]))
    return runs


def _claim(
    session: Session,
    keys: Sequence[Key],
    now: datetime,
    visit_id: int | None,
    offer_id: int | None,
    held_until: datetime | None,
    patient_id: int | None,
) -> int:
    """Claim these keys, in order; gives how many are got."""
    session.flush()  # what they are claimed for
    connection = session.connection()
    values: dict[str, Any] = {
        "visit_id": visit_id,
        "offer_id": offer_id,
        "held_until": held_until,
        "now": now.astimezone(UTC),
        "patient_id": patient_id,
    }
    if connection.dialect.name == "sqlite":
        values["keys"] = json.dumps(keys)
    else:
        values |= dict(zip(("kinds", "whoses", "cells"), map(list, zip(*keys, strict=True)), strict=True))
    return int(connection.execute(_claiming(connection.dialect.name), values).rowcount)


_WANTED = {
    "sqlite": """
        SELECT value ->> 0, value ->> 1, value ->> 2, :visit_id, :offer_id, :held_until
        FROM json_each(:keys) WHERE true""",
    "postgresql": """
        SELECT kind, whose, cell, CAST(:visit_id AS integer), CAST(:offer_id AS integer),
               CAST(:held_until AS timestamptz)
        FROM unnest(CAST(:kinds AS text[]), CAST(:whoses AS integer[]), CAST(:cells AS integer[]))
             AS wanted (kind, whose, cell)""",
}
_TAKING_OVER = """
    ON CONFLICT (kind, whose, cell) DO UPDATE
    SET visit_id = excluded.visit_id, offer_id = excluded.offer_id, held_until = excluded.held_until
    WHERE claimed_time.held_until <= :now
       OR claimed_time.visit_id = CAST(:visit_id AS integer)
       OR claimed_time.offer_id IN (SELECT id FROM offer WHERE patient_id = CAST(:patient_id AS integer))
"""
"""A row that is there passes over where it is nobody's any more, or the same visit's or person's own."""


@cache
def _claiming(dialect: str) -> TextClause:
    columns = "INSERT INTO claimed_time (kind, whose, cell, visit_id, offer_id, held_until)"
    moment = _table(ClaimedTime).c.held_until.type
    return text(columns + _WANTED[dialect] + _TAKING_OVER).bindparams(
        bindparam("held_until", type_=moment), bindparam("now", type_=moment)
    )


_A_DAY = text("INSERT INTO interpreter_day (interpreter_id, day) VALUES (:interpreter, :day) ON CONFLICT DO NOTHING")
_LOCK_DAY = (
    select(col(InterpreterDay.day))
    .where(col(InterpreterDay.interpreter_id) == bindparam("interpreter"), col(InterpreterDay.day) == bindparam("day"))
    .with_for_update()
)


def _table(table: type[SQLModel]) -> Any:
    return table.__table__  # type: ignore[attr-defined]
