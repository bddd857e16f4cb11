"""Which language to write to a phone in, when it may be on more than one record. Pure."""

from collections.abc import Iterable

from bot.tables.patients import Patient


def language_of_all(people: Iterable[Patient]) -> str | None:
    """The one language recorded for the people of a phone; None when none is, or several are."""
    recorded = {person.language for person in people if person.language}
    return recorded.pop() if len(recorded) == 1 else None
