"""Danger by composition: the rules that hold concepts together.

A rule knows no language and no order of words. Its concepts come from one language, with English beside it, for people
mix the two; they stand within a few words, over at most three clauses, each in a word of its own. A rule of few words
is about one thing that is said, and reaches over no end of a sentence: "Wake up, Tom. I'm not hungry".
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.understanding.concepts import BIT, DANGERS, bits_of, names_of
from bot.understanding.lexicon import lexicon
from bot.understanding.marking import ENGLISH, Marks, Spans, joined, marks_by_language
from bot.understanding.scripts import is_han
from bot.understanding.sensing import is_said_in
from bot.understanding.word_lists import UrgentPhrase

_BY_ANOTHER = frozenset({"abuse", "child-at-risk"})
WINDOW, CLAUSES, BESIDE = 12, 3, 4
_IN_ONE_SENTENCE = 8
"""Up to this window a rule stays within one sentence."""
SAYS_LITTLE = bits_of(
    "not|cannot|want|many|a-lot|now|relative|stop|end|live|hard|fast|self|see|move|fall|strange|sudden|stand|force|again"
)
"""What says too little by itself, as to tell that a text is in a language nobody recorded."""
_LONG, _LONG_ALONE = 4, 8
OF_PEOPLE = bits_of("die|live|self|suicide|kill|hang|hit|rape|strangle|threaten|touch|force|lock|bed|belt|marry")
"""What somebody does, to others or to themselves."""
_DIE, _DIED = bits_of("die|kill"), BIT["died"]
_SAID_OF = 2
_MAY_BE_WELL, _SAYS_NO = bits_of("breath|speak|see|move|throat|feed|now"), bits_of("not|cannot|none|hard|stop")
_NOW = BIT["now"]
_CHOOSY = bits_of("not|die|kill")
_NOT, _LACK = BIT["not"], bits_of("cannot|hard|stop|end|wheeze")
_MERE_THINGS = bits_of("weapon|letter|goodbye|waters|womb|itch|allergy|food|sting|wrist|throat")
_NAME, KIN = BIT["name"], bits_of("relative|child")
_OF_STORIES = OF_PEOPLE | KIN | BIT["jump"]
_joined = lru_cache(maxsize=20_000)(joined)
_Filled = list[tuple[int, int]]
"""The place and the side of each concept of a rule."""


class Rule(NamedTuple):
    """Concepts that together cannot wait: one of each side, all within so many words, and none of `unless` beside."""

    category: str
    level: str
    sides: tuple[int, ...]
    window: int
    any: int
    unless: int


@dataclass(frozen=True)
class Told:
    """A reply as its words, the clause of each, where each stands (Han letters count half), and what they may be.

    `ends` has for each clause the first one of the next sentence, and nothing where all is one sentence.
    """

    words: Sequence[str]
    bounds: Sequence[int]
    at: Sequence[float]
    marks: Mapping[str, Marks]
    spans: Spans
    own: frozenset[str]
    ends: Sequence[int]
    _around: dict[str, Mapping[int, int]] = field(default_factory=dict)
    _every: dict[str, int] = field(default_factory=dict)

    def in_one_sentence(self, one: int, other: int) -> bool:
        """Whether the words at two places are of the same sentence."""
        return not self.ends or self.ends[self.bounds[one]] == self.ends[self.bounds[other]]

    def around(self, language: str) -> Mapping[int, int]:
        """What each place may be, by the language of a phrase, the person's own and English."""
        if language not in self._around:
            self._around[language] = self._bits_around(language)
        return self._around[language]

    def every(self, language: str) -> int:
        """All that stands around a phrase of a language."""
        if language not in self._every:
            self._every[language] = _joined(tuple(self.around(language).values()))
        return self._every[language]

    def _bits_around(self, language: str) -> Mapping[int, int]:
        found: dict[int, int] = {}
        for tag in {ENGLISH, language, *self.own}:
            for place, entries in self.marks.get(tag, {}).items():
                if tag in (language, *self.own - {ENGLISH}) or not lexicon().is_of(self.words[place], language):
                    found[place] = found.get(place, 0) | _joined(entries)
        return found


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, as the file beside this one has them."""
    path = Path(__file__).with_name("danger.toml")
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        _rule(level, category, written)
        for level, categories in listed.items()
        for category, lines in categories.items()
        for written in lines
    )


def _rule(level: str, category: str, written: str) -> Rule:
    first, _, rest = written.partition(" ")
    window, sides = (int(first[1:]), rest) if first.startswith("@") else (WINDOW, written)
    sides, _, unless = sides.partition(" - ")
    bits = tuple(bits_of(side) for side in sides.split(" + "))
    return Rule(category, level, bits, window, joined(bits), bits_of(unless) if unless else 0)


@cache
def _in_rules() -> int:
    """The concepts that rules are made of."""
    return joined(rule.any for rule in rules())


@lru_cache(maxsize=20_000)
def _rules_within(every: int) -> tuple[Rule, ...]:
    """The rules that these concepts may fill."""
    found = []
    for rule in rules():
        for side in rule.sides:
            if not every & side:
                break
        else:
            found.append(rule)
    return tuple(found)


def tell(words: Sequence[str], bounds: Sequence[int], own: frozenset[str], ends: Sequence[int] = ()) -> Told:
    """A reply in plain words as its concepts; `bounds` is the clause of each word, `own` the person's languages, `ends`
    those of its sentences.
    """
    at, place = [], 0.0
    for word in words:
        at.append(place)
        place += 0.5 if is_han(word) else 1
    return Told(words, bounds, at, *marks_by_language(words, own), own, ends)


def compose(told: Told) -> Iterator[tuple[UrgentPhrase, list[int]]]:
    """What the rules find, each with the places of its words; the shortest span of each rule in a language."""
    english = told.marks.get(ENGLISH, {})
    for tag, own in told.marks.items():
        marks = own if tag == ENGLISH or not english else _both(own, _foreign_to(tag, english, told.words))
        for rule, filled in _found(marks, told):
            if tag == ENGLISH or _has_substance(filled, tag, told):
                concepts = tuple(name for place, side in filled for name in _named(marks[place], side))
                named, by_another = tuple(dict.fromkeys(concepts)), rule.category in _BY_ANOTHER
                phrase = UrgentPhrase((f"+{rule.category}",), rule.level, tag, False, named, by_another)
                yield phrase, _places(filled, marks, told.spans)


def _places(filled: _Filled, marks: Marks, spans: Spans) -> list[int]:
    """The places of all words that fill the rule, those of a unit among them."""
    found: set[int] = set()
    for place, side in filled:
        bits = next((bits for bits in marks[place] if bits & side), 0)
        found.update(range(place, place + spans.get((place, bits), 1)))
    return sorted(found)


def _named(entries: Sequence[int], side: int) -> tuple[str, ...]:
    return next((names_of(bits & side) for bits in entries if bits & side), ())


def _foreign_to(tag: str, english: Marks, words: Sequence[str]) -> Marks:
    """The English words that the language does not have itself: "no" in Portuguese denies nothing."""
    return {place: entries for place, entries in english.items() if not lexicon().is_of(words[place], tag)}


def _both(own: Marks, english: Marks) -> Marks:
    both = dict(english)
    for place, entries in own.items():
        both[place] = (*both.get(place, ()), *entries)
    return both


def _has_substance(filled: _Filled, tag: str, told: Told) -> bool:
    """Whether one of the concepts is the language's own, and in one that nobody recorded one that says something.

    Where another language is on record, one short word that is all there is of it says nothing, nor do everyday words
    of that language: Spanish "molestar".
    """
    recorded, sides = tag in told.own, dict(filled)
    if told.own and not recorded and not _is_foreign(list(sides), tag, told):
        return False
    enough = DANGERS if recorded else DANGERS & ~SAYS_LITTLE
    said = (place for place, _ in filled if recorded or _is_long(told.words[place]))
    return any(bits & sides[place] & enough for place in said for bits in told.marks[tag].get(place, ()))


def _is_foreign(places: Sequence[int], tag: str, told: Told) -> bool:
    words = [told.words[place] for place in places]
    alone = len(words) == 1 and len(words[0]) < _LONG_ALONE and not _has_more_of(tag, told)
    return not alone and not all(_is_everyday(word, told.own - {ENGLISH} or told.own) for word in words)


def _has_more_of(tag: str, told: Told) -> bool:
    """Whether more than one word of the reply is of a language."""
    marks = told.marks[tag]
    return sum(place in marks or lexicon().is_of(word, tag) for place, word in enumerate(told.words)) > 1


def _is_everyday(word: str, languages: frozenset[str]) -> bool:
    """Whether the lists of one of these languages have a word, or it is what answers and wishes are made of there."""
    return any(lexicon().is_of(word, tag) for tag in languages) or is_said_in(word, languages)


def _is_long(word: str) -> bool:
    """Whether a word is more than the two or three letters that many languages share."""
    return len(word) >= _LONG or not word.isascii()


def _found(marks: Marks, told: Told) -> Iterator[tuple[Rule, _Filled]]:
    bits_at = {place: entries[0] if len(entries) == 1 else _joined(entries) for place, entries in marks.items()}
    places = sorted(marks)
    _leave_out_what_is_well(bits_at, places, told)
    for rule in _rules_within(_joined(tuple(bits_at.values())) & _in_rules()):
        found = _shortest(rule, marks, bits_at, places, told)
        if found is not None:
            yield rule, found


def _leave_out_what_is_well(bits_at: dict[int, int], places: Sequence[int], told: Told) -> None:
    """Of "itching, breathing is fine now" the breath and the "now" are no signs."""
    for place in places:
        if bits_at[place] & BIT["well"] and not _is_lacking(place, bits_at, told):
            for other, signs in (*((place - back, _MAY_BE_WELL) for back in range(1, _SAID_OF + 1)), (place + 1, _NOW)):
                if bits_at.get(other, 0) & signs and told.bounds[other] == told.bounds[place]:
                    bits_at[other] &= ~signs


def _is_lacking(place: int, bits_at: Mapping[int, int], told: Told) -> bool:
    """Whether a "not" stands beside: "not breathing well"."""
    beside = (other for other in range(place - _SAID_OF - 1, place + _SAID_OF + 1) if other != place)
    return any(bits_at.get(other, 0) & _SAYS_NO and told.bounds[other] == told.bounds[place] for other in beside)


def _shortest(
    rule: Rule, marks: Marks, bits_at: Mapping[int, int], places: Sequence[int], told: Told
) -> _Filled | None:
    best, best_span = None, 0.0
    likely = [place for place in places if bits_at[place] & rule.any]
    for number in range(_last_start(rule, likely, bits_at) + 1):
        within = _within(likely, number, rule.window, told)
        every = joined([bits_at[place] for place in within])
        found = _fill(rule.sides, within, marks, bits_at, []) if all(map(every.__and__, rule.sides)) else None
        if found is None or (rule.unless and _beside(found, rule.unless, bits_at, told)):
            continue
        filled = [place for place, _ in found]
        span = told.at[max(filled)] - told.at[min(filled)]
        if best is None or span < best_span:
            best, best_span = found, span
    return best


def _last_start(rule: Rule, likely: Sequence[int], bits_at: Mapping[int, int]) -> int:
    """The last of the places from which every side of a rule is still to come; -1 when there is none."""
    every = 0
    for number in range(len(likely) - 1, -1, -1):
        every |= bits_at[likely[number]]
        if all(map(every.__and__, rule.sides)):
            return number
    return -1


def _within(places: Sequence[int], number: int, window: int, told: Told) -> Sequence[int]:
    """The places, in order, from one of them as far as a rule reaches."""
    at, clause = told.at[places[number]] + window, told.bounds[places[number]]
    last = told.ends[clause] if told.ends and window <= _IN_ONE_SENTENCE else clause + CLAUSES
    end, bounds = len(places), min(last, clause + CLAUSES)
    while told.at[places[end - 1]] >= at or told.bounds[places[end - 1]] >= bounds:
        end -= 1
    return places[number:end]


def _fill(
    sides: Sequence[int], within: Sequence[int], marks: Marks, bits_at: Mapping[int, int], filled: _Filled
) -> _Filled | None:
    """A word for each side, the first that will do; None when there are not enough of them."""
    if not sides:
        return filled
    side = sides[0]
    free = not side & _CHOOSY
    for place in within:
        if bits_at[place] & side and ((free and not filled) or _may_fill(side, place, marks, filled)):
            rest = _fill(sides[1:], within, marks, bits_at, [*filled, (place, side)])
            if rest is not None:
                return rest
    return None


def _may_fill(side: int, place: int, marks: Marks, filled: _Filled) -> bool:
    """Whether a word is still free for a side: it fills two only when one entry of its table is two concepts.

    The name of a thing is one alone, whatever it may be used for: an axe is a weapon, and no wound.
    A bare "not" goes with nothing that is a lack already: "not suffocating". Who has died is not about to.
    """
    if side == _NOT and any(bits & _LACK for at, _ in filled for bits in marks[at]):
        return False
    if side & _DIE and any(bits & _DIED and not bits & _DIE for bits in marks[place]):
        return False
    taken = [other for at, other in filled if at == place]
    if not taken:
        return True
    needed = (side, *taken)
    every = _joined(needed)
    return any(
        all(bits & other for other in needed) and (bits & every & ~_MERE_THINGS).bit_count() >= len(needed)
        for bits in marks[place]
    )


def _beside(filled: _Filled, unless: int, bits_at: Mapping[int, int], told: Told) -> bool:
    """Whether what may not stand beside is there: in a clause of the rule's, a few words away at most."""
    first, last = min(place for place, _ in filled), max(place for place, _ in filled)
    clauses = {told.bounds[place] for place, _ in filled}
    if unless & _NAME and _is_of_kin(filled, clauses, bits_at, told):
        unless &= ~_NAME
    return any(
        bits & unless
        and told.bounds[place] in clauses
        and told.at[first] - BESIDE <= told.at[place] <= told.at[last] + BESIDE
        for place, bits in bits_at.items()
    )


def _is_of_kin(filled: _Filled, clauses: Collection[int], bits_at: Mapping[int, int], told: Told) -> bool:
    """Whether an illness is somebody's whom they name: "dad collapsed in the café" is no name of a film.

    What people do to each other is told in films and news, with a man or a child in it.
    """
    if any(side & _OF_STORIES for _, side in filled):
        return False
    return any(bits & KIN and told.bounds[place] in clauses for place, bits in bits_at.items())
