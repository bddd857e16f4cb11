"""A visit as what texts are about: a text that speaks of one state of it goes only while it is in that state.

One about a young person's visit goes to a number that is theirs, and to no other, whatever it answers.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, null, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from bot.clock import LONDON
from bot.messaging.guards import Guard
from bot.messaging.subjects import Shown, SubjectKind
from bot.patients.eligibility import THEIRS_ALONE, Reason
from bot.tables.appointments import Clinic, ClinicPurpose, Visit, VisitState
from bot.tables.messaging import Kind, Message, Subject
from bot.tables.patients import Patient
from bot.texts.dates_in_words import format_date, format_time

VISIT = "visit"
VISIT_CHANGED = "visit-changed"
REASONS: Mapping[str, str] = {
    VISIT_CHANGED: "A text about an appointment did not go: the appointment had changed by then.",
}
ABOUT_A_VISIT = frozenset([Kind.REMINDER, Kind.NOTICE, Kind.QUESTION, Kind.ANSWER])
"""Kinds of text that speak to the person of their visit."""


def about(visit: Visit) -> Subject:
    """A visit as a subject."""
    return Subject(VISIT, visit.id or 0)


def _campaign_of(visit_id: Mapped[Any]) -> ColumnElement[int | None]:
    return select(col(Visit.campaign_id)).where(col(Visit.id) == visit_id).scalar_subquery()


def _may_go(visit_id: Mapped[Any]) -> ColumnElement[str | None]:
    another = or_(col(Visit.state) != VisitState.BOOKED, col(Visit.sequence) != col(Message.subject_sequence))
    says = case(
        (and_(col(Message.subject_sequence).is_not(None), another), VISIT_CHANGED),
        (and_(_is_for_young_people(), ~_goes_to_their_own()), Reason.UNSAFE_PHONE.value),
        else_=null(),
    )
    return select(says).where(col(Visit.id) == visit_id).correlate(Message).scalar_subquery()


def _is_for_young_people() -> ColumnElement[bool]:
    theirs = select(col(Clinic.id)).where(
        col(Clinic.id) == col(Visit.clinic_id), col(Clinic.purpose) == ClinicPurpose.YOUTH
    )
    return theirs.correlate(Visit).exists()


def _goes_to_their_own() -> ColumnElement[bool]:
    """Whether the Message of a query goes to the phone that booked the Visit, or to the confirmed one of its person."""
    theirs = select(col(Patient.id)).where(
        col(Patient.id) == col(Visit.patient_id),
        col(Patient.phone) == col(Message.phone),
        col(Patient.phone_status).in_(THEIRS_ALONE),
    )
    alone = and_(col(Visit.patient_id).is_(None), col(Visit.phone) == col(Message.phone))
    return or_(alone, theirs.correlate(Visit, Message).exists())


def _shown(session: Session, visit_id: int) -> Shown | None:
    visit = session.get(Visit, visit_id)
    if visit is None:
        return None
    wall = visit.starts.astimezone(LONDON)
    when = f"{format_date(wall.date(), 'en')} at {format_time(wall.time(), 'en')}"
    state = "" if visit.state == VisitState.BOOKED else f" ({visit.state.replace('-', ' ')})"
    return Shown(f"Appointment on {when}{state}", f"/visits/{visit.code}")


SUBJECT = SubjectKind(VISIT, campaign_of=_campaign_of, booked=True, shown=_shown)
GUARD = Guard(VISIT, ABOUT_A_VISIT, _may_go)
