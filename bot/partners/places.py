"""Places of partners: how many people one can take at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.finding import lock_partner, partner_by_code
from bot.organisations.partners import require_sensible
from bot.partners.capacity import partner_capacity
from bot.partners.referring import promote_waiting
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Partner

SET_PLACES = declare_right("set-places", Role.PARTNER)


@dataclass(frozen=True)
class Places:
    """A partner's places; `free` are those that may still be promised, `promoted` who got one just now."""

    partner: str
    places: int
    free: int
    promoted: int = 0

    def as_json(self) -> dict[str, Any]:
        """What `partners places` answers."""
        return dict(vars(self))


def set_places(db: Database, settings: Settings, code: str, places: int, actor: Actor) -> Places:
    """Set how many people a partner can take at a time; those in line get what is free, oldest first.

    Fewer places than are taken is allowed: nobody loses one, and none is given until enough have come back.
    :raises Refused: unknown partner, a senseless number, an account that is not the partner's own.
    """
    require_sensible(places)
    with db.write() as session:
        partner = lock_partner(session, partner_by_code(session, code).id or 0)
        actor = require(session, actor, SET_PLACES, partner)
        partner.places = places
        session.add(partner)
        promoted = promote_waiting(session, settings, partner)
        subject = f"partner:{partner.id}"
        record(session, actor, "places-set", subject, places=places, promoted=promoted)
        return Places(code, places, places_free(session, partner.id or 0, utc_now()), promoted)


def places_free(session: Session, partner_id: int, now: datetime) -> int:
    """Whole places that may still be promised at `now` (UTC): expected yeses are counted as taken."""
    return partner_capacity(session, session.get_one(Partner, partner_id), now).whole_free
