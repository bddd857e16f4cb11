"""Made-up pharmacies, one call each."""

from typing import Any

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.codes import take_code
from bot.pharmacy.organising.hours import read_opening_hours, set_hours
from bot.pharmacy.organising.links import confirm_link
from bot.tables.organisations import Pharmacy, Practice

ALL_DAY = "mon-fri 09:00-18:00; sat 09:00-13:00"


def make_pharmacy(
    db: Database, *practices: Practice, code: str = "PRIORY", hours: str = ALL_DAY, **changes: Any
) -> Pharmacy:
    """A pharmacy linked both ways to those practices."""
    values: dict[str, Any] = {
        "code": code,
        "name": f"{code.title()} Pharmacy",
        "ods": {"PRIORY": "FA123"}.get(code, f"F{code}"),
        "address": "12 Priory Road, Hastings",
        "phone": "+441632960500",
        "created_at": utc_now(),
    }
    with db.write() as session:
        take_code(session, code, "pharmacy")
        pharmacy = Pharmacy(**(values | changes))
        session.add(pharmacy)
        session.flush()
        set_hours(session, pharmacy, read_opening_hours(hours))
    for practice in practices:
        confirm_link(db, code, practice.code, CONSOLE)
    return pharmacy
