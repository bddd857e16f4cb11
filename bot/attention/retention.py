"""For how long the notes about items are kept: as long as the texts they are about."""

from datetime import timedelta

from sqlalchemy import or_, update
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.rows import CHUNK
from bot.settings import Settings
from bot.tables.attention import InboxItem, InboxNote
from bot.tables.messaging import Message

NOTES_FOR = timedelta(days=90)


def erase_old_notes(db: Database, _settings: Settings) -> int:
    """Erase the words of notes with those of the text they are about, and after 90 days; who and when stays.

    Gives how many.
    """
    now, total = utc_now(), 0
    text_is_gone = (
        select(Message.id)
        .join(InboxItem, col(InboxItem.message_id) == col(Message.id))
        .where(InboxItem.id == InboxNote.item_id, col(Message.erased_at) >= col(InboxNote.at))
    )
    old = select(InboxNote.id).where(
        col(InboxNote.erased_at).is_(None), or_(col(InboxNote.at) < now - NOTES_FOR, text_is_gone.exists())
    )
    erase = update(InboxNote).where(col(InboxNote.id).in_(old.limit(CHUNK))).values(words="", erased_at=now)
    while True:
        with db.write() as session:
            result = session.execute(erase.execution_options(synchronize_session=False))
        total += (gone := int(result.rowcount))  # type: ignore[attr-defined]
        if gone < CHUNK:
            return total
