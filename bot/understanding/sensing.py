"""The words of a reply as concepts of answers and wishes, in the person's languages with English beside them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, pairwise

from bot.understanding.added import Added, added, lists_of
from bot.understanding.intents import BIT, bits_of
from bot.understanding.lexicon import lexicon
from bot.understanding.marking import ARABIC_BEFORE, joined, less_beginnings
from bot.understanding.normalise import base_letters, squeeze
from bot.understanding.slips import SHORTEST_MISSPELT_CONCEPT, misspelt_as
from bot.understanding.units import Unit, units_at
from bot.understanding.word_lists import Words, bits_by_tag

_NOBODY: frozenset[str] = frozenset()
_ARABIC_BEFORE = (*ARABIC_BEFORE, "ه")
_OPENS = bits_of("so subject")
_Marks = tuple[tuple[str, int], ...]
DENIES, _LOST = bits_of("not no"), bits_of("speak who")
_NEVER_MISSPELT = bits_of("not stop send remove yes no agree want start wrong mine ask if past")


@dataclass(frozen=True)
class Sense:
    """A reply as concepts: the bits of each step of one or more words, and whether every word is explained."""

    words: Words
    steps: tuple[int, ...]
    every: int
    unexplained: Words
    beside: Words
    asked: frozenset[str]
    languages: frozenset[str]

    @cached_property
    def said(self) -> tuple[int, ...]:
        """The steps that say something: fillers lie between words that go together."""
        return tuple(bits for bits in self.steps if bits != BIT["filler"])

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

    @property
    def says_yes(self) -> bool:
        """Whether a yes is there that is not mere politeness or grammar: "nahi ji" is a no."""
        return any(bits & BIT["yes"] and not bits & BIT["filler"] for bits in self.steps)

    def strange_beside(self, name: str, *, but: str = "") -> bool:
        """Whether a word that no list has stands right beside a concept: who knows what it makes of it.

        :param but: concepts that go with it in one word where that does not count.
        """
        wanted, other_than = bits_of(name), bits_of(but)
        steps = [bits & ~wanted | BIT["filler"] if bits & other_than else bits for bits in self.said]
        return any((not one and other & wanted) or (not other and one & wanted) for one, other in pairwise(steps))

    def near(self, one: str, other: str, before: int, after: int) -> bool:
        """Whether one concept stands at most so many steps before or after another, fillers apart."""
        steps = self.said
        ones, others = bits_of(one), bits_of(other)
        return any(
            bits & ones
            for place, here in enumerate(steps)
            if here & others
            for bits in steps[max(place - before, 0) : place + after + 1]
        )

    def denies(self, names: str, before: int, after: int) -> bool:
        """Whether a "not" or "no" stands so near to these; that of "do not understand" denies nothing else."""
        steps = self.said
        named = [place for place, bits in enumerate(steps) if bits & bits_of(names)]
        lost = {place for place, bits in enumerate(steps) if bits & _LOST}
        saying_no = (
            place
            for place, bits in enumerate(steps)
            if bits & DENIES and lost.isdisjoint((place - 1, place, place + 1))
        )
        return any(-before <= other - place <= after for other in saying_no for place in named)

    def nearer(self, one: str, to: str, than: str) -> bool:
        """Whether every step of a concept stands as near to one concept as to another or nearer, fillers apart."""
        steps = self.said
        here, near, far = (
            [place for place, bits in enumerate(steps) if bits & bits_of(name)] for name in (one, to, than)
        )
        if not (here and near and far):
            return False
        return all(min(abs(it - place) for it in near) <= min(abs(it - place) for it in far) for place in here)


def plain_bits(steps: Iterable[int]) -> int:
    """All bits of the steps that are no fillers in another sense."""
    return joined(bits for bits in steps if not bits & BIT["filler"])


def moves_a_visit(steps: Iterable[int]) -> bool:
    """Whether a visit or a time is changed; who changed to another surgery changes none."""
    plain = plain_bits(steps)
    return bool(plain & BIT["change"] and plain & bits_of("visit time"))


def sense_of(words: Words, languages: frozenset[str]) -> Sense:
    """What words stand for in these languages, the longest units first."""
    return _sense_of(words, languages, added())


def senses_of(clauses: Iterable[Sequence[str]], languages: frozenset[str]) -> list[Sense]:
    """Each clause by itself."""
    return [sense_of(tuple(clause), languages) for clause in clauses]


@lru_cache(maxsize=256)
def _sense_of(words: Words, languages: frozenset[str], _beside: Added | None) -> Sense:
    """Several rules ask for the same clauses of a reply; what readers have added makes another sense of them."""
    steps: list[int] = []
    used: set[str] = set()
    strange: list[str] = []
    beside: list[str] = []
    for place, _, found, tags in steps_of(words, languages):
        bits = found & ~_OPENS | BIT["filler"] if found & _OPENS else found
        steps.append(bits)
        if not bits:
            strange.append(words[place])
        if bits & ~BIT["filler"]:
            used |= tags
        else:
            beside.append(words[place])
    return Sense(words, tuple(steps), joined(steps), tuple(strange), tuple(beside), languages, frozenset(used))


def steps_of(words: Words, languages: frozenset[str]) -> Iterator[tuple[int, int, int, frozenset[str]]]:
    """Each step of these words, which is one or more of them: its place, its length, its bits and whose they are."""
    place = 0
    while place < len(words):
        length, bits, tags = _step(words, place, languages)
        yield place, length, bits, tags
        place += length


def before(words: Words, name: str, languages: frozenset[str], *, least: int) -> Words:
    """The words before the first that stands for a concept, if at least so many are; else all."""
    starts = (place for place, _, bits, _ in steps_of(words, languages) if bits & BIT[name] and place >= least)
    return words[: next(starts, len(words))]


def _step(words: Words, place: int, languages: frozenset[str]) -> tuple[int, int, frozenset[str]]:
    """The longest unit that begins here, else what the word alone stands for: its length, bits and languages."""
    longest, found, tags = 1, 0, _NOBODY
    for rest, tag, bits in _units(words, place, languages):
        if len(rest) + 1 >= longest:
            found, tags = (found | bits, tags | {tag}) if len(rest) + 1 == longest else (bits, frozenset({tag}))
            longest = len(rest) + 1
    return (longest, found, tags) if found else (1, *_alone(words[place], languages, added()))


@lru_cache(maxsize=20_000)
def _alone(word: str, languages: frozenset[str], _beside: Added | None) -> tuple[int, frozenset[str]]:
    """What a word alone stands for: as it is spelt, else with a slip; its bits and languages."""
    exact = marks_of(word)
    if word[0].isdecimal() and not exact:  # "14th", "3pm"; but "3ayez" is chat Arabic
        return BIT["time"], _NOBODY
    return _own(exact, languages) or _own(_near_marks_of(word), languages, but=_NEVER_MISSPELT) or (0, _NOBODY)


def _own(listed: _Marks, languages: frozenset[str], *, but: int = 0) -> tuple[int, frozenset[str]] | None:
    """Less what stands for one of `but`: who slipped in a "not come" does not come."""
    own = {tag: bits for tag, bits in listed if tag in languages and not bits & but}
    if any(bits == BIT["filler"] for tag, bits in own.items() if tag != "en"):
        own.pop("en", None)  # Latvian "no" is "from"
    return (joined(own.values()), frozenset(own)) if own else None


def _units(words: Words, place: int, languages: frozenset[str]) -> Iterator[Unit]:
    beside = added()
    for tables in (None, beside) if beside else (None,):
        yield from units_at(words, place, "intent_units", languages, _is_next, tables)


def _is_next(word: str, rest: Sequence[str]) -> bool:
    return word == rest[0] if len(rest) > 1 else _fits(word, rest[0])


def _fits(word: str, wanted: str) -> bool:
    """Whether a word is the last of a unit, a stem but for "=word"."""
    return word == wanted[1:] if wanted.startswith("=") else word.startswith(wanted)


def marks_of(word: str) -> _Marks:
    """The concepts a word stands for, by language."""
    return _with_added(_marks, word)


def _near_marks_of(word: str) -> _Marks:
    """The concepts a word may stand for with one slip of the thumb, by language."""
    return _with_added(_near_marks, word)


def _with_added(marks: Callable[[str, Added | None], _Marks], word: str) -> _Marks:
    """What the lists say of a word, and what readers have added to them."""
    beside = added()
    return marks(word, None) if beside is None else _together((*marks(word, None), *marks(word, beside)))


def is_said_in(word: str, languages: Collection[str]) -> bool:
    """Whether answers and wishes are made of a word in one of these languages, fillers apart."""
    return any(tag in languages and bits & ~BIT["filler"] for tag, bits in marks_of(word))


@lru_cache(maxsize=20_000)
def _marks(word: str, beside: Added | None) -> _Marks:
    exact = _exactly(word, beside)
    for tag, bits in _exactly(squeeze(word), beside).items():
        exact.setdefault(tag, bits)
    return tuple(exact.items())


@lru_cache(maxsize=20_000)
def _near_marks(word: str, beside: Added | None) -> _Marks:
    return _together(chain.from_iterable(_misspelt(word, beside))) if len(word) >= SHORTEST_MISSPELT_CONCEPT else ()


def _together(listed: Iterable[tuple[str, int]]) -> _Marks:
    found: dict[str, int] = defaultdict(int)
    _add(found, listed)
    return tuple(found.items())


def _exactly(word: str, beside: Added | None) -> dict[str, int]:
    """As it is spelt; by its base letters in languages where that says nothing.

    Amharic "number" and "visit" share theirs.
    """
    spelt = _listed({word, *less_beginnings(word, _ARABIC_BEFORE)}, beside)
    base = base_letters(word)
    return spelt if base == word and spelt else {**_listed({base}, beside), **spelt}


def _listed(forms: set[str], beside: Added | None) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    lists = lists_of(beside)
    for form in forms:
        _add(found, bits_by_tag(lists.intent_words.get(form, "")))
        for end in range(2, len(form) + 1):
            _add(found, bits_by_tag(lists.intent_stems.get(form[:end], "")))
    return found


def _add(found: dict[str, int], listed: Iterable[tuple[str, int]]) -> None:
    for tag, bits in listed:
        found[tag] |= bits


def _misspelt(word: str, beside: Added | None) -> Iterator[_Marks]:
    lists = lists_of(beside)
    for end in range(SHORTEST_MISSPELT_CONCEPT - 1, len(word) + 1):
        for listed in misspelt_as(word[:end], lists.intent_by_half, SHORTEST_MISSPELT_CONCEPT):
            yield bits_by_tag(lists.intent_stems.get(listed, ""))
            if end == len(word):
                yield bits_by_tag(lists.intent_words.get(listed, ""))
