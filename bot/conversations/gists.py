"""The English of what a person wrote, in the conversation that staff read."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from bot.conversations.inbox import Bubble, InboxEntry, conversation, find_item
from bot.database import Database
from bot.gists.asking import Heard, ask_for_missing_gists
from bot.gists.showing import Gist, Reader, gists_of
from bot.patients.phone_safety import language_of_all
from bot.settings import Settings


def ask_for_english(db: Database, settings: Settings, practice_id: int, item_id: int) -> None:
    """Have the English made that somebody misses who opens an item: of all that its conversation shows."""
    with db.read() as session:
        entry = find_item(session, practice_id, item_id)
        heard = _heard(entry, conversation(session, practice_id, entry.item)) if entry else []
    ask_for_missing_gists(db, settings, heard)


def gists_in(
    session: Session, settings: Settings, entry: InboxEntry, bubbles: Sequence[Bubble], reader: Reader
) -> Mapping[int, Gist]:
    """What stands under each text of a conversation, by its number."""
    return gists_of(session, settings, _heard(entry, bubbles), reader)


def _heard(entry: InboxEntry, bubbles: Sequence[Bubble]) -> list[Heard]:
    recorded = language_of_all(entry.people)
    return [Heard(bubble.message, bubble.reading, recorded) for bubble in bubbles if bubble.theirs]
