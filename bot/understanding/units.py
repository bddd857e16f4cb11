"""Units of several words in the concept tables, found by their first two words."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

from bot.understanding.added import Added, lists_of
from bot.understanding.word_lists import bits_written

Table = Literal["concept_units", "intent_units"]
Unit = tuple[tuple[str, ...], str, int]
"""The words after the first of a unit, its language, and its bits."""
IsNext = Callable[[str, Sequence[str]], bool]
"""Whether a word is the next of the words that a unit still wants."""


@lru_cache(maxsize=80_000)
def units_beginning(first: str, second: str, table: Table, is_next: IsNext, beside: Added | None) -> tuple[Unit, ...]:
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
