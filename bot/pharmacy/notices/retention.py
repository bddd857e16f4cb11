"""Notices of long ago are erased: that somebody had a prescription need not be kept once it is over."""

from datetime import timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.clock import utc_now
from bot.database import Database
from bot.rows import CHUNK, delete_in_pieces
from bot.settings import Settings
from bot.tables.pharmacy import Notice, NoticeState, WebhookDelivery

KEPT = timedelta(days=90)


def forget_old_notices(db: Database, _settings: Settings) -> int:
    """The job: take away notices of long ago, once nothing speaks of them; gives how many."""
    duplicate = aliased(Notice)
    spoken_of = (
        exists().where(col(duplicate.duplicate_of) == col(Notice.id)),
        exists().where(col(WebhookDelivery.notice_id) == col(Notice.id)),
    )
    old = select(col(Notice.id)).where(
        col(Notice.created_at) < utc_now() - KEPT,
        ~((col(Notice.state) == NoticeState.HELD) & col(Notice.goes_at).is_not(None)),
        *(~each for each in spoken_of),
    )
    return delete_in_pieces(db, delete(Notice).where(col(Notice.id).in_(old.limit(CHUNK))))
