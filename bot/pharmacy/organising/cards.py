"""What links say on the home pages of a pharmacy, a practice and the administrator."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.pharmacy.organising.links import LinkLine, links_of
from bot.pharmacy.organising.places import FOR_PHARMACIES, FOR_PRACTICES
from bot.tables.accounts import Role
from bot.web import Card, counted


def link_cards(session: Session, acting: Acting) -> list[Card]:
    """For the pharmacy, its practices; for the practice, its pharmacies, where there are any."""
    if Role.PHARMACY in acting.roles and acting.pharmacy_id is not None:
        links = links_of(session, pharmacy_id=acting.pharmacy_id)
        return [_card("Practices", FOR_PHARMACIES.path, links, "pharmacy", ("practice", "practices"))]
    if acting.practice_id is None or not acting.roles & OF_A_PRACTICE:
        return []
    links = links_of(session, practice_id=acting.practice_id)
    card = _card("Pharmacies", FOR_PRACTICES.path, links, "practice", ("pharmacy", "pharmacies"))
    return [card] if links else []


def _card(heading: str, path: str, links: list[LinkLine], side: str, others: tuple[str, str]) -> Card:
    """How many work together; amber while somebody waits for a yes of ours."""
    asks = sum(side in link.waits_for for link in links)
    working = sum(not link.waits_for for link in links)
    words = f"You work with {counted(working, *others)}."
    if asks:
        waits = counted(asks, f"{others[0]} waits", f"{others[1]} wait")
        return Card(heading, f"{words} {waits} for your yes.", path, "amber")
    return Card(heading, words, path)
