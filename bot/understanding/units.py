"""Units of several words in the concept tables of danger and of replies, found by their first two words."""

from collections.abc import Callable, Collection, Mapping, Sequence
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
) -> list[Unit]:
    """The units of some languages that stand whole at a place."""
    if place + 1 >= len(words) or not _by_second(words[place], table, beside):
        return []
    return [
        unit
        for unit in _beginning(words[place], words[place + 1], table, is_next, beside)
        if unit[1] in languages and (len(unit[0]) == 1 or _goes_on(words, place + 1, unit[0], is_next))
    ]


def _goes_on(words: Sequence[str], place: int, rest: tuple[str, ...], is_next: IsNext) -> bool:
    """Whether a unit whose second word stands at a place goes on as it should: all words but the last are whole."""
    end = place + len(rest) - 1
    return end < len(words) and tuple(words[place + 1 : end]) == rest[1:-1] and is_next(words[end], rest[-1:])


@lru_cache(maxsize=20_000)
def _beginning(first: str, second: str, table: Table, is_next: IsNext, beside: Added | None) -> tuple[Unit, ...]:
    """The units of a table that begin with these two words."""
    listed = _by_second(first, table, beside)
    beginnings = (f"={second}", *(second[:end] for end in range(1, len(second) + 1)))
    units = ((word, *line.split()) for word in beginnings for line in listed.get(word, ()))
    found = (((word, *more), tag, bits) for word, tag, bits, *more in units)
    return tuple((rest, tag, bits_written(bits)) for rest, tag, bits in found if is_next(second, rest))


@lru_cache(maxsize=8_192)
def _by_second(first: str, table: Table, beside: Added | None) -> Mapping[str, list[str]]:
    """What the table says of the units that begin with a word, by the second word or stem of each."""
    listed: str = getattr(lists_of(beside), table).get(first, "")
    found: dict[str, list[str]] = {}
    for line in listed.split("\n"):
        second, _, rest = line.partition(" ")
        if rest:
            found.setdefault(second, []).append(rest)
    return found
