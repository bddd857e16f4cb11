"""What we do not keep: a list nobody confirmed."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.lists import ListImport, ListState

UNCONFIRMED_FOR = timedelta(hours=24)
"""How long a list may wait for its confirmation."""


def forget_unconfirmed_lists(db: Database, _settings: Settings) -> int:
    """Erase lists that have waited for a day; gives how many."""
    with db.write() as session:
        erased = session.execute(
            update(ListImport)
            .where(col(ListImport.content).is_not(None), col(ListImport.created_at) < utc_now() - UNCONFIRMED_FOR)
            .values(state=ListState.DISCARDED.value, content=None, busy_until=None)
        )
    return int(erased.rowcount)  # type: ignore[attr-defined]
