"""What the inbox says on the home page."""

from sqlmodel import Session

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.attention.escalation import count_escalated
from bot.attention.items import count_open
from bot.conversations.inbox import LANGUAGE_TOLD
from bot.conversations.languages_told import count_told
from bot.tables.accounts import Role
from bot.web import Card, Place, counted, settings, span_in_words


def count_waiting(session: Session, acting: Acting) -> int:
    """How many items are open, for the menu."""
    if not acting.roles & OF_A_PRACTICE or acting.practice_id is None:
        return 0
    return sum(count_open(session, acting.practice_id).values())


INBOX = Place("Inbox", "/inbox", OF_A_PRACTICE, waiting=count_waiting)


def inbox_cards(session: Session, acting: Acting) -> list[Card]:
    """Urgent messages nobody has opened before everything else, then what waits for a person."""
    if Role.ADMIN in acting.roles:
        return _escalated_cards(count_escalated(session), "/operations")
    if not acting.roles & OF_A_PRACTICE or acting.practice_id is None:
        return []
    escalated = _escalated_cards(count_escalated(session, acting.practice_id), INBOX.path)
    told = _languages_cards(count_told(session, acting.practice_id))
    return [*escalated, _inbox_card(count_open(session, acting.practice_id)), *told]


def own_words_cards(_session: Session, acting: Acting) -> list[Card]:
    """Where a lead switches texts in own words on, and reads what they are."""
    if Role.LEAD not in acting.roles:
        return []
    words = "What staff may write to one person, what a computer translates of it, and whether it is switched on."
    return [Card("Texts in own words", words, "/free-text")]


def _escalated_cards(number: int, path: str) -> list[Card]:
    """Before everything else: urgent messages that nobody has looked at."""
    if not number:
        return []
    waited = span_in_words(settings().duty_again)
    words = f"{counted(number, 'urgent message has', 'urgent messages have')} waited over {waited} unopened."
    return [Card("Open these now", words, path, "red")]


def _languages_cards(number: int) -> list[Card]:
    """Languages people told us, until somebody has recorded them."""
    if not number:
        return []
    words = f"{counted(number, 'person', 'people')} told us their language. Put it into the record with its code."
    return [Card("Languages people told us", words, f"{INBOX.path}?reason={LANGUAGE_TOLD}")]


def _inbox_card(counts: dict[str, int]) -> Card:
    red, amber, total = counts["red"], counts["amber"], sum(counts.values())
    if not total:
        return Card("Inbox", "Nobody is waiting for an answer.", "/inbox")
    pieces = [f"{number} {word}" for number, word in ((red, "urgent"), (amber, "to read soon")) if number]
    urgent = f" {' and '.join(pieces)}." if pieces else ""
    urgency = "red" if red else "amber" if amber else None
    return Card("Inbox", f"{counted(total, 'message waits', 'messages wait')} for a person.{urgent}", "/inbox", urgency)
