"""A place on the waiting list as what a text is about: a freed time is offered only while it is kept for them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, literal, null, or_, select
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col

from bot.appointments.waiting.holds import OFFER_OVER
from bot.messaging.guards import Guard
from bot.messaging.subjects import Shown, SubjectKind
from bot.tables.appointments import Offer, OfferState, WaitingRequest
from bot.tables.messaging import Kind, Message, Subject

WAITING = "waiting-request"
REASONS = {
    OFFER_OVER: "A text that offers a freed time did not go: the time was kept for the person no more by then.",
}


def about(request: WaitingRequest) -> Subject:
    """A request as a subject."""
    return Subject(WAITING, request.id or 0)


def _campaign_of(request_id: Mapped[Any]) -> ColumnElement[int | None]:
    return select(col(WaitingRequest.campaign_id)).where(col(WaitingRequest.id) == request_id).scalar_subquery()


def _may_go(request_id: Mapped[Any]) -> ColumnElement[str | None]:
    first = aliased(Message)
    tried_again = select(col(first.id)).where(col(first.retried_by_id) == col(Message.id)).correlate(Message)
    of_the_text = or_(col(Offer.message_id) == col(Message.id), col(Offer.message_id).in_(tried_again))
    kept = exists().where(and_(col(Offer.waiting_id) == request_id, col(Offer.state) == OfferState.HELD, of_the_text))
    return case((kept.correlate(Message), null()), else_=literal(OFFER_OVER))


def _shown(session: Session, request_id: int) -> Shown | None:
    request = session.get(WaitingRequest, request_id)
    return Shown("The waiting list", "/waiting") if request else None


SUBJECT = SubjectKind(WAITING, campaign_of=_campaign_of, shown=_shown)
GUARD = Guard(WAITING, frozenset([Kind.QUESTION]), _may_go)
