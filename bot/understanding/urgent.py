"""Find what cannot wait, or tells of a death: phrases of every language, misspelt or not, whatever is recorded.

A phrase that is denied ("no chest pain") or long past ("chest pain last year") is lowered to amber, never ignored: a
person looks at it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bot.understanding.composing import compose, tell
from bot.understanding.lexicon import lexicon, marked_within, may_mark, opens_marker, without
from bot.understanding.scoping import as_meant
from bot.understanding.sensing import is_said_in
from bot.understanding.slips import misspelt_as
from bot.understanding.word_lists import GAP, MANY, UrgentPhrase, Words, is_many

_NEAR, _FAR = 2, 6  # words that may stand between two words of a phrase; far where the list says "..."
_FUZZY_ALONE = 7  # one word alone says less than two together: "stroke" must not be found in "strike"
_SHORTEST_STEM = 3
_LONGEST_MARKER = 4
_ARABIC_AND = "و"
BEREAVED = "bereaved"
_LESS_THAN_DANGER = frozenset({BEREAVED, "amber"})
LEVELS = ("red", "paged", "amber")
_WEIGHT = {level: place for place, level in enumerate(LEVELS)}


class Urgent(NamedTuple):
    """The most pressing phrase found: its level, the languages that have it, and the places of the words it used.

    `level` is "red", "paged" or "amber" (see `UrgentPhrase`); `concepts` are what a rule found, by English names.
    `by_another`: of its level there is harm that another person does to whoever writes, or to a child.
    """

    level: str
    languages: frozenset[str]
    romanised: bool
    matched: str
    used: frozenset[int]
    concepts: tuple[str, ...] = ()
    by_another: bool = False


@dataclass(frozen=True)
class _Around:
    """A reply around its phrases: the clause of each word, the clauses that tell of the past, how far phrases reach.

    `denying` says whether there is a word at all that a "no" before or after may begin with.
    """

    words: list[str]
    bounds: list[int]
    past: frozenset[int]
    reach: dict[int, tuple[int, int]]
    languages: set[str]
    denying: bool


Found = tuple[UrgentPhrase, list[int]]


def find_phrases(
    clauses: list[list[str]], own: Collection[str] = (), ends: Sequence[int] = (), *, joking: bool = False
) -> list[Found]:
    """Return the phrases of danger and of death in a reply given as clauses of plain words, figures of speech apart.

    `own` are the tags of the person's languages, `ends` those of its sentences (see `sentence_ends`); `joking` says
    that a laughing face stands in the text.
    """
    words = [word for clause in clauses for word in clause]
    bounds = [number for number, clause in enumerate(clauses) for _ in clause]
    theirs = frozenset(own)
    told = tell(words, bounds, theirs, ends)
    within = (one for one in _find(words) if told.in_one_sentence(one[1][0], one[1][-1]))
    listed = (one for one in within if not _is_spelt_right(one, words, theirs))
    every = [one for one in (*listed, *compose(told)) if not _is_of_their_own(one, words, theirs)]
    found = _in_earnest(every, words, bounds)
    return as_meant(found, told, joking=joking)


def _is_spelt_right(found: Found, words: list[str], own: frozenset[str]) -> bool:
    """Whether a phrase is one word held for a slip that is an everyday word of its language or theirs: "cooking"."""
    phrase, places = found
    word = words[places[0]]
    if len(phrase.words) > 1 or any(phrase.words[0] in _exact(one) for one in _with_and_without_and(word)):
        return False
    return any(lexicon().is_spelt_right(word, tag) for tag in {phrase.language, *own})


def _is_of_their_own(found: Found, words: list[str], own: frozenset[str]) -> bool:
    """Whether danger or death is found in one word of a language not theirs that says something else in their own.

    Lithuanian "mire" (has died) is "well" in Albanian, Portuguese "cai" (falls) a small word in Vietnamese. Red danger
    gives way only to what answers and wishes are made of: "your messages" in romanised Amharic.
    """
    phrase, places = found
    if phrase.language in own | {"en"} or len(set(places)) > 1:
        return False
    word = words[places[0]]
    if phrase.level not in _LESS_THAN_DANGER:
        return is_said_in(word, own)
    return not own.isdisjoint({*lexicon().known_in.get(word, ()), *lexicon().intent_words.get(word, "").split()})


def find_urgent(phrases: list[Found], clauses: list[list[str]], recorded: Iterable[str] = ()) -> Urgent | None:
    """Return the most urgent of the phrases found in these clauses, or None.

    `recorded` are the tags of the person's own language: their "no" counts beside English and that of the languages
    the phrases are from.
    """
    judged = _judge_all(phrases, clauses, recorded)
    worst = min(judged, key=_by_weight, default=None)
    if worst is None:
        return None
    same = sorted((one for one in judged if one.level == worst.level), key=_by_weight)
    concepts = tuple(dict.fromkeys(name for one in same for name in one.concepts))
    return _with_all_languages(worst, judged)._replace(concepts=concepts, by_another=_is_by_another(same))


def _is_by_another(found: list[Urgent]) -> bool:
    """Whether somebody does the harm: one word beside other danger ("it strangles me" of a cough) does not say so."""
    harm = [one for one in found if one.by_another]
    return bool(harm) and (len(harm) == len(found) or any(len(one.used) > 1 for one in harm))


def find_every_urgent(phrases: list[Found], clauses: list[list[str]], recorded: Iterable[str] = ()) -> list[Urgent]:
    """Return each urgent phrase that is part of no longer one, the most urgent first; see `find_urgent`."""
    judged = _judge_all(phrases, clauses, recorded)
    kept: dict[str, Urgent] = {}
    for one in sorted(judged, key=_by_weight):
        if not any(one.used <= other.used for other in kept.values()):
            kept[one.matched] = _with_all_languages(one, judged)
    return list(kept.values())


def _by_weight(one: Urgent) -> tuple[int, int, str]:
    return (_WEIGHT[one.level], -len(one.used), one.matched)


def _judge_all(phrases: list[Found], clauses: list[list[str]], recorded: Iterable[str]) -> list[Urgent]:
    found = [one for one in phrases if one[0].level != BEREAVED]
    if not found:
        return []
    around = _look_around(found, clauses, recorded)
    same = {(phrase.language, tuple(places)) for phrase, places in found}
    denials = {key: _denials(key[1], around, key[0]) for key in same}
    return [_judge(phrase, places, around, denials[phrase.language, tuple(places)]) for phrase, places in found]


def _with_all_languages(one: Urgent, judged: Iterable[Urgent]) -> Urgent:
    """The same with every language that has a phrase of just these words."""
    same = [other for other in judged if (other.level, other.used) == (one.level, one.used)]
    shared = frozenset[str]().union(*(other.languages for other in same))
    return one._replace(languages=shared, romanised=all(other.romanised for other in same))


def tells_of_a_death(phrases: list[Found], clauses: list[list[str]], recorded: Iterable[str] = ()) -> str | None:
    """Return the words by which a reply tells of a death, or None; "he has not died" tells of none."""
    found = [one for one in phrases if one[0].level == BEREAVED]
    around = _look_around(found, clauses, recorded) if found else None
    earnest = (
        places
        for phrase, places in found
        if around and not _denials(places, around, phrase.language) and not _denied_inside(phrase, places, around)
    )
    longest = max(earnest, key=len, default=None)
    return " ".join(around.words[place] for place in longest) if around and longest else None


def _look_around(found: list[Found], clauses: list[list[str]], recorded: Iterable[str]) -> _Around:
    languages = {"en", *recorded, *(phrase.language for phrase, _ in found)}
    words = [word for clause in clauses for word in clause]
    return _Around(
        words=words,
        bounds=[number for number, clause in enumerate(clauses) for _ in clause],
        past=frozenset(number for number, clause in enumerate(clauses) if _is_past(clause, languages)),
        reach=_reach(places for phrase, places in found if phrase.level != LEVELS[-1]),
        languages=languages,
        denying=may_mark(words, "before", "after"),
    )


def _in_earnest(found: list[Found], words: list[str], bounds: list[int]) -> list[Found]:
    """Leave out figures of speech ("a stroke of luck") and phrases that take a word of them.

    What alarms nobody may yet tell of a death: "mara gesen" (has died) in Bengali.
    """
    figures = [one for one in found if _is_figure(one, words, bounds)]
    deaths = {phrase.words for phrase, _ in found if phrase.level == BEREAVED}
    alarming = {place for _, places in figures for place in places}
    telling = {place for phrase, places in figures if phrase.words not in deaths for place in places}
    return [
        (phrase, places)
        for phrase, places in found
        if phrase.level != "harmless" and (telling if phrase.level == BEREAVED else alarming).isdisjoint(places)
    ]


def _is_figure(found: Found, words: list[str], bounds: list[int]) -> bool:
    """Whether a harmless phrase is there word for word, in one clause."""
    phrase, places = found
    together = places[-1] - places[0] == len(places) - 1 and bounds[places[0]] == bounds[places[-1]]
    return phrase.level == "harmless" and together and tuple(words[place] for place in places) == phrase.words


def _reach(every: Iterable[list[int]]) -> dict[int, tuple[int, int]]:
    """For each place, the first and last place of the phrases found there: together they are denied or none is."""
    reach: dict[int, tuple[int, int]] = {}
    for places in every:
        begin, end = places[0], places[-1]
        for place in places:
            first, last = reach.get(place, (begin, end))
            reach[place] = (first if first < begin else begin, last if last > end else end)
    return reach


def _find(words: list[str]) -> Iterator[Found]:
    known = [_known(word) for word in words]
    every = frozenset[str]().union(*known)
    for start, readings in enumerate(known):
        for reading in readings:
            for phrase, needed in _beginning_with(reading):
                places = _places(phrase.words, known, start, words) if needed <= every else None
                if places is not None:
                    yield phrase, places


def _places(phrase: Words, known: list[frozenset[str]], start: int, words: list[str]) -> list[int] | None:
    """Where each word of the phrase stands, the first at `start`, or None when they are not all there."""
    places, gap = [start], _NEAR
    for wanted in phrase[1:]:
        if wanted == GAP:
            gap = _FAR
            continue
        after = places[-1] + 1
        place = next((p for p in range(after, min(after + gap + 1, len(known))) if wanted in known[p]), None)
        if place is None:
            return None
        places.append(place)
        gap = _NEAR
    alone = len(places) == 1 and words[start] != phrase[0] and not phrase[0].endswith("*")
    return None if alone and len(phrase[0]) < _FUZZY_ALONE else places


def _judge(phrase: UrgentPhrase, places: list[int], around: _Around, denied: frozenset[int]) -> Urgent:
    past = around.bounds[places[-1]] in around.past
    lowered = denied or past or _denied_inside(phrase, places, around)
    return Urgent(
        level="amber" if lowered else phrase.level,
        languages=frozenset({phrase.language}),
        romanised=phrase.romanised,
        matched=" ".join(around.words[place] for place in places),
        used=frozenset(places) | denied,
        concepts=phrase.concepts,
        by_another=phrase.by_another,
    )


def _denials(places: Sequence[int], around: _Around, language: str) -> frozenset[int]:
    """The places of a "no" right before the phrase, in its clause, or right after it at the end of the clause.

    "Chest pain no", but not "chest pain no sleep".
    """
    if not around.denying:
        return frozenset()
    reach = [around.reach.get(place, (place, place)) for place in places]
    first, last = min(begin for begin, _ in reach), max(end for _, end in reach)
    words, bounds = around.words, around.bounds
    for length in range(_LONGEST_MARKER, 0, -1):
        for kind, start, anchor in (("before", first - length, first), ("after", last + 1, last)):
            end = start + length
            if start < 0 or end > len(words) or not opens_marker(words[start], kind):
                continue
            same = all(bound == bounds[anchor] for bound in bounds[start:end])
            counts = same and _is_a_no(tuple(words[start:end]), kind, around.languages, language)
            if counts and (kind == "before" or _ends_its_clause(end - 1, around)):
                return frozenset(range(start, end))
    return frozenset()


def _is_a_no(words: Words, kind: str, languages: set[str], language: str) -> bool:
    """Whether words deny what is beside them; English ones do not that are everyday words of the phrase's language.

    Portuguese "no peito" is "in the chest".
    """
    if lexicon().marked(words, kind, languages - {"en"}):
        return True
    theirs = language != "en" and all(lexicon().is_of(word, language) for word in words)
    return not theirs and lexicon().marked(words, kind, ("en",))


def _ends_its_clause(place: int, around: _Around) -> bool:
    """Whether nothing follows but politeness, or that there is nothing else either: "pain none, nothing at all"."""
    after = range(place + 1, len(around.words))
    rest = [around.words[other] for other in after if around.bounds[other] == around.bounds[place]]
    return not without(without(tuple(rest), "nothing_more", None), "polite", None)


def _denied_inside(phrase: UrgentPhrase, places: list[int], around: _Around) -> bool:
    """A "no" of its own language among the words it skipped ("chest no pain"); itself a "cannot", it stays."""
    if not around.denying or phrase.by_another or places[-1] - places[0] < len(places):
        return False
    words, languages = around.words, (phrase.language,)
    between = (place for place in range(places[0], places[-1]) if place not in places)
    own = any(lexicon().marked((words[place],), "before", languages) for place in places)
    return not own and any(lexicon().marked((words[place],), "before", languages) for place in between)


def _is_past(clause: list[str], languages: set[str]) -> bool:
    """Whether a clause tells of what was; "again" or "worse" in it says that it is back."""
    return marked_within(clause, "past", languages, _LONGEST_MARKER) and not marked_within(
        clause, "back", languages, _LONGEST_MARKER
    )


@lru_cache(maxsize=20_000)
def _beginning_with(first: str) -> tuple[tuple[UrgentPhrase, frozenset[str]], ...]:
    """The urgent phrases with this first word or stem, each with the words it needs."""
    return tuple((phrase, frozenset(phrase.words) - {GAP}) for phrase in lexicon().urgent_beginning(first))


@lru_cache(maxsize=20_000)
def _known(word: str) -> frozenset[str]:
    """Every word or stem of the urgent lists that this word may be, an Arabic "and" written on to it or not."""
    return frozenset[str]().union(*(_readings(written) for written in _with_and_without_and(word)))


def _with_and_without_and(word: str) -> tuple[str, ...]:
    return (word, word[1:]) if word.startswith(_ARABIC_AND) and len(word) > _SHORTEST_STEM - 1 else (word,)


def _readings(word: str) -> frozenset[str]:
    """Every word or stem of the urgent lists that this word may be; an ordinary word is no misspelling."""
    lists = lexicon()
    if word.isdecimal():
        return frozenset({word, MANY} if is_many(word) else {word})
    near = set() if lists.is_ordinary(word) else misspelt_as(word, lists.urgent_by_half)
    return _exact(word) | near


@lru_cache(maxsize=20_000)
def _exact(word: str) -> frozenset[str]:
    """The words and stems of the urgent lists that a word is as it stands."""
    ends = range(_SHORTEST_STEM - 1, len(word) + 1)
    return frozenset({word} & lexicon().urgent_words | {f"{word[:end]}*" for end in ends} & lexicon().urgent_stems)
