"""What the home page of a pharmacy says of its system: only that something could not be told."""

from sqlmodel import Session

from bot.accounts.memberships import Acting
from bot.clock import utc_now
from bot.pharmacy.hooks.places import WEBHOOK
from bot.pharmacy.hooks.showing import NEWS_FOR, count_given_up
from bot.tables.accounts import Role
from bot.web import Card, counted


def webhook_cards(session: Session, acting: Acting) -> list[Card]:
    """For the pharmacy, while something was given up in the last days."""
    if acting.pharmacy_id is None or Role.PHARMACY not in acting.roles:
        return []
    given_up = count_given_up(session, acting.pharmacy_id, utc_now() - NEWS_FOR)
    words = f"{counted(given_up, 'event', 'events')} could not be told to your system. See why, and try again."
    return [Card("Your system", words, WEBHOOK.path, "amber")] if given_up else []
