"""How long a freed time is kept for one who waits, and how they wait on once it is kept for them no more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from bot.clock import LONDON, utc_now
from bot.messaging.questions import drop_questions_of
from bot.rows import among
from bot.tables.appointments import Offer, WaitingRequest, WaitingState
from bot.tables.messaging import Message, State

OFFER_OVER = "waiting-offer-over"
"""Why a text does not go that offers a time which is kept for the person no more."""
_KEPT, _KEPT_TODAY = timedelta(hours=2), timedelta(minutes=30)


def kept_for(starts: datetime, made_at: datetime) -> timedelta:
    """How long a time is kept, from when the network took its text: shorter where it is of the same day in London."""
    today = made_at.astimezone(LONDON).date()
    return _KEPT_TODAY if starts.astimezone(LONDON).date() == today else _KEPT


def wait_on(session: Session, offers: Sequence[Offer]) -> None:
    """Who had these freed times before them waits on; a text of them that has not gone will not go."""
    asked = [offer.waiting_id for offer in offers if offer.waiting_id is not None]
    if not asked:
        return
    theirs = update(WaitingRequest).where(
        among(session, col(WaitingRequest.id), asked), col(WaitingRequest.state) == WaitingState.ASKED
    )
    session.execute(theirs.values(state=WaitingState.WAITING))
    texts = [offer.message_id for offer in offers if offer.waiting_id is not None and offer.message_id is not None]
    unsent = update(Message).where(
        among(session, col(Message.id), texts), col(Message.state).in_((State.QUEUED, State.HELD))
    )
    changes = {"state": State.CANCELLED, "reason": OFFER_OVER, "updated_at": utc_now()}
    withdrawn = session.execute(unsent.values(changes).returning(col(Message.id))).all()
    drop_questions_of(session, [row[0] for row in withdrawn])
