"""What visits that have to be moved say on a practice's home page."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.appointments.timetable.to_move import count_to_move
from bot.clock import utc_now
from bot.web import Card, counted


def to_move_cards(session: Session, acting: Acting) -> list[Card]:
    """How many visits have lost their time; nothing while none has."""
    if acting.practice_id is None or not acting.roles & OF_A_PRACTICE:
        return []
    visits, offered = count_to_move(session, acting.practice_id, utc_now())
    if not visits:
        return []
    words = f"{counted(visits, 'visit cannot', 'visits cannot')} be as booked."
    if offered:
        words += f" {counted(offered, 'person has', 'people have')} been offered other times."
    return [Card("Visits to move", words, "/visits/to-move", "amber")]
