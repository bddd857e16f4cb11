"""Sessions as rules for the making of slots, read for many clinics at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, func, or_, select

from bot.appointments.timetable.making import OTHERS, Rota, Taken
from bot.rows import among, chunks
from bot.tables.appointments import (
    TAKES_TIME,
    Clinic,
    ClinicianAway,
    ClinicSession,
    Closure,
    Slot,
    Visit,
)


def lock_clinics(session: Session, clinic_ids: Collection[int]) -> None:
    """Whoever books at these clinics, or makes their slots, waits until the transaction ends.

    SQLite has one writer at a time, so there the transaction itself is the lock.
    """
    for some in chunks(sorted(clinic_ids)):
        statement = select(Clinic.id).where(among(session, col(Clinic.id), some)).order_by(col(Clinic.id))
        session.exec(statement.with_for_update(key_share=True)).all()


def rotas_of(session: Session, clinic_ids: Collection[int]) -> list[Rota]:
    """The sessions of these clinics that have not been ended, by their ids."""
    if not clinic_ids:
        return []
    statement = (
        select(ClinicSession, Clinic)
        .join(Clinic, col(Clinic.id) == col(ClinicSession.clinic_id))
        .where(among(session, col(Clinic.id), clinic_ids), col(ClinicSession.ended_at).is_(None))
        .order_by(col(ClinicSession.id))
    )
    rows = session.exec(statement).all()
    closures = closures_of(session, clinic_ids)
    away = _away(session, {found.clinician_id for found, _ in rows if found.clinician_id is not None})
    return [rota_of(found, clinic, closures[clinic.id or 0], away[found.clinician_id or 0]) for found, clinic in rows]


def rota_of(
    found: ClinicSession, clinic: Clinic, closures: Sequence[tuple[date, date]] = (), away: Collection[date] = ()
) -> Rota:
    """A session with what its clinic says of it."""
    return Rota(
        session_id=found.id or 0,
        clinic_id=clinic.id or 0,
        clinician_id=found.clinician_id,
        weekdays=frozenset(map(int, found.days.split(","))),
        opens=found.opens,
        closes=found.closes,
        starts_on=found.starts_on,
        until=found.until,
        every=found.every,
        minutes=clinic.slot_minutes,
        held_all=clinic.held_all,
        held_first=clinic.held_first,
        held_language=clinic.held_language,
        bank_holidays=clinic.bank_holidays,
        closures=closures,
        away=away,
    )


def closures_of(session: Session, clinic_ids: Collection[int]) -> dict[int, list[tuple[date, date]]]:
    """First and last days on which the sites of these clinics are closed, by clinic."""
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    statement = (
        select(Clinic.id, Closure)
        .join(Closure, col(Closure.site_id) == col(Clinic.site_id))
        .where(among(session, col(Clinic.id), clinic_ids))
        .order_by(col(Closure.id))
    )
    for clinic, closure in session.exec(statement):
        found[clinic or 0].append((closure.first_day, closure.last_day))
    return found


def _away(session: Session, clinician_ids: Collection[int]) -> dict[int, set[date]]:
    found: dict[int, set[date]] = defaultdict(set)
    for row in session.exec(
        select(ClinicianAway).where(among(session, col(ClinicianAway.clinician_id), clinician_ids))
    ):
        found[row.clinician_id].add(row.day)
    return found


def taken_by(session: Session, rotas: Iterable[Rota], begin: datetime) -> Taken:
    """The slots and visits from that moment on that keep these sessions from making others."""
    rotas = list(rotas)
    clinicians = {rota.clinician_id for rota in rotas if rota.clinician_id is not None}
    taken = Taken()
    _take_slots(session, clinicians, {rota.clinic_id for rota in rotas}, begin, taken)
    for clinician, first, end in _visits(session, clinicians, begin):
        taken.take(clinician, first, end, OTHERS)
    return taken


def _take_slots(
    session: Session, clinicians: Collection[int], clinics: Collection[int], begin: datetime, taken: Taken
) -> None:
    whose = func.coalesce(col(Slot.clinician_id), -col(Slot.clinic_id))
    statement = (
        select(Slot.session_id, whose, Slot.first_cell, Slot.end_cell)
        .where(col(Slot.withdrawn_at).is_(None), Slot.ends > begin)
        .where(
            or_(
                among(session, col(Slot.clinician_id), clinicians),
                col(Slot.clinician_id).is_(None) & among(session, col(Slot.clinic_id), clinics),
            )
        )
    )
    for session_id, of, first, end in session.exec(statement):
        taken.take(of, first, end, session_id or OTHERS)
        if session_id is not None:
            taken.made.add((session_id, first))


def _visits(session: Session, clinicians: Collection[int], begin: datetime) -> Iterable[tuple[int, int, int]]:
    statement = select(Visit.clinician_id, Visit.starts, Visit.ends).where(
        among(session, col(Visit.clinician_id), clinicians), col(Visit.state).in_(TAKES_TIME), Visit.ends > begin
    )
    for clinician, starts, ends in session.exec(statement):
        # An external visit may begin or end between two cells: then it has both.
        yield clinician or 0, int(starts.timestamp()) // 300, -(-int(ends.timestamp()) // 300)
