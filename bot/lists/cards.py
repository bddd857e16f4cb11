"""What a practice's lists say on the home page."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.lists.conflicts import count_open_conflicts
from bot.web import Card, Place, counted

LISTS = Place("Lists", "/lists", OF_A_PRACTICE)


def conflict_cards(session: Session, acting: Acting) -> list[Card]:
    """Only while there is something to settle."""
    if not acting.roles & OF_A_PRACTICE or acting.practice_id is None:
        return []
    people = count_open_conflicts(session, acting.practice_id)
    if not people:
        return []
    words = f"Rows of a list disagree about {counted(people, 'person', 'people')}. Choose which is right."
    return [Card("Patient lists", words, "/lists/conflicts", "amber")]
