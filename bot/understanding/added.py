"""Words that native readers have added since the files were made: tables as those of the lexicon, a few words each.

The process keeps one set, which whoever knows the database puts here; it is swapped as a whole, so a reply is read with
one set or the other. What a set would make of sentences is tried in the thread that asks, and nowhere else.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple

from bot.understanding.building import build_beside
from bot.understanding.lexicon import LOCALES, lexicon
from bot.understanding.word_lists import ConceptTables

DANGER, REPLIES = "danger", "replies"
LISTS = (DANGER, REPLIES)
"""The two kinds of tables a language has."""


class Word(NamedTuple):
    """An entry of a table: its language, one of `LISTS`, the concept, and the word as the file would have it."""

    language: str
    lists: str
    concept: str
    entry: str


@dataclass(frozen=True, eq=False)
class Added(ConceptTables):
    """A set of added words, as tables; `edition` names the set."""

    edition: str | None


_in_use: Added | None = None
_tried: ContextVar[Added | None] = ContextVar("tried", default=None)


def added() -> Added | None:
    """The set that a reply is read with here and now; None when there is none."""
    return _tried.get() or _in_use


def lists_of(beside: Added | None) -> ConceptTables:
    """A set of added words, or the lexicon where none is meant."""
    return beside or lexicon()


def edition_in_use() -> str | None:
    """The name of the set that this process keeps."""
    return _in_use.edition if _in_use else None


def put_beside(words: Iterable[Word], edition: str | None) -> None:
    """Read every reply with these words from now on, in place of those before; without an edition, with none."""
    global _in_use
    _in_use = _set_of(words, edition) if edition else None


@contextmanager
def trying(words: Iterable[Word]) -> Iterator[None]:
    """Within it this thread reads with these added words alone; others notice nothing."""
    token = _tried.set(_set_of(words, None))
    try:
        yield
    finally:
        _tried.reset(token)


def _set_of(words: Iterable[Word], edition: str | None) -> Added:
    return Added(edition=edition, **build_beside(words, LOCALES, _listed))


def _listed(word: str) -> str:
    return f"{lexicon().concept_words.get(word, '')} {lexicon().concept_stems.get(word, '')}"
