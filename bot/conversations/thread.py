"""One person's conversation as staff read it: texts in and out, and what came to staff at its place among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.conversations.inbox import Bubble, InboxEntry, conversation, items_of_conversation, names_of
from bot.patients.phone_safety import language_of_all
from bot.tables.attention import InboxNote
from bot.texts.languages import LANGUAGES
from bot.understanding.reading import danger_in
from bot.wording.words.in_force import look_for_words


@dataclass(frozen=True)
class Note:
    """What a colleague noted; `by` is their name, None for the console."""

    note: InboxNote
    by: str | None


@dataclass(frozen=True)
class Place:
    """An item at its place in the conversation, with its notes, the oldest first."""

    entry: InboxEntry
    notes: Sequence[Note]


@dataclass(frozen=True)
class Danger:
    """Words of a text that were found urgent, and the languages they are from, in English."""

    words: str
    languages: str


@dataclass(frozen=True)
class Turn:
    """A message of the conversation with what came to staff because of it, and what is urgent in it."""

    bubble: Bubble
    places: Sequence[Place]
    danger: Sequence[Danger]


@dataclass(frozen=True)
class Thread:
    """A whole conversation. `apart` came to staff without a message that is still shown."""

    turns: Sequence[Turn]
    apart: Sequence[Place]

    @property
    def places(self) -> list[Place]:
        """All that came to staff, in its order."""
        return [*self.apart, *(place for turn in self.turns for place in turn.places)]

    @property
    def open_ids(self) -> list[int]:
        """What is still open, by its numbers."""
        return [place.entry.item.id or 0 for place in self.places if place.entry.item.state == "open"]

    @property
    def newest_message(self) -> int:
        """The number of the newest message that is shown; 0 when there is none."""
        return max((turn.bubble.message.id or 0 for turn in self.turns), default=0)

    @property
    def wrote_in(self) -> str | None:
        """The language they wrote in last, as far as it was read."""
        read = [turn.bubble.reading.language for turn in self.turns if turn.bubble.reading]
        return next((language for language in reversed(read) if language), None)

    def danger_of(self, item_id: int) -> Sequence[Danger]:
        """What was found urgent in the message of an item."""
        return next((turn.danger for turn in self.turns for p in turn.places if p.entry.item.id == item_id), [])


def read_thread(session: Session, practice_id: int, entry: InboxEntry) -> Thread:
    """The conversation of an item's person, or of its phone where nobody knows whose it is."""
    bubbles = conversation(session, practice_id, entry.item)
    entries = items_of_conversation(session, practice_id, entry.item)
    if entry.item.id not in {other.item.id for other in entries}:  # older than those that are shown
        entries = [entry, *entries]
    places = _places(session, entries)
    if any(bubble.reading and bubble.reading.urgent for bubble in bubbles):
        look_for_words(session)
    shown = {bubble.message.id for bubble in bubbles}
    turns = [Turn(bubble, _at(places, bubble.message.id), _danger(bubble, entry)) for bubble in bubbles]
    return Thread(turns, [place for place in places if place.entry.item.message_id not in shown])


def _places(session: Session, entries: Sequence[InboxEntry]) -> list[Place]:
    notes = _notes(session, [entry.item.id or 0 for entry in entries])
    return [Place(entry, notes.get(entry.item.id or 0, [])) for entry in entries]


def _notes(session: Session, item_ids: Sequence[int]) -> Mapping[int, list[Note]]:
    rows = session.exec(select(InboxNote).where(col(InboxNote.item_id).in_(item_ids)).order_by(col(InboxNote.id))).all()
    names = names_of(session, {row.user_id for row in rows})
    found: dict[int, list[Note]] = {}
    for row in rows:
        found.setdefault(row.item_id, []).append(Note(row, names.get(row.user_id)))
    return found


def _at(places: Sequence[Place], message_id: int | None) -> list[Place]:
    return [place for place in places if place.entry.item.message_id == message_id]


def _danger(bubble: Bubble, entry: InboxEntry) -> list[Danger]:
    """Read again, for the words themselves are not kept; nothing where they were erased since."""
    if not bubble.reading or not bubble.reading.urgent:
        return []
    found = danger_in(bubble.message.body, language_of_all(entry.people))
    return [Danger(urgent.matched, _languages(urgent.languages)) for urgent in found]


def _languages(tags: frozenset[str]) -> str:
    """ "Urdu", "Hindi or Urdu", "Hindi, Nepali or 3 other languages"; English stands first, then by name."""
    names = sorted((LANGUAGES[tag].english for tag in tags if tag in LANGUAGES), key=lambda n: (n != "English", n))
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} other languages"]
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


_MOST_NAMED = 4
