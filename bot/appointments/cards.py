"""What visits say on the home page and in the header."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.appointments.own_book.own_system import count_open_tasks
from bot.web import Card, Place, counted

VISITS = Place("Visits", "/visits", OF_A_PRACTICE)


def own_system_cards(session: Session, acting: Acting) -> list[Card]:
    """Only while something has to be done in the practice's own appointment book."""
    if not acting.roles & OF_A_PRACTICE or acting.practice_id is None:
        return []
    waiting = count_open_tasks(session, acting.practice_id)
    if not waiting:
        return []
    words = f"{counted(waiting, 'visit needs', 'visits need')} something done in your own appointment system."
    return [Card("Visits", words, "/visits/own-system", "amber")]
