"""Partners: added, changed, and linked to the practices they work with, until nothing ties them any more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.codes import take_code
from bot.organisations.finding import are_linked, held_link, partner_by_code, practice_by_code
from bot.organisations.naming import read_code_and_name, read_public_phone, rename
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.refusals import Refused
from bot.tables.organisations import Partner, PartnerPractice, Practice

MOST_PLACES = 10_000

Tie = Callable[[Session, int, int], str | None]
"""What may tie a partner to a practice: given their ids, a sentence that says what to do, or None."""


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
        places that cannot be used; another kind of organisation has the code; not an administrator.
    """
    if places is not None:
        require_sensible(places)
    number = None if phone is None else read_public_phone(phone)

    def add(session: Session) -> Partner:
        allowed = require(session, actor, MANAGE_ORGANISATIONS, None)
        practice = practice_by_code(session, practice_code)
        partner = session.exec(select(Partner).where(Partner.code == code.strip())).first()
        if partner is None:
            partner = _new_partner(session, code, name, places)
            record(session, allowed, "partner-added", f"partner:{partner.id}", practice_id=practice.id)
        elif name is not None:
            _, partner.name = read_code_and_name("partner", partner.code, name)
        partner.phone = number or partner.phone
        session.add(partner)
        if not are_linked(session, partner.id, practice.id):
            link(session, partner, practice.id or 0)
            record(session, allowed, "partner-linked", f"partner:{partner.id}", practice_id=practice.id)
        return partner

    # Twice: somebody may take the same code, or link the same two, at this moment.
    return db.write_with_retry(add)


def _new_partner(session: Session, code: str, name: str | None, places: int | None) -> Partner:
    if name is None or places is None:
        raise Refused(
            "partner-incomplete",
            f"{code} is a new partner: give its name and its places.",
            by_command="--name NAME --places N",
        )
    code, name = read_code_and_name("partner", code, name)
    take_code(session, code, "partner")
    partner = Partner(code=code, name=name, places=places, created_at=utc_now())
    session.add(partner)
    session.flush()
    return partner


def link(session: Session, partner: Partner, practice_id: int) -> None:
    """Let a partner work with a practice."""
    session.add(PartnerPractice(partner_id=partner.id or 0, practice_id=practice_id))


def change_partner(db: Database, code: str, actor: Actor, *, name: str | None, phone: str | None) -> Partner:
    """Change the name of a partner, its phone, or both; None leaves it as it is.

    :raises Refused: no such partner, a name or phone that cannot be used, or not an administrator.
    """
    with db.write() as session:
        actor = require(session, actor, MANAGE_ORGANISATIONS, None)
        partner = partner_by_code(session, code)
        rename(partner, "partner", name, phone)
        session.add(partner)
        record(session, actor, "partner-changed", f"partner:{partner.id}")
        return partner


def link_partner(db: Database, code: str, practice_code: str, actor: Actor) -> Partner:
    """Let a partner that is there work with another practice; linking again changes nothing.

    :raises Refused: no such partner or practice, or not an administrator.
    """
    with db.read() as session:
        partner_by_code(session, code)
    return add_partner(db, code, practice_code, actor, name=None, places=None, phone=None)


def unlink_partner(db: Database, code: str, practice_code: str, actor: Actor) -> Partner:
    """End the work of a partner with a practice.

    :raises Refused: `still-in-use`, says what ties them; they are not linked; no such partner or practice; not an
        administrator.
    """
    with db.write() as session:
        actor = require(session, actor, MANAGE_ORGANISATIONS, None)
        partner, practice = partner_by_code(session, code), practice_by_code(session, practice_code)
        found = held_link(session, partner.id, practice.id, to_end_it=True)
        if found is None:
            raise Refused("partner-not-linked", f"{partner.name} does not work with {practice.name} ({practice.code}).")
        _refuse_ties(session, partner, practice)
        session.delete(found)
        record(session, actor, "partner-unlinked", f"partner:{partner.id}", practice_id=practice.id)
        return partner


def _refuse_ties(session: Session, partner: Partner, practice: Practice) -> None:
    reasons = what_keeps_link(session, partner.id or 0, practice.id or 0)
    if reasons:
        raise Refused("still-in-use", f"{partner.name} still works with {practice.name}. {' '.join(reasons)}")


@dataclass(frozen=True)
class PartnerLine:
    """A partner as it is listed; `practices` are the codes of those it works with."""

    code: str
    name: str
    phone: str | None
    places: int
    practices: list[str]

    def as_json(self) -> dict[str, Any]:
        """What `partners list` says."""
        return dict(vars(self))


def list_partners(session: Session, code: str | None = None) -> list[PartnerLine]:
    """All partners by code, or one of them."""
    linked: dict[int, list[str]] = {}
    statement = select(PartnerPractice.partner_id, Practice.code).join(
        Practice, col(Practice.id) == col(PartnerPractice.practice_id)
    )
    for partner_id, practice_code in session.exec(statement.order_by(col(Practice.code))):
        linked.setdefault(partner_id, []).append(practice_code)
    partners = select(Partner).order_by(col(Partner.code))
    if code is not None:
        partners = partners.where(Partner.code == code)
    return [
        PartnerLine(found.code, found.name, found.phone, found.places, linked.get(found.id or 0, []))
        for found in session.exec(partners)
    ]


def require_sensible(places: int) -> None:
    """A number of places one can have. :raises Refused: it is not."""
    if not 0 <= places <= MOST_PLACES:
        raise Refused("bad-places", f"Places must be a whole number from 0 to {MOST_PLACES}.")


def what_keeps_link(session: Session, partner_id: int, practice_id: int) -> list[str]:
    """Everything that ties the two, a sentence each."""
    ties: tuple[Tie, ...] = in_use().bring("keeps_link")
    asked = (tie(session, partner_id, practice_id) for tie in ties)
    return [reason for reason in asked if reason]
