"""Days on which a pharmacy is closed beside bank holidays: its own people say them, and texts leave them out."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import london_today
from bot.database import Database
from bot.pharmacy.organising.pharmacies import pharmacy_by_code
from bot.pharmacy.organising.rights import RUN_PHARMACY
from bot.refusals import Refused
from bot.tables.pharmacy import PharmacyClosure

LONGEST = 31
"""Days that can be closed at once; so a wrong year is noticed."""


def close_days(db: Database, code: str, first: date, last: date, actor: Actor) -> int:
    """Close a pharmacy from one day to another, both included; how many of them were open till then.

    :raises Refused: `bad-days`, the last before the first, days that are over, or too many; no such pharmacy; not one
        of its people.
    """
    days = (last - first).days + 1
    if not 0 < days <= LONGEST or first < london_today():
        raise Refused("bad-days", f"Enter a first and a last day from today on, at most {LONGEST} days in one go.")

    def close(session: Session) -> int:
        pharmacy = pharmacy_by_code(session, code)
        allowed = require(session, actor, RUN_PHARMACY, pharmacy)
        closed = set(closures_of(session, pharmacy.id or 0))
        new = [day for day in (first + timedelta(days=ahead) for ahead in range(days)) if day not in closed]
        session.add_all(PharmacyClosure(pharmacy_id=pharmacy.id or 0, day=day) for day in new)
        record(session, allowed, "pharmacy-closed", f"pharmacy:{pharmacy.id}", days=len(new))
        return len(new)

    # Twice: a colleague may say the same at this moment.
    return db.write_with_retry(close)


def open_day(db: Database, code: str, day: date, actor: Actor) -> None:
    """Let a pharmacy be open after all on a day it had closed; again it changes nothing.

    :raises Refused: no such pharmacy, or not one of its people.
    """
    with db.write() as session:
        pharmacy = pharmacy_by_code(session, code)
        allowed = require(session, actor, RUN_PHARMACY, pharmacy)
        found = session.get(PharmacyClosure, (pharmacy.id, day))
        if found is not None:
            session.delete(found)
            record(session, allowed, "pharmacy-opened", f"pharmacy:{pharmacy.id}", days=1)


def closures_of(session: Session, pharmacy_id: int) -> Sequence[date]:
    """The days, from today on, on which a pharmacy is closed."""
    statement = select(col(PharmacyClosure.day)).where(
        PharmacyClosure.pharmacy_id == pharmacy_id, PharmacyClosure.day >= london_today()
    )
    return session.exec(statement.order_by(col(PharmacyClosure.day))).all()
