"""Who waits, as staff and programs see it; with as many statements for one as for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col

from bot.appointments.visits import written
from bot.patients.eligibility import ON_RECORD, reason_sql
from bot.tables.appointments import STILL_WAITS, Clinic, Offer, OfferState, WaitingRequest
from bot.tables.messaging import Kind
from bot.tables.patients import Patient

COLUMNS = ("person", "clinic", "purpose", "language", "interpreter", "since", "state", "asked", "phone_only")


@dataclass(frozen=True)
class Waiting:
    """One who waits. `phone_only`: why they cannot be texted, so that staff phone; `before_them`: a time they are
    offered now.
    """

    request: WaitingRequest
    patient: Patient
    clinic: Clinic
    phone_only: str | None
    before_them: datetime | None


def list_waiting(session: Session, practice_id: int, *, request_id: int | None = None) -> list[Waiting]:
    """Everybody of a practice who waits, the longest first; with `request_id` that one, however it stands."""
    before_them = (
        sqlalchemy_select(func.min(col(Offer.starts)))
        .where(col(Offer.waiting_id) == col(WaitingRequest.id), col(Offer.state) == OfferState.HELD)
        .scalar_subquery()
    )
    which = col(WaitingRequest.state).in_(STILL_WAITS) if request_id is None else col(WaitingRequest.id) == request_id
    statement = (
        sqlalchemy_select(WaitingRequest, Patient, Clinic, reason_sql(ON_RECORD, Kind.OUTREACH), before_them)
        .join(Patient, col(Patient.id) == col(WaitingRequest.patient_id))
        .join(Clinic, col(Clinic.id) == col(WaitingRequest.clinic_id))
        .where(col(WaitingRequest.practice_id) == practice_id, which)
        .order_by(col(WaitingRequest.since), col(WaitingRequest.id))
    )
    return [Waiting(*row) for row in session.execute(statement).all()]


def count_waiting(session: Session, practice_id: int) -> int:
    """How many wait in a practice."""
    waits = sqlalchemy_select(func.count()).where(
        col(WaitingRequest.practice_id) == practice_id, col(WaitingRequest.state).in_(STILL_WAITS)
    )
    return int(session.execute(waits).scalar_one())


def lines_of(waiting: Sequence[Waiting]) -> list[dict[str, Any]]:
    """They as programs read them; the person by NHS number."""
    return [
        {
            "person": one.patient.nhs_number,
            "clinic": one.clinic.code,
            "purpose": one.clinic.purpose,
            "language": one.patient.language,
            "interpreter": one.patient.interpreter,
            "clinician_sex": one.request.clinician_sex,
            "interpreter_sex": one.request.interpreter_sex,
            "longer": one.request.longer,
            "since": written(one.request.since),
            "state": str(one.request.state),
            "asked": one.request.asked,
            "phone_only": one.phone_only,
        }
        for one in waiting
    ]


def line_of(session: Session, request: WaitingRequest) -> dict[str, Any]:
    """One request as programs read it."""
    return lines_of(list_waiting(session, request.practice_id, request_id=request.id))[0]
