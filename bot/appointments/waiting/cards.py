"""What the waiting list says on a practice's home page."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.appointments.waiting.listing import list_waiting
from bot.web import Card, counted


def waiting_cards(session: Session, acting: Acting) -> list[Card]:
    """How many wait for a time, and how many of them have to be phoned; nothing while nobody waits."""
    if acting.practice_id is None or not acting.roles & OF_A_PRACTICE:
        return []
    waiting = list_waiting(session, acting.practice_id)
    if not waiting:
        return []
    words = f"{counted(len(waiting), 'person waits', 'people wait')} for a time."
    if by_phone := sum(one.phone_only is not None for one in waiting):
        words += f" {counted(by_phone, 'person has', 'people have')} to be phoned, as no text can go."
    return [Card("Waiting list", words, "/waiting", "amber" if by_phone else None)]
