"""What words mean to one person, by the reply words of every language."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from bot.texts.languages import LANGUAGES
from bot.understanding.building import BY_MACHINE
from bot.understanding.compiled import load_lists
from bot.understanding.scripts import siblings
from bot.understanding.word_lists import Lexicon, Sense, Words

LOCALES = Path(__file__).resolve().parents[2] / "locales"

NUMBER_KEYS = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}

STOP_OR_CANCEL = "stop_or_cancel"
_BESIDE_A_STOP = frozenset({"stop_tail", "vague_stop", "message", "request", STOP_OR_CANCEL})
_AROUND = BY_MACHINE | _BESIDE_A_STOP | {"polite", "nothing_more", "doubtful", "language_around", "number_label"}

_NOBODY: frozenset[str] = frozenset()
_NOTHING: Mapping[str, int] = {}
_LONGEST_SET_APART = 5
_CHINESE = frozenset({"zh-Hans", "zh-Hant"})
"""Who reads one writes the other at times, and the words are the same."""


def languages_of(recorded: str | None) -> frozenset[str]:
    """The tags whose lists speak for a person with this recorded language (empty when none is recorded)."""
    if recorded is None:
        return frozenset()
    if recorded == "ku":  # many records say no more than "Kurdish"
        return frozenset({"ckb", "kmr"})
    language = LANGUAGES.get(recorded)
    written = (language.reads if language else None) or recorded
    return _CHINESE if written in _CHINESE else siblings(written)


@cache
def lexicon() -> Lexicon:
    """Every list of every language; the process keeps it."""
    return load_lists(LOCALES)


@dataclass(frozen=True)
class Meaning:
    """What a phrase means to one person: a key of the lists, whose word it is, and how sure that is (0 to 1)."""

    key: str
    words: Words
    languages: frozenset[str]
    romanised: bool
    confidence: float


def meaning(
    words: Words, own: frozenset[str], keys: Iterable[str] | None, *, numbers: bool, alone: str | None = None
) -> Meaning | None:
    """The one meaning of exactly these words, or None when there is none or more than one.

    Asked in this order: the person's `own` languages, their romanised form, English, then any other language.
    `keys` narrows what is looked for; `numbers` lets "one" and "two" count; `alone` is the text as written when the
    words are all of it.
    """
    known = lexicon().phrases.get(words)
    if known is None or (alone is not None and _says_else(words, known, own, alone)):
        return None
    tier, sure = _first_tier(_looked_for(known, keys, numbers=numbers), own)
    keys_found = {sense.key for sense in tier}
    means = keys_found - set(NUMBER_KEYS) if len(keys_found) > 1 else keys_found
    if len(means) != 1 or (sure < 0.8 and _too_short(words)):
        return None
    key = means.pop()
    chosen = {sense for sense in tier if sense.key == key}
    languages = frozenset(sense.language for sense in chosen)
    if sure < 0.8 and (_is_of_their_own(words, own) or (len(words) == 1 and _means_else(words, key, languages))):
        return None
    return Meaning(key, words, languages, all(sense.romanised for sense in chosen), sure)


def _looked_for(senses: frozenset[Sense], keys: Iterable[str] | None, *, numbers: bool) -> frozenset[Sense]:
    passed_over = _AROUND if numbers or keys is not None else _AROUND.union(NUMBER_KEYS)
    return frozenset(sense for sense in senses if sense.key not in passed_over and (keys is None or sense.key in keys))


def opening_of(words: Words, key: str) -> Words:
    """The longest phrase of this key, in any language, that the words begin with."""
    longest = lexicon().openings.get(key, _NOTHING).get(words[0], 0) if words else 0
    lengths = range(min(len(words), longest), 0, -1)
    return next((words[:length] for length in lengths if lexicon().has(words[:length], key)), ())


@lru_cache(maxsize=4_096)
def without(words: Words, key: str, languages: frozenset[str] | None) -> Words:
    """The words but for every phrase of this key, the longest taken first.

    An English word is none of it where a language that counts beside English has the word: Polish "mam" (I have).
    """
    if lexicon().openings.get(key, _NOTHING).keys().isdisjoint(words):
        return words
    return tuple(chain.from_iterable(parted(words, key, languages)))


def parted(words: Words, key: str, languages: frozenset[str] | None) -> list[Words]:
    """The runs of words between the phrases of this key."""
    openings = lexicon().openings.get(key, _NOTHING)
    runs: list[list[str]] = [[]]
    place = 0
    while place < len(words):
        longest = openings.get(words[place], 0)
        length = _length_at(words[place : place + min(_LONGEST_SET_APART, longest)], key, languages) if longest else 0
        if length:
            runs.append([])
        else:
            runs[-1].append(words[place])
        place += length or 1
    return [tuple(run) for run in runs if run]


@lru_cache(maxsize=20_000)
def _length_at(words: Words, key: str, languages: frozenset[str] | None) -> int:
    """How many of these words the longest phrase of a key has that they begin with."""
    return next((n for n in range(len(words), 0, -1) if _is_of_key(words[:n], key, languages)), 0)


def _is_of_key(words: Words, key: str, languages: frozenset[str] | None) -> bool:
    if languages is None or len(words) > 1:
        return lexicon().has(words, key, languages)
    of = {sense.language for sense in lexicon().senses(words, key)} & languages
    own = languages - {"en"}
    return bool(of & own) or (bool(of) and own.isdisjoint(s.language for s in lexicon().common.get(words[0], ())))


@lru_cache(maxsize=256)
def first_words(keys: tuple[str, ...]) -> frozenset[str]:
    """The words that a phrase of these keys begins with, in any language."""
    return _NOBODY.union(*(lexicon().openings.get(key, _NOTHING) for key in keys))


@cache
def longest_by_first() -> dict[str, int]:
    """How many words the longest phrase that begins with a word has."""
    longest: dict[str, int] = {}
    for words in filter(None, lexicon().phrases):
        longest[words[0]] = max(len(words), longest.get(words[0], 0))
    return longest


_Marker = tuple[Words, frozenset[str]]


@cache
def _markers(kind: str) -> dict[str, list[_Marker]]:
    """The markers of a kind by their first word."""
    found: dict[str, list[_Marker]] = defaultdict(list)
    for (listed, words), languages in lexicon().markers.items():
        if listed == kind and words:
            found[words[0]].append((words, languages))
    return found


def opens_marker(word: str, kind: str) -> bool:
    """Whether a marker of this kind begins with the word, in any language."""
    return word in _markers(kind)


def may_mark(words: Collection[str], *kinds: str) -> bool:
    """Whether a marker of one of these kinds may begin among the words, in any language."""
    return any(not _markers(kind).keys().isdisjoint(words) for kind in kinds)


def marked_within(words: Sequence[str], kind: str, languages: Collection[str], longest: int) -> bool:
    """Whether a marker of so many words at most stands anywhere among these, in one of the languages."""
    listed = _markers(kind)
    return not listed.keys().isdisjoint(words) and any(
        len(marker) <= longest and marker == tuple(words[place : place + len(marker)]) and not of.isdisjoint(languages)
        for place, word in enumerate(words)
        if word in listed
        for marker, of in listed[word]
    )


def by_common_words(words: Words, own: frozenset[str]) -> str | None:
    """The language whose everyday words make up the most of the reply, when it is clearly ahead."""
    votes: dict[str, float] = {}
    for word in words:
        senses = lexicon().common.get(word, frozenset()) | lexicon().senses((word,))
        listed = {sense.language for sense in senses}
        for language in listed:
            votes[language] = votes.get(language, 0.0) + 1 / len(listed) + (0.1 if language in own else 0)
    ranked = sorted(votes, key=lambda language: (-votes[language], language))
    if not ranked or len(words) < 2 or votes[ranked[0]] < 1:
        return None
    ahead = len(ranked) < 2 or votes[ranked[0]] >= 1.3 * votes[ranked[1]] or ranked[0] in own
    return ranked[0] if ahead else None


def looks_romanised(words: Words) -> bool:
    """Whether three in ten of the words, or two of one language, are everyday words only of a borrowed spelling."""
    listed = (lexicon().common.get(word, frozenset()) for word in words)
    borrowed = [senses for senses in listed if senses and all(sense.romanised for sense in senses)]
    each = Counter(language for senses in borrowed for language in {sense.language for sense in senses})
    return bool(borrowed) and (len(borrowed) >= 0.3 * len(words) or max(each.values()) > 1)


def _first_tier(senses: frozenset[Sense], own: frozenset[str]) -> tuple[frozenset[Sense], float]:
    spoken = frozenset(sense for sense in senses if sense.language in own)
    written = frozenset(sense for sense in spoken if not sense.romanised)
    if spoken:
        return (written, 0.98) if written else (spoken, 0.95)
    english = frozenset(sense for sense in senses if sense.language == "en")
    return (english, 0.95) if english else (senses, 0.7)


def _says_else(words: Words, senses: frozenset[Sense], own: frozenset[str], small: str) -> bool:
    """Whether the words are doubtful to this person, and no accents tell which are meant: "dung" in Vietnamese.

    To somebody whose own language, or English, has no doubt about them, the doubt of another language is none.
    """
    doubtful = {sense.language for sense in senses if sense.key == "doubtful"}
    if not doubtful or "en" in doubtful:  # what is doubtful in English has a harmless sense of its own in the list
        return False
    sure_of_it = own | {"en"} if own else frozenset({"en"})
    settled = {sense.language for sense in senses if sense.key not in _AROUND} & sure_of_it - doubtful
    return not settled and not lexicon().is_spelt_out(words, small)


def _is_of_their_own(words: Words, own: frozenset[str]) -> bool:
    """Whether the person's own language has all the words, for something else: Polish "tak" (yes) is "so" in Czech."""
    return all(
        not own.isdisjoint({*lexicon().known_in.get(word, _NOBODY), *lexicon().intent_words.get(word, "").split()})
        for word in words
    )


def _means_else(words: Words, key: str, languages: frozenset[str]) -> bool:
    """Whether another language uses the word for something else: "hej" is yes in Slovak and hello in Polish."""
    listed = {sense for sense in lexicon().senses(words) if sense.key not in (key, "doubtful")}
    senses = listed | lexicon().common.get(words[0], frozenset())
    return any(sense.language not in languages for sense in senses)


def _too_short(words: Words) -> bool:
    """Two Latin letters of a language nobody recorded say too little: "ne" is no in Czech and yes in Greek."""
    return len(words) == 1 and words[0].isascii() and len(words[0]) <= 2
