"""Requests of long ago are erased: why somebody waited, and for what, need not be kept once it is over."""

from datetime import timedelta

from sqlalchemy import delete, exists, select
from sqlmodel import col

from bot.clock import utc_now
from bot.database import Database
from bot.rows import CHUNK, delete_in_pieces
from bot.settings import Settings
from bot.tables.appointments import Offer, VisitPlanLine, WaitingRequest

_KEPT = timedelta(days=90)


def forget_ended_requests(db: Database, _settings: Settings) -> int:
    """The job: take away requests that ended long ago, once no offer and no plan speaks of them; gives how many."""
    spoken_of = (
        exists().where(col(Offer.waiting_id) == col(WaitingRequest.id)),
        exists().where(col(VisitPlanLine.request_id) == col(WaitingRequest.id)),
    )
    old = select(col(WaitingRequest.id)).where(
        col(WaitingRequest.ended_at) < utc_now() - _KEPT, *(~each for each in spoken_of)
    )
    return delete_in_pieces(db, delete(WaitingRequest).where(col(WaitingRequest.id).in_(old.limit(CHUNK))))
