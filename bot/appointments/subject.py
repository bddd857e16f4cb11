"""A visit as what texts are about: a text that speaks of one state of it goes only while it is in that state."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, null, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from bot.clock import LONDON
from bot.messaging.guards import Guard
from bot.messaging.subjects import Shown, SubjectKind
from bot.tables.appointments import Visit, VisitState
from bot.tables.messaging import Kind, Message, Subject
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
    says = case((and_(col(Message.subject_sequence).is_not(None), another), VISIT_CHANGED), else_=null())
    return select(says).where(col(Visit.id) == visit_id).correlate(Message).scalar_subquery()


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
