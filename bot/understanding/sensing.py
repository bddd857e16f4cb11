"""The words of a reply as concepts of answers and wishes, in the person's languages with English beside them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.understanding.intents import BIT, bits_of
from bot.understanding.lexicon import lexicon
from bot.understanding.marking import ARABIC_BEFORE, entries_of, joined, less_beginnings
from bot.understanding.normalise import base_letters, squeeze
from bot.understanding.word_lists import Words, deletions, one_slip

_FUZZY_LENGTH = 6
_ARABIC_BEFORE = (*ARABIC_BEFORE, "ه")
_NEVER_MISSPELT = bits_of("not stop send remove yes no agree want start wrong mine ask if past")


@dataclass(frozen=True)
class Sense:
    """A reply as concepts: the bits of each step of one or more words, and whether every word is explained."""

    steps: tuple[int, ...]
    every: int
    unexplained: Words
    beside: Words
    asked: frozenset[str]
    languages: frozenset[str]

    @property
    def explained(self) -> bool:
        """Whether every word stands for something."""
        return not self.unexplained

    def has(self, names: str) -> bool:
        """Whether all these concepts are there."""
        wanted = bits_of(names)
        return self.every & wanted == wanted

    def any(self, names: str) -> bool:
        """Whether one of these concepts is there."""
        return bool(self.every & bits_of(names))

    def only(self, allowed: int, *, but: int = 0) -> bool:
        """Whether each step is explained by these concepts alone, `but` for so many words that no list has."""
        known = all(bits & allowed for bits in self.steps if bits)
        strange = not any(lexicon().is_of(word, tag) for word in self.unexplained for tag in self.asked)
        return known and len(self.unexplained) <= but and (strange or not self.unexplained)

    def strange_beside(self, name: str) -> bool:
        """Whether a word that no list has stands right beside a concept: who knows what it makes of it."""
        wanted = bits_of(name)
        steps = [bits for bits in self.steps if bits != BIT["filler"]]
        return any((not one and other & wanted) or (not other and one & wanted) for one, other in pairwise(steps))

    def near(self, one: str, other: str, before: int, after: int) -> bool:
        """Whether one concept stands at most so many steps before or after another, fillers apart."""
        steps = [bits for bits in self.steps if bits != BIT["filler"]]
        ones, others = bits_of(one), bits_of(other)
        return any(
            bits & ones
            for place, here in enumerate(steps)
            if here & others
            for bits in steps[max(place - before, 0) : place + after + 1]
        )


def sense_of(words: Words, languages: frozenset[str]) -> Sense:
    """What words stand for in these languages, the longest units first."""
    steps: list[int] = []
    used: set[str] = set()
    strange: list[str] = []
    beside: list[str] = []
    place = 0
    while place < len(words):
        length, bits, tags = _step(words, place, languages)
        steps.append(bits)
        if not bits:
            strange.append(words[place])
        if bits & ~BIT["filler"]:
            used |= tags
        else:
            beside.append(words[place])
        place += length
    return Sense(tuple(steps), joined(steps), tuple(strange), tuple(beside), languages, frozenset(used))


def _step(words: Words, place: int, languages: frozenset[str]) -> tuple[int, int, set[str]]:
    """The longest unit that begins here, else what the word alone stands for: its length, bits and languages."""
    longest, found, tags = 1, 0, set[str]()
    for rest, tag, bits in _units(words, place):
        if tag in languages and len(rest) + 1 >= longest:
            found, tags = (found | bits, tags | {tag}) if len(rest) + 1 == longest else (bits, {tag})
            longest = len(rest) + 1
    if found:
        return longest, found, tags
    exact, near = marks_of(words[place])
    for listed, mask in ((exact, -1), (near, ~_NEVER_MISSPELT)):
        own = {tag: bits & mask for tag, bits in listed if tag in languages and bits & mask}
        if any(bits == BIT["filler"] for tag, bits in own.items() if tag != "en"):
            own.pop("en", None)  # Latvian "no" is "from"
        for tag, bits in own.items():
            found |= bits
            tags.add(tag)
        if found:
            break
    return 1, found, tags


def _units(words: Words, place: int) -> Iterator[tuple[tuple[str, ...], str, int]]:
    for rest, tag, bits in lexicon().intent_units.get(words[place], ()):
        end = place + len(rest)
        if end < len(words) and words[place + 1 : end] == rest[:-1] and _fits(words[end], rest[-1]):
            yield rest, tag, bits


def _fits(word: str, wanted: str) -> bool:
    """Whether a word is the last of a unit, a stem but for "=word"."""
    return word == wanted[1:] if wanted.startswith("=") else word.startswith(wanted)


_Marks = tuple[tuple[str, int], ...]


@lru_cache(maxsize=20_000)
def marks_of(word: str) -> tuple[_Marks, _Marks]:
    """The concepts a word stands for by language, and those it may stand for with one slip of the thumb."""
    exact = _exactly(word)
    for tag, bits in _exactly(squeeze(word)).items():
        exact.setdefault(tag, bits)
    near: dict[str, int] = defaultdict(int)
    if len(word) >= _FUZZY_LENGTH:
        for table in _misspelt(word):
            _add(near, table)
    return tuple(exact.items()), tuple(near.items())


def _exactly(word: str) -> dict[str, int]:
    """As it is spelt; by its base letters only where that says nothing (Amharic "number" and "visit" share theirs)."""
    return _listed({word, *less_beginnings(word, _ARABIC_BEFORE)}) or _listed({base_letters(word)})


def _listed(forms: set[str]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for form in forms:
        _add(found, entries_of(lexicon().intent_words.get(form, "")))
        for end in range(2, len(form) + 1):
            _add(found, entries_of(lexicon().intent_stems.get(form[:end], "")))
    return found


def _add(found: dict[str, int], listed: Iterable[tuple[str, int]]) -> None:
    for tag, bits in listed:
        found[tag] |= bits


def _misspelt(word: str) -> Iterator[_Marks]:
    lists = lexicon()
    for end in range(_FUZZY_LENGTH - 1, len(word) + 1):
        beginning = word[:end]
        for listed in {
            one for trace in deletions(beginning) for one in lists.intent_by_deletion.get(trace, "").split()
        }:
            whole = listed.startswith("=")
            plain = listed.removeprefix("=")
            if (not whole or end == len(word)) and one_slip(beginning, plain):
                yield entries_of((lists.intent_words if whole else lists.intent_stems).get(plain, ""))
