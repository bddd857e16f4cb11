"""Visits that cannot be as booked: they stay until staff, or the person by text, have found another time.

Their slots are gone, or the person has died: nobody gives up a visit by itself, for a record may be wrong.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, or_, select

from bot.rows import among
from bot.tables.appointments import STILL_OFFERED, Clinician, Offer, Slot, Visit, VisitKind, VisitState
from bot.tables.patients import Patient


@dataclass(frozen=True)
class ToMove:
    """A visit to be moved. `why` is what was said of its slot; `offered`: times were, and can still be answered."""

    visit: Visit
    patient: Patient | None
    clinician: str | None
    why: str | None
    offered: bool

    @property
    def died(self) -> bool:
        """Whether there is nobody to find another time for: the visit is to be given up."""
        return self.patient is not None and self.patient.deceased

    @property
    def external(self) -> bool:
        """Whether the practice's own system holds it."""
        return self.visit.kind == VisitKind.EXTERNAL


def count_to_move(session: Session, practice_id: int, now: datetime) -> tuple[int, int]:
    """How many coming visits of a practice are to be moved, and for how many times are offered."""
    statement = select(Visit.id).where(*_to_move(practice_id, now))
    ids = [visit or 0 for visit in session.exec(statement)]
    return len(ids), len(_offered(session, ids, now))


def list_to_move(session: Session, practice_id: int, now: datetime) -> list[ToMove]:
    """They in full, the next first; with as many statements for one as for many."""
    statement = (
        select(Visit, Patient, Clinician.name)
        .join(Patient, col(Patient.id) == col(Visit.patient_id), isouter=True)
        .join(Clinician, col(Clinician.id) == col(Visit.clinician_id), isouter=True)
        .where(*_to_move(practice_id, now))
        .order_by(col(Visit.starts), col(Visit.id))
    )
    rows = session.exec(statement).all()
    ids = [visit.id or 0 for visit, _, _ in rows]
    whys, offered = _whys(session, ids), _offered(session, ids, now)
    return [
        ToMove(visit, patient, clinician, whys.get(visit.id or 0), visit.id in offered)
        for visit, patient, clinician in rows
    ]


def _to_move(practice_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    dead = select(Patient.id).where(Patient.practice_id == practice_id, col(Patient.deceased))
    return (
        col(Visit.practice_id) == practice_id,
        or_(col(Visit.to_move_since).is_not(None), col(Visit.patient_id).in_(dead)),
        col(Visit.state) == VisitState.BOOKED,
        col(Visit.starts) > now,
    )


def _whys(session: Session, visit_ids: list[int]) -> dict[int, str]:
    """What was said of the slots that each visit was in."""
    same = or_(
        col(Slot.clinician_id) == col(Visit.clinician_id),
        and_(col(Slot.clinician_id).is_(None), col(Slot.clinic_id) == col(Visit.clinic_id)),
    )
    statement = (
        select(Visit.id, func.max(Slot.withdrawn_why))
        .join(Slot, and_(same, col(Slot.starts) < col(Visit.ends), col(Slot.ends) > col(Visit.starts)))
        .where(among(session, col(Visit.id), visit_ids), col(Slot.withdrawn_why).is_not(None))
        .group_by(col(Visit.id))
    )
    return {visit or 0: why or "" for visit, why in session.exec(statement)}


def _offered(session: Session, visit_ids: list[int], now: datetime) -> set[int | None]:
    statement = select(Offer.moves_visit_id).where(
        among(session, col(Offer.moves_visit_id), visit_ids),
        col(Offer.state).in_(STILL_OFFERED),
        Offer.until > now,
    )
    return set(session.exec(statement))
