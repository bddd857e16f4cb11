"""What the home page says of duty."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.clock import utc_now
from bot.duty.figures import may_be_told
from bot.duty.rota import rota_of
from bot.web import Card, phone_for_people, settings

PATH = "/duty"


def duty_cards(session: Session, acting: Acting) -> list[Card]:
    """Who is told by text of what cannot wait, or that nobody is."""
    if not acting.roles & OF_A_PRACTICE or acting.practice_id is None:
        return []
    present = [line for line in rota_of(session, acting.practice_id, utc_now()) if line.now]
    if not present:
        words = "Nobody is told by text of messages that cannot wait. A lead puts a phone on duty."
        return [Card("Nobody is on duty", words, PATH, "amber")]
    if not any(line.reachable for line in present):
        words = "The phone on duty asked for no texts, so nobody is told of messages that cannot wait."
        return [Card("Nobody on duty can be told", words, PATH, "amber")]
    if not may_be_told(session, settings()):
        words = "The text to who is on duty has no approved wording, so nobody is told of messages that cannot wait."
        return [Card("Nobody on duty can be told", words, PATH, "amber")]
    phones = ", then ".join(phone_for_people(line.entry.phone) for line in present if line.reachable)
    return [Card("On duty", f"{phones} is told by text of messages that cannot wait, at any hour.", PATH)]
