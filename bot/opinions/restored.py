"""Second opinions in a database that was put back from a backup."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import Session, col

from bot.tables.opinions import OpinionState, SecondOpinion


def settle(session: Session) -> int:
    """What a reader had at the moment of the backup waits for one again. Holds no campaign up: always 0."""
    waits = {"state": OpinionState.QUEUED, "claim_ref": None, "lease_until": None}
    session.execute(update(SecondOpinion).where(col(SecondOpinion.state) == OpinionState.WORKING).values(**waits))
    return 0


def set_aside(_session: Session, _phones: Sequence[str]) -> int:
    """An opinion goes to no phone."""
    return 0
