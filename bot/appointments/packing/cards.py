"""What the nightly plan says on the home page."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.appointments.packing.looking import count_to_book
from bot.clock import utc_now
from bot.web import Card, counted


def plan_cards(session: Session, acting: Acting) -> list[Card]:
    """Only while the plan has a time for somebody who is not booked."""
    if not acting.roles & OF_A_PRACTICE or acting.practice_id is None:
        return []
    to_book = count_to_book(session, acting.practice_id, utc_now())
    if not to_book:
        return []
    words = f"There is a time with an interpreter for {counted(to_book, 'person', 'people')} on the waiting list."
    return [Card("Plan for who waits", words, "/waiting/plan")]
