"""What the counter says on the home pages of a pharmacy and of a practice."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.clock import utc_now
from bot.pharmacy.counter.languages import count_reports
from bot.pharmacy.counter.places import COUNTER, REPORTED_LANGUAGES, TODAY
from bot.pharmacy.counter.today import count_to_phone
from bot.tables.accounts import Role
from bot.web import Card, counted


def counter_cards(session: Session, acting: Acting) -> list[Card]:
    """For the pharmacy: the form, and who is to be phoned."""
    if acting.pharmacy_id is None or Role.PHARMACY not in acting.roles:
        return []
    to_phone = count_to_phone(session, acting.pharmacy_id, utc_now())
    words = f"{counted(to_phone, 'person is', 'people are')} to be phoned." if to_phone else "Nobody is to be phoned."
    return [
        Card("Tell a person", "Find somebody, choose what to say, and see it in their language.", COUNTER.path),
        Card("Today", words, TODAY.path, "amber" if to_phone else None),
    ]


def language_cards(session: Session, acting: Acting) -> list[Card]:
    """For the practice, only while a report waits."""
    if acting.practice_id is None or not acting.roles & OF_A_PRACTICE:
        return []
    waiting = count_reports(session, acting.practice_id)
    if not waiting:
        return []
    words = f"{counted(waiting, 'language', 'languages')} reported by a pharmacy, for you to confirm."
    return [Card("Languages from pharmacies", words, REPORTED_LANGUAGES, "amber")]
