"""Units of several words in the concept tables of danger and of replies, found by their first two words."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import Literal

from bot.understanding.added import Added, lists_of
from bot.understanding.word_lists import bits_written

Table = Literal["concept_units", "intent_units"]
Unit = tuple[tuple[str, ...], str, int]
"""The words after the first of a unit, its language, and its bits."""
IsNext = Callable[[str, Sequence[str]], bool]
"""Whether a word is the next of the words that a unit still wants."""


def units_at(
    words: Sequence[str], place: int, table: Table, languages: Collection[str], is_next: IsNext, beside: Added | None
) -> Iterator[Unit]:
    """The units of some languages that stand whole at a place."""
    if place + 1 >= len(words):
        return
    for rest, tag, bits in _beginning(words[place], words[place + 1], table, is_next, beside):
        if tag in languages and (len(rest) == 1 or _goes_on(words, place + 1, rest, is_next)):
            yield rest, tag, bits


def _goes_on(words: Sequence[str], place: int, rest: Sequence[str], is_next: IsNext) -> bool:
    if place + len(rest) > len(words):
        return False
    return all(is_next(words[place + number], rest[number:]) for number in range(len(rest)))


@lru_cache(maxsize=80_000)
def _beginning(first: str, second: str, table: Table, is_next: IsNext, beside: Added | None) -> tuple[Unit, ...]:
    """The units of a table that begin with these two words."""
    listed: str = getattr(lists_of(beside), table).get(first, "")
    beginnings = (f"={second}", *(second[:end] for end in range(1, len(second) + 1))) if listed else ()
    units = (line.split() for beginning in beginnings for line in _lines(listed, beginning))
    found = (((word, *more), tag, bits) for word, tag, bits, *more in units)
    return tuple((rest, tag, bits_written(bits)) for rest, tag, bits in found if is_next(second, rest))


def _lines(listed: str, second: str) -> Iterator[str]:
    """The lines that begin with just this word or stem; they stand together."""
    opening = f"\n{second} "
    start = listed.find(opening)
    while start >= 0:
        end = listed.find("\n", start + 1)
        yield listed[start : end if end >= 0 else None]
        start = end if end >= 0 and listed.startswith(opening, end) else -1
