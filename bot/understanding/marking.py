"""The words of a reply as concepts of danger, language by language."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import chain
from operator import or_

from bot.understanding.added import Added, added, lists_of
from bot.understanding.concepts import BIT
from bot.understanding.lexicon import lexicon
from bot.understanding.normalise import base_letters
from bot.understanding.slips import SHORTEST_MISSPELT_CONCEPT, danger_near
from bot.understanding.units import units_at
from bot.understanding.word_lists import bits_by_tag, is_many

ENGLISH, _ARABIC = "en", "ar"
_NOBODY: frozenset[str] = frozenset()
_SHORTEST_INSIDE, _LONGEST_PREFIX = 3, 6
ARABIC_BEFORE = ("وال", "بال", "لل", "ال", "و", "ب", "ل", "ف")
_FEWEST_LEFT = 3
_ELIDING, _FEWEST_UNELIDED = frozenset({"fr", "it"}), 5
_ELIDED = re.compile(r"^(?:qu|jusqu|lorsqu|puisqu|un|all|dell|dall|nell|sull|quell|[dl])(?=[aeiouyh])")
_SHORT, _SHORT_ENDING = 2, 3
_LOOKS_LIKE = 1 / 3
_NO_LESS_THAN = 0.8
_YEAR = re.compile(r"(?<!\d)(?:19[3-9]|20[0-8])\d(?!\d)")
_COUNTS_NO_PILLS = BIT["unit"] | BIT["weeks"] | BIT["year"] | BIT["price"] | BIT["past"] | BIT["pregnant"]

Marks = Mapping[int, tuple[int, ...]]
"""By place of a word, the bits of each entry of a table that it may be; a unit of words stands at the first of them."""
Spans = dict[tuple[int, int], int]
"""How many words a unit has, by its first place and its bits."""
_Found = dict[str, dict[int, tuple[int, ...]]]


def marks_by_language(words: Sequence[str], own: Collection[str]) -> tuple[dict[str, Marks], Spans]:
    """What the words may be: in the person's own languages and English, and in any that the text looks like."""
    spelt, beside = sum(not word.isdecimal() for word in words), added()
    known = Counter(chain.from_iterable(map(_languages_of, words)))
    if beside is not None:
        known.update(tag for word in words for tag, _ in _by_language(word, beside) if tag not in _languages_of(word))
    least = max(spelt * _LOOKS_LIKE, _NO_LESS_THAN * max(known.values(), default=0))
    kept = {tag for tag, count in known.items() if count >= least}
    found, spans = _listed(words, {ENGLISH, *own, *kept}, beside)
    kept.intersection_update(found)
    _add_misspelt(found, words, [tag for tag in (ENGLISH, *own) if tag in own or tag in kept])
    rivals = [tag for tag in {*own, *kept} if known[tag] > known[ENGLISH]]
    found[ENGLISH] = _not_of(found[ENGLISH], words, rivals)
    _add_figures(found, words)
    return dict(found), spans


def _listed(words: Sequence[str], tags: Collection[str], beside: Added | None) -> tuple[_Found, Spans]:
    """What the tables of these languages say of the words, added ones too, and of the units that begin with them."""
    found: _Found = defaultdict(dict)
    spans: Spans = {}
    for tables in (None, beside) if beside else (None,):
        for place, word in enumerate(words):
            for tag, entries in _by_language(word, tables):
                if tag in tags:
                    found[tag][place] = (*found[tag].get(place, ()), *entries) if tables else entries
            for rest, tag, bits in units_at(words, place, "concept_units", tags, _is_next, tables):
                _add(found[tag], place, bits)
                spans[place, bits] = len(rest) + 1
    return found, spans


def _add(marks: dict[int, tuple[int, ...]], place: int, bits: int) -> None:
    marks[place] = (*marks.get(place, ()), bits)


@lru_cache(maxsize=20_000)
def _languages_of(word: str) -> frozenset[str]:
    """The languages whose lists or tables have the word; a number is of none."""
    if word.isdecimal():
        return frozenset()
    return frozenset(tag for tag, _ in _exact(word, None)) | lexicon().known_in.get(word, frozenset())


def _not_of(marks: Marks, words: Sequence[str], rivals: Iterable[str]) -> dict[int, tuple[int, ...]]:
    """Without the words that a likelier language has too: "no" or "gun" there is hardly English."""
    others, known_in = frozenset(rivals), lexicon().known_in
    if not others:
        return dict(marks)
    return {
        place: entries for place, entries in marks.items() if others.isdisjoint(known_in.get(words[place], _NOBODY))
    }


def _add_figures(found: _Found, words: Sequence[str]) -> None:
    """Numbers belong to every language: many pills, or a year."""
    for place, word in enumerate(words):
        if word.isdecimal():
            if is_many(word) and _may_count(found, words, place):
                _add(found[ENGLISH], place, BIT["many"])
            if _has_a_year(word) or _after_the_word_year(found, words, place):
                _add(found[ENGLISH], place, BIT["dated"])
        elif _has_a_year(word):
            _add(found[ENGLISH], place, BIT["dated"])
        if (word,) in lexicon().language_names:
            _add(found[ENGLISH], place, BIT["language"])


@lru_cache(maxsize=20_000)
def _has_a_year(word: str) -> bool:
    return _YEAR.search(word) is not None


