"""Who has to be reached although they left a practice's list."""

from sqlalchemy import Exists, select
from sqlmodel import col

from bot.clock import utc_now
from bot.tables.appointments import Visit, VisitState
from bot.tables.patients import Patient


def has_a_coming_visit() -> Exists:
    """Whether the living Patient of a query has a visit to come, of which they are reminded."""
    coming = select(col(Visit.id)).where(
        col(Visit.patient_id) == col(Patient.id),
        col(Visit.state) == VisitState.BOOKED,
        col(Visit.starts) > utc_now(),
        col(Patient.deceased).is_(False),
    )
    return coming.correlate(Patient).exists()
