"""Partners and their places: how many people one can take at a time, and who works with whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from bot.audit import CONSOLE, Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.finding import are_linked, lock_partner, partner_by_code, practice_by_code
from bot.organisations.naming import read_code_and_name, read_public_phone
from bot.partners.capacity import partner_capacity
from bot.partners.referring import promote_waiting
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.organisations import Partner, PartnerPractice

MOST_PLACES = 10_000


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


def add_partner(
    db: Database,
    code: str,
    practice_code: str,
    actor: Actor,
    *,
    name: str | None,
    places: int | None,
    phone: str | None,
) -> Partner:
    """Add a partner that works with a practice; one that is there is linked to that practice too.

    Of a partner that is there the name and phone change when they are given; its places stay as it has set them.
    :raises Refused: unknown practice; a new partner without name or places; a code, name, phone or number of
        places that cannot be used.
    """
    if places is not None:
        _require_sensible(places)
    number = None if phone is None else read_public_phone(phone)
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        partner = session.exec(select(Partner).where(Partner.code == code.strip())).first()
        if partner is None:
            partner = _new_partner(session, code, name, places)
            record(session, actor, "partner-added", f"partner:{partner.id}", practice_id=practice.id)
        elif name is not None:
            _, partner.name = read_code_and_name("partner", partner.code, name)
        partner.phone = number or partner.phone
        session.add(partner)
        if not are_linked(session, partner.id, practice.id):
            link(session, partner, practice.id or 0)
            record(session, actor, "partner-linked", f"partner:{partner.id}", practice_id=practice.id)
        return partner


def _new_partner(session: Session, code: str, name: str | None, places: int | None) -> Partner:
    if name is None or places is None:
        raise Refused("partner-incomplete", f"{code} is a new partner: give its --name and its --places.")
    code, name = read_code_and_name("partner", code, name)
    partner = Partner(code=code, name=name, places=places, created_at=utc_now())
    session.add(partner)
    session.flush()
    return partner


def link(session: Session, partner: Partner, practice_id: int) -> None:
    """Let a partner work with a practice."""
    session.add(PartnerPractice(partner_id=partner.id or 0, practice_id=practice_id))


def set_places(db: Database, settings: Settings, code: str, places: int, actor: Actor) -> Places:
    """Set how many people a partner can take at a time; those in line get what is free, oldest first.

    Fewer places than are taken is allowed: nobody loses one, and none is given until enough have come back.
    :raises Refused: unknown partner, a senseless number, an account that is not the partner's own.
    """
    _require_sensible(places)
    with db.write() as session:
        partner = lock_partner(session, partner_by_code(session, code).id or 0)
        _require_own(session, actor, partner)
        partner.places = places
        session.add(partner)
        promoted = promote_waiting(session, settings, partner)
        subject = f"partner:{partner.id}"
        record(session, actor, "places-set", subject, places=places, promoted=promoted)
        return Places(code, places, places_free(session, partner.id or 0, utc_now()), promoted)


def places_free(session: Session, partner_id: int, now: datetime) -> int:
    """Whole places that may still be promised at `now` (UTC): expected yeses are counted as taken."""
    return partner_capacity(session, session.get_one(Partner, partner_id), now).whole_free


def _require_own(session: Session, actor: Actor, partner: Partner) -> None:
    if actor == CONSOLE:
        return
    account = session.get(UserAccount, actor.user_id) if actor.user_id else None
    own = account and account.active and account.role == Role.PARTNER and account.partner_id == partner.id
    if not own:
        raise Refused("not-allowed", f"Only {partner.name} can say how many places it has.")


def _require_sensible(places: int) -> None:
    if not 0 <= places <= MOST_PLACES:
        raise Refused("bad-places", f"Places must be a whole number from 0 to {MOST_PLACES}.")
