"""Danger that only a machine's English shows: a person reads it sooner, and nothing else follows from it.

A gist may hide danger as well as invent it. So it sends nothing, closes no question, and lowers nothing: what the
person's own words say of urgency stands, whatever the English says.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import exists, update
from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.audit import SERVICE, record
from bot.tables.attention import InboxItem
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Message
from bot.tables.translation import GIST, Translation
from bot.translation.requests import ENGLISH
from bot.understanding.reading import danger_in
from bot.wording.words.in_force import look_for_words

URGENT_IN_GIST, AMBER = "urgent-in-gist", "amber"
REASONS: Mapping[str, str] = {
    URGENT_IN_GIST: "There are urgent words in the English a computer made of the message, and only there. "
    "Read it, and phone the person if you are not sure.",
}


def danger_in_gist(english: str | None) -> Sequence[str]:
    """The urgent words of a gist, the most urgent first."""
    return [urgent.matched for urgent in danger_in(english or "", ENGLISH)]


def lift_urgent(session: Session, translation: Translation) -> None:
    """Let staff read a text sooner in whose English alone there are urgent words.

    What is open because of it becomes amber; when nothing is, it comes to staff anew.
    """
    if translation.purpose != GIST or translation.message_id is None:
        return
    look_for_words(session)
    if not danger_in_gist(translation.text):
        return
    reading = session.get(ReplyReading, translation.message_id)
    if reading is None or not reading.urgent:
        _lift(session, session.get_one(Message, translation.message_id))


def _lift(session: Session, message: Message) -> None:
    of_it = (col(InboxItem.message_id) == message.id, col(InboxItem.state) == "open")
    calm = update(InboxItem).where(*of_it, col(InboxItem.urgency).is_(None))
    changed = session.execute(calm.values(urgency=AMBER)).rowcount > 0  # type: ignore[attr-defined]
    if not session.scalar(select(exists().where(*of_it))):
        ask_a_person(session, message, URGENT_IN_GIST, AMBER)
        changed = True
    if changed:
        record(session, SERVICE, "gist-urgent", f"text:{message.id}", practice_id=message.practice_id)
