"""Pages in a database that was put back from a backup: which were taken back since then, we do not know."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import Session

from bot.tables.said_and_done import CampaignPage


def settle(session: Session) -> int:
    """Take every page off until its lead publishes it again; gives how many campaigns were put on hold: none."""
    session.execute(update(CampaignPage).values(published_at=None))
    return 0


def set_aside(_session: Session, _phones: Sequence[str]) -> int:
    """Texts we do not know of change no page; gives how many people were set aside."""
    return 0
