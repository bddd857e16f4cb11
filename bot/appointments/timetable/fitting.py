"""Slots brought into line with changed rules: what is not wanted any more is withdrawn at once, booked or not.

A visit in such a slot stays, and is marked for staff to move.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.appointments.by_text.telling import withdraw_reminders_of
from bot.appointments.timetable.making import LeftOut, Rota, Step, days_of, steps_of, why_shut
from bot.appointments.timetable.rotas import closures_of, lock_clinics, rotas_of
from bot.clock import LONDON
from bot.rows import among, chunks
from bot.tables.appointments import Clinic, Slot, Visit, VisitState

_COMING = (VisitState.BOOKED, VisitState.ARRIVED)
_WORDS = {
    LeftOut.CLOSURE: "The site is closed that day.",
    LeftOut.BANK_HOLIDAY: "It is a bank holiday.",
}
CHANGED = "The session was changed."
ENDED = "The session was ended."


class Fitted(NamedTuple):
    """How many slots were withdrawn, how many changed their kind, and how many visits staff have to move."""

    withdrawn: int = 0
    changed: int = 0
    to_move: int = 0


def fit_slots(session: Session, clinic_ids: Collection[int], now: datetime, why: str = CHANGED) -> Fitted:
    """Withdraw the coming slots of these clinics that their sessions, as they are now, do not ask for.

    :param why: the reason that is kept with a slot, where no closure or bank holiday is one.
    """
    lock_clinics(session, clinic_ids)
    session.flush()
    statement = (
        select(Slot)
        .where(among(session, col(Slot.clinic_id), clinic_ids), Slot.starts > now)
        .where(col(Slot.withdrawn_at).is_(None))
    )
    slots = session.exec(statement.order_by(col(Slot.id))).all()
    rotas = {rota.session_id: rota for rota in rotas_of(session, clinic_ids)}
    wanted = _wanted(rotas.values(), now, _last_day(slots))
    changed = _change_kinds(session, slots, wanted)
    closed = closures_of(session, clinic_ids)
    goes = [slot for slot in slots if _goes(slot, wanted, closed)]
    reasons = {slot.id or 0: _reason(slot, rotas.get(slot.session_id or 0), why) for slot in goes}
    to_move = withdraw(session, goes, reasons, now)
    return Fitted(len(goes), changed, to_move)


def _last_day(slots: Sequence[Slot]) -> date:
    return max((slot.starts.astimezone(LONDON).date() for slot in slots), default=date.min)


Wanted = dict[tuple[int, int], Step]
"""By session and first cell."""


def _wanted(rotas: Iterable[Rota], now: datetime, last: date) -> Wanted:
    first = now.astimezone(LONDON).date()
    return {
        (rota.session_id, step.times.first_cell): step
        for rota in rotas
        for day in days_of(rota, first, last)
        if why_shut(rota, day) is None
        for step in steps_of(rota, day)[0]
    }


def _goes(slot: Slot, wanted: Wanted, closed: Mapping[int, Sequence[tuple[date, date]]]) -> bool:
    """What came from the practice's own system goes only when the site is closed."""
    if slot.session_id is not None:
        return not _fits(slot, wanted)
    day = slot.starts.astimezone(LONDON).date()
    return any(first <= day <= last for first, last in closed.get(slot.clinic_id, ()))


def _fits(slot: Slot, wanted: Wanted) -> bool:
    step = wanted.get((slot.session_id or 0, slot.first_cell))
    return step is not None and step.times.end_cell == slot.end_cell


def _change_kinds(session: Session, slots: Iterable[Slot], wanted: Wanted) -> int:
    """What was released stays so: somebody may have been told of it."""
    of_kind: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for slot in slots:
        step = wanted.get((slot.session_id or 0, slot.first_cell))
        if step is None or slot.released_at is not None or (slot.kind, slot.language) == (step.kind, step.language):
            continue
        of_kind[step.kind, step.language].append(slot.id or 0)
    for (kind, language), ids in of_kind.items():
        _update(session, ids, kind=kind, language=language)
    return sum(map(len, of_kind.values()))


def _reason(slot: Slot, rota: Rota | None, why: str) -> str:
    if slot.session_id is None:
        return _WORDS[LeftOut.CLOSURE]
    shut = why_shut(rota, slot.starts.astimezone(LONDON).date()) if rota else None
    return _WORDS[shut] if shut else why


def withdraw(session: Session, slots: Sequence[Slot], reasons: dict[int, str], now: datetime) -> int:
    """Withdraw slots for these reasons, by slot id; visits in them are marked to be moved.

    :return: how many visits staff have to move now.
    """
    by_reason: dict[str, list[int]] = defaultdict(list)
    for slot in slots:
        by_reason[reasons[slot.id or 0]].append(slot.id or 0)
    for reason, ids in by_reason.items():
        _update(session, ids, withdrawn_at=now, withdrawn_why=reason[:200])
    return len(mark_to_move(session, visits_in(session, slots, now), now))


def _update(session: Session, ids: Sequence[int], **changes: Any) -> None:
    for some in chunks(ids):
        statement = update(Slot).where(among(session, col(Slot.id), some)).values(**changes)
        session.execute(statement.execution_options(synchronize_session=False))
    session.expire_all()


def visits_in(session: Session, slots: Sequence[Slot], now: datetime) -> list[Visit]:
    """Coming visits that lie in these slots, by their start."""
    cells = {(_whose(slot.clinic_id, slot.clinician_id), cell) for slot in slots for cell in _cells(slot)}
    clinics = {slot.clinic_id for slot in slots}
    statement = (
        select(Visit)
        .where(among(session, col(Visit.clinic_id), clinics), col(Visit.state).in_(_COMING), Visit.ends > now)
        .order_by(col(Visit.starts), col(Visit.id))
    )
    return [visit for visit in session.exec(statement) if cells & set(_cells_of(visit))]


def _whose(clinic_id: int | None, clinician_id: int | None) -> int:
    return -(clinic_id or 0) if clinician_id is None else clinician_id


def _cells(slot: Slot) -> range:
    return range(slot.first_cell, slot.end_cell)


def _cells_of(visit: Visit) -> Iterable[tuple[int, int]]:
    first, end = int(visit.starts.timestamp()) // 300, -(-int(visit.ends.timestamp()) // 300)
    return ((_whose(visit.clinic_id, visit.clinician_id), cell) for cell in range(first, end))


def mark_to_move(session: Session, visits: Iterable[Visit], now: datetime) -> list[Visit]:
    """Say that staff have to find these visits another time; those that were marked before stay as they are.

    Nothing more is said of them as they were.
    """
    marked = [visit for visit in visits if visit.to_move_since is None]
    for some in chunks(marked):
        ids = [visit.id or 0 for visit in some]
        statement = update(Visit).where(among(session, col(Visit.id), ids)).values(to_move_since=now, changed_at=now)
        session.execute(statement.execution_options(synchronize_session=False))
        withdraw_reminders_of(session, ids)
    for visit in marked:
        session.expire(visit)
    return marked


def coming_visits(session: Session, clinic: Clinic, now: datetime) -> int:
    """How many visits of a clinic are still to come."""
    statement = select(Visit.id).where(Visit.clinic_id == clinic.id, col(Visit.state).in_(_COMING), Visit.ends > now)
    return len(session.exec(statement).all())
