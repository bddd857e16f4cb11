"""The translator's queue in a database that was put back from a backup."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import Session, col

from bot.tables.translation import Translation, TranslationState


def settle(session: Session) -> int:
    """What a translator had at the moment of the backup waits for one again. Holds no campaign up: always 0."""
    waits = {"state": TranslationState.QUEUED, "claim_ref": None, "lease_until": None}
    session.execute(update(Translation).where(col(Translation.state) == TranslationState.WORKING).values(**waits))
    return 0


def set_aside(_session: Session, _phones: Sequence[str]) -> int:
    """A translation goes to no phone."""
    return 0
