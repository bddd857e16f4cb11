"""What visits without an interpreter say on a practice's home page."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.appointments.interpreted.without_interpreter import count_without_interpreter
from bot.clock import utc_now
from bot.web import Card, counted


def without_interpreter_cards(session: Session, acting: Acting) -> list[Card]:
    """How many visits lack one; nothing while none does."""
    if acting.practice_id is None or not acting.roles & OF_A_PRACTICE:
        return []
    sought, failed = count_without_interpreter(session, acting.practice_id, utc_now())
    words = []
    if failed:
        words.append(f"Nobody was found for {counted(failed, 'visit', 'visits')}.")
    if sought:
        words.append(f"Interpreters are being asked for {counted(sought, 'visit', 'visits')}.")
    if not words:
        return []
    urgency = "red" if failed else "amber"
    return [Card("Visits without an interpreter", " ".join(words), "/visits/without-interpreter", urgency)]