def _may_count(found: _Found, words: Sequence[str], place: int) -> bool:
    """Whether a number may count pills: beside it stands no unit of time or dose, and no other number."""
    for other in (place - 1, place + 1):
        if 0 <= other < len(words):
            bits = _any_of(found, other)
            if words[other].isdecimal() or (bits & _COUNTS_NO_PILLS and not bits & BIT["pills"]):
                return False
    return True


def _after_the_word_year(found: _Found, words: Sequence[str], place: int) -> bool:
    return place > 0 and bool(_any_of(found, place - 1) & BIT["year"])


def _any_of(found: _Found, place: int) -> int:
    return joined(bits for marks in found.values() for bits in marks.get(place, ()))


def joined(every: Iterable[int]) -> int:
    """All bits of these."""
    return reduce(or_, every, 0)


def _is_next(word: str, rest: Sequence[str]) -> bool:
    """Whether a word is the next of a unit; the last of them may be a stem."""
    if len(rest) > 1:
        return word == rest[0]
    if rest[0].startswith("="):
        return word == rest[0][1:]
    return word.startswith(rest[0]) and (len(rest[0]) > _SHORT or len(word) <= len(rest[0]) + _SHORT_ENDING)


@lru_cache(maxsize=20_000)
def _exact(word: str, beside: Added | None) -> tuple[tuple[str, int], ...]:
    """The entries a word may be as it is written, each with its language and bits.

    Arabic alone writes "and", "the", "with" on to a word: Urdu "batāyā" (told) is no "tāyā" (uncle). Where French and
    Italian elide, the plain word has the article before it: "un'ambulanza".
    """
    found = _entries((*_listed_as(_whole(word), beside), *_listed_inside(word, beside)))
    less = {entry for entry in _entries(_listed_as(less_beginnings(word), beside)) if entry[0] == _ARABIC}
    elided = {entry for entry in _entries(_listed_as(_less_elided(word), beside)) if entry[0] in _ELIDING}
    return tuple(sorted(found | less | elided))


def _listed_as(forms: Iterable[str], beside: Added | None) -> Iterator[str]:
    return chain.from_iterable(map(lists_of(beside).listed_as, forms))


def _entries(listed: Iterable[str]) -> set[tuple[str, int]]:
    return {entry for written in listed for entry in bits_by_tag(written)}


@lru_cache(maxsize=20_000)
def _by_language(word: str, beside: Added | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The same, the bits of each language together."""
    found: dict[str, tuple[int, ...]] = {}
    for tag, bits in _exact(word, beside):
        found[tag] = (*found.get(tag, ()), bits)
    return tuple(found.items())


def _listed_inside(word: str, beside: Added | None) -> Iterator[str]:
    """The lines of stems that stand inside a word."""
    lists = lists_of(beside)
    for form in _whole(word):
        for begin in range(1, min(len(form) - _SHORTEST_INSIDE, _LONGEST_PREFIX) + 1):
            parts = (form[begin:end] for end in range(begin + _SHORTEST_INSIDE, len(form) + 1))
            yield from (lists.concept_inside[part] for part in parts if part in lists.concept_inside)


def less_beginnings(word: str, beginnings: Iterable[str] = ARABIC_BEFORE) -> Iterator[str]:
    """What is left of a word in Arabic letters without "and", "the", "with" written on to it, where that is enough."""
    shorter = (word[len(begins) :] for begins in beginnings if word.startswith(begins))
    return (form for form in shorter if len(form) >= _FEWEST_LEFT)


def _less_elided(word: str) -> Iterator[str]:
    """What is left of a word without what may be elided before a vowel, where that is enough."""
    rest = _ELIDED.sub("", word, count=1)
    if len(rest) >= _FEWEST_UNELIDED and rest != word:
        yield rest


def _whole(word: str) -> set[str]:
    return {word, base_letters(word)}


def _add_misspelt(found: _Found, words: Sequence[str], tags: Sequence[str]) -> None:
    beside = added()
    for place, word in enumerate(words):
        if len(word) >= SHORTEST_MISSPELT_CONCEPT and not any(place in found[tag] for tag in tags if tag in found):
            for tag in tags:
                for bits in _misspelt(word, tag, None) if beside is None else _misspelt_either(word, tag, beside):
                    _add(found[tag], place, bits)


def _misspelt_either(word: str, tag: str, beside: Added) -> Iterator[int]:
    return chain(_misspelt(word, tag, None), _misspelt(word, tag, beside))


@lru_cache(maxsize=20_000)
def _misspelt(word: str, tag: str, beside: Added | None) -> tuple[int, ...]:
    """The entries a word may be with one slip of the thumb in a long stem or word; an ordinary word is none."""
    forms = (word, *less_beginnings(word))
    if word.isdecimal() or any(lexicon().is_no_slip(form, tag) for form in forms):
        return ()
    return tuple(
        sorted({bits for listed in _one_slip_from(word, beside) for of, bits in bits_by_tag(listed) if of == tag})
    )


@lru_cache(maxsize=20_000)
def _one_slip_from(word: str, beside: Added | None) -> tuple[str, ...]:
    """What the tables say of the words it is near to, of all languages."""
    return tuple(danger_near(word, lists_of(beside)))
