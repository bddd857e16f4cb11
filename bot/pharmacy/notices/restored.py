"""Notices in a database that was put back from a backup: nobody is told twice what was gathered before."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.pharmacy.notices.calling import NO_TEXT_POSSIBLE
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeState

WAITS = timedelta(hours=1)
"""By then the texts that went since the backup are known again."""
_GATHERED = (col(Notice.state) == NoticeState.HELD, col(Notice.goes_at).is_not(None))


def settle(session: Session) -> int:
    """What is gathered waits until the texts since the backup have been looked up; no campaign is concerned."""
    until = utc_now() + WAITS
    session.execute(update(Notice).where(*_GATHERED, col(Notice.goes_at) < until).values(goes_at=until))
    return 0


def set_aside(session: Session, phones: Sequence[str]) -> int:
    """A phone that got a text we do not know may have got this one: it is not said, and the pharmacy sees so."""
    theirs = select(col(Patient.id)).where(col(Patient.phone).in_(phones))
    kept = update(Notice).where(*_GATHERED, col(Notice.patient_id).in_(theirs))
    changes = {
        "state": NoticeState.NOT_TEXTED,
        "why_none": NO_TEXT_POSSIBLE,
        "goes_at": None,
        "changed_at": utc_now(),
    }
    return int(session.execute(kept.values(changes)).rowcount)  # type: ignore[attr-defined]
