"""Languages that people name: by the name in any spelling, alone or in a sentence that asks for one.

A name may stand for several languages ("Punjabi", "Chinese", "Kurdish"): then all of them are given, and somebody asks.
English is named only where nothing else is said: most who name it say that they have none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from bot.texts.languages import LANGUAGES
from bot.understanding.lexicon import lexicon
from bot.understanding.normalise import normalise, squeeze
from bot.understanding.word_lists import Words

_LONGEST_NAME = 4
_AROUND = frozenset({"language_around", "polite"})
_ASKING = frozenset({"language"})
_ONE_SLIP_FROM, _TWO_SLIPS_FROM = 5, 8
"""Letters of a name in which one slip of the thumb, or two, are forgiven."""
ENGLISH = ("en",)


@dataclass(frozen=True)
class NamesFound:
    """The languages named, each as the tags its name may mean; the words that say something else; whether one is
    asked for in words ("interpreter", "I do not speak English")."""

    names: tuple[tuple[str, ...], ...]
    left: Words
    asked_for: bool

    @property
    def tags(self) -> frozenset[str]:
        """All that may be meant: of a wide name and a narrow one within it, the narrow one."""
        wanted = [frozenset(tags) for tags in self.names if tags != ENGLISH]
        if not wanted:
            return frozenset(ENGLISH if self.names and not self.asked_for else ())
        narrow = [tags for tags in wanted if not any(other < tags for other in wanted)]
        return frozenset().union(*narrow)


def in_order(tags: frozenset[str]) -> tuple[str, ...]:
    """Tags in the order of the table of languages, the same for everybody."""
    return tuple(tag for tag in LANGUAGES if tag in tags)


def tags_of_name(words: Words) -> tuple[str, ...]:
    """What exactly these words name; nothing when they name no language."""
    names = lexicon().language_names
    return names.get(words) or names.get(tuple(map(_squeezed, words)), ())


def languages_named(text: str) -> frozenset[str]:
    """Every language that a text may name, whatever else it says."""
    return find_names(tuple(normalise(text).split())).tags


def find_names(words: Words) -> NamesFound:
    """Walk through words and set apart names of languages, what asks for a language, and what is left."""
    names: list[tuple[str, ...]] = []
    left: list[str] = []
    asked_for = False
    squeezed = tuple(map(_squeezed, words))
    at_most = lexicon().longest_at_name
    place = 0
    while place < len(words):
        longest = max(at_most.get(words[place], 0), at_most.get(squeezed[place], 0))
        end = place + longest
        named, asks, length = _at(words[place:end], squeezed[place:end]) if longest else _NOTHING
        names += named
        asked_for = asked_for or asks
        left += words[place : place + 1] if not length else ()
        place += length or 1
    return NamesFound(tuple(dict.fromkeys(names)), tuple(left), asked_for)


_Step = tuple[Sequence[tuple[str, ...]], bool, int]
_NOTHING: _Step = ((), False, 0)


def _at(words: Words, squeezed: Words) -> _Step:
    """What the words begin with: names, whether they ask for a language, how many words it takes."""
    lists = lexicon()
    for length in range(len(words), 0, -1):
        span = words[:length]
        if tags := lists.language_names.get(span) or lists.language_names.get(squeezed[:length]):
            return [tags], False, length
        keys = {sense.key for sense in lists.phrases.get(span, ())}
        if keys & _ASKING:
            return list(_within(span)), True, length
        if keys & _AROUND or span in lists.around_names:
            return [], False, length
    return _NOTHING


@lru_cache(maxsize=8192)
def _squeezed(word: str) -> str:
    return squeeze(word)


def _within(phrase: Words) -> Iterator[tuple[str, ...]]:
    """The names in a phrase of the lists ("mówię po polsku"), but English, which such a phrase denies."""
    for start in range(len(phrase)):
        for end in range(min(len(phrase), start + _LONGEST_NAME), start, -1):
            tags = tags_of_name(phrase[start:end])
            if tags and tags != ENGLISH:
                yield tags


def misspelt(word: str) -> frozenset[str]:
    """What a word names that no list knows, a slip or two of the thumb forgiven; nothing where two names are as near.

    The first letter must be right, for it is the one people look at.
    """
    if len(word) < _ONE_SLIP_FROM or word in lexicon().known_in or word in lexicon().unlike_names:
        return frozenset()
    near: dict[int, set[frozenset[str]]] = {}
    for name, tags in _names_by_first().get(word[:1], ()):
        most = 2 if min(len(name), len(word)) >= _TWO_SLIPS_FROM else 1
        apart = OSA.distance(word, name) if abs(len(name) - len(word)) <= most else most + 1
        if apart <= most:
            near.setdefault(apart, set()).add(frozenset(tags))
    nearest = near[min(near)] if near else set()
    return nearest.pop() if len(nearest) == 1 else frozenset()


@cache
def _names_by_first() -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    names: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for words, tags in lexicon().language_names.items():
        if len(words) == 1 and len(words[0]) >= _ONE_SLIP_FROM:
            names.setdefault(words[0][0], []).append((words[0], tags))
    return {first: tuple(found) for first, found in names.items()}
