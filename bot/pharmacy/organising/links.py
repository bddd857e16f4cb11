"""Which practices' people a pharmacy may text: a lead of the practice and the pharmacy's people both say yes to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.accounts.rights import HasCode, Right, roles_used, under, who_can
from bot.audit import CONSOLE, Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.pharmacy.organising.pharmacies import pharmacy_by_code
from bot.pharmacy.organising.rights import CONFIRM_FOR_PRACTICE, RUN_PHARMACY
from bot.refusals import Refused
from bot.tables.organisations import Pharmacy, Practice
from bot.tables.pharmacy import PharmacyPractice

SAID_BY_BOTH = (
    col(PharmacyPractice.pharmacy_said_at).is_not(None),
    col(PharmacyPractice.practice_said_at).is_not(None),
)
"""Whether the PharmacyPractice of a query is a link: the pharmacy may text the people of the practice."""


def linked_practices(session: Session, pharmacy_id: int) -> Sequence[int]:
    """The practices, by id, whose people a pharmacy may text: both have said yes."""
    statement = select(PharmacyPractice.practice_id).where(PharmacyPractice.pharmacy_id == pharmacy_id, *SAID_BY_BOTH)
    return session.exec(statement.order_by(col(PharmacyPractice.practice_id))).all()


def is_linked(session: Session, pharmacy_id: int, practice_id: int) -> bool:
    """Whether a pharmacy may text the people of a practice: both have said yes."""
    found = session.get(PharmacyPractice, (pharmacy_id, practice_id))
    return found is not None and not _waits_for(found)


def practices_of_all(session: Session) -> dict[int, list[str]]:
    """The codes of the practices that each pharmacy is linked to."""
    statement = (
        select(PharmacyPractice.pharmacy_id, Practice.code)
        .join(Practice, col(Practice.id) == col(PharmacyPractice.practice_id))
        .where(*SAID_BY_BOTH)
        .order_by(col(Practice.code))
    )
    found: dict[int, list[str]] = {}
    for pharmacy_id, code in session.exec(statement):
        found.setdefault(pharmacy_id, []).append(code)
    return found


@dataclass(frozen=True)
class LinkLine:
    """A pharmacy and a practice, and who has still to say yes: `pharmacy`, `practice`, both or nobody."""

    pharmacy: str
    pharmacy_name: str
    practice: str
    practice_name: str
    waits_for: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What `pharmacies link` says."""
        return {
            "pharmacy": self.pharmacy,
            "practice": self.practice,
            "linked": not self.waits_for,
            "waits_for": list(self.waits_for),
        }

    def in_words(self) -> str:
        """How the two stand to each other."""
        if not self.waits_for:
            return f"{self.pharmacy_name} may text people of {self.practice_name} about their prescriptions now."
        who = {
            "pharmacy": f"somebody with an account of {self.pharmacy_name}",
            "practice": f"a lead of {self.practice_name}",
        }
        return f"Noted. Nothing is sent yet: {' and '.join(who[side] for side in self.waits_for)} has still to say yes."


def confirm_link(db: Database, code: str, practice_code: str, actor: Actor) -> LinkLine:
    """Say yes to a link: a lead for the practice, an account of the pharmacy for the pharmacy, the console for both.

    Again it changes nothing.
    :raises Refused: no such pharmacy or practice, or an account of neither that may say so.
    """

    def confirm(session: Session) -> LinkLine:
        pharmacy, practice = pharmacy_by_code(session, code), practice_by_code(session, practice_code)
        sides = _sides(session, actor, pharmacy, practice)
        link = _link(session, pharmacy, practice)
        for side, confirming in sides.items():
            if getattr(link, f"{side}_said_at") is None:
                _say_yes(link, side, confirming, utc_now())
                action = "pharmacy-confirmed-link" if side == "pharmacy" else "practice-confirmed-link"
                _note(session, confirming, action, pharmacy, practice)
        session.add(link)
        return _line(pharmacy, practice, link)

    # Twice: both may say yes at this moment.
    return db.write_with_retry(confirm)


def end_link(db: Database, code: str, practice_code: str, actor: Actor) -> None:
    """Take the yes of either side back: the pharmacy may not text people of that practice from now on.

    :raises Refused: no such pharmacy or practice, they are not linked, or an account of neither that may say so.
    """
    with db.write() as session:
        pharmacy, practice = pharmacy_by_code(session, code), practice_by_code(session, practice_code)
        ending = next(iter(_sides(session, actor, pharmacy, practice).values()))
        link = session.get(PharmacyPractice, (pharmacy.id, practice.id), with_for_update=True)
        if link is None:
            raise Refused("pharmacy-not-linked", f"{pharmacy.name} and {practice.name} do not work together.")
        session.delete(link)
        _note(session, ending, "pharmacy-unlinked", pharmacy, practice)


def links_of(session: Session, *, pharmacy_id: int | None = None, practice_id: int | None = None) -> list[LinkLine]:
    """The links of a pharmacy or of a practice, those that wait for one of the two among them."""
    owner = (
        col(PharmacyPractice.pharmacy_id) == pharmacy_id if pharmacy_id else PharmacyPractice.practice_id == practice_id
    )
    statement = (
        select(Pharmacy, Practice, PharmacyPractice)
        .join(PharmacyPractice, col(PharmacyPractice.pharmacy_id) == col(Pharmacy.id))
        .join(Practice, col(Practice.id) == col(PharmacyPractice.practice_id))
        .where(owner)
        .order_by(col(Pharmacy.name), col(Practice.name))
    )
    return [_line(*row) for row in session.exec(statement)]


def _sides(session: Session, actor: Actor, pharmacy: Pharmacy, practice: Practice) -> dict[str, Actor]:
    """For which of the two somebody may speak, and under which role."""
    places: tuple[tuple[str, Right, HasCode], ...] = (
        ("pharmacy", RUN_PHARMACY, pharmacy),
        ("practice", CONFIRM_FOR_PRACTICE, practice),
    )
    if actor == CONSOLE:
        return {side: actor for side, _, _ in places}
    roles = {side: roles_used(session, actor, right).get(place.code) for side, right, place in places}
    sides = {side: under(actor, role) for side, role in roles.items() if role is not None}
    if not sides:
        who = " or ".join(who_can(right, place) for _, right, place in places)
        raise Refused("not-allowed", f"Only {who} can do that. Sign in as one of them.")
    return sides


def _link(session: Session, pharmacy: Pharmacy, practice: Practice) -> PharmacyPractice:
    key = (pharmacy.id or 0, practice.id or 0)
    found = session.get(PharmacyPractice, key, with_for_update=True)
    return found or PharmacyPractice(pharmacy_id=key[0], practice_id=key[1])


def _say_yes(link: PharmacyPractice, side: str, actor: Actor, now: datetime) -> None:
    setattr(link, f"{side}_said_at", now)
    setattr(link, f"{side}_said_by", actor.user_id)


def _waits_for(link: PharmacyPractice) -> tuple[str, ...]:
    said = {"pharmacy": link.pharmacy_said_at, "practice": link.practice_said_at}
    return tuple(side for side, at in said.items() if at is None)


def _line(pharmacy: Pharmacy, practice: Practice, link: PharmacyPractice) -> LinkLine:
    return LinkLine(pharmacy.code, pharmacy.name, practice.code, practice.name, _waits_for(link))


def _note(session: Session, actor: Actor, action: str, pharmacy: Pharmacy, practice: Practice) -> None:
    record(session, actor, action, f"pharmacy:{pharmacy.id}", practice_id=practice.id)
