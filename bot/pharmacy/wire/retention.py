"""What the wire brought long ago is erased: that somebody had a prescription need not be kept once it is over."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.notices.retention import KEPT
from bot.pharmacy.wire.weighing import LOOKS_BACK
from bot.rows import CHUNK, delete_in_pieces
from bot.settings import Settings
from bot.tables.pharmacy import PrescriptionUpdate

_KEPT = max(KEPT, LOOKS_BACK + timedelta(days=1))
"""What still says how things stand is not old."""


def forget_old_updates(db: Database, _settings: Settings) -> int:
    """The job: take away statuses of long ago; gives how many."""
    old = select(col(PrescriptionUpdate.id)).where(col(PrescriptionUpdate.received_at) < utc_now() - _KEPT)
    return delete_in_pieces(db, delete(PrescriptionUpdate).where(col(PrescriptionUpdate.id).in_(old.limit(CHUNK))))
