"""What words mean to one person, by the reply words of every language."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
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
_AROUND = BY_MACHINE | _BESIDE_A_STOP | {"polite", "doubtful", "language_around", "number_label"}

_NOBODY: frozenset[str] = frozenset()


def languages_of(recorded: str | None) -> frozenset[str]:
    """The tags whose lists speak for a person with this recorded language (empty when none is recorded)."""
    if recorded is None:
        return frozenset()
    if recorded == "ku":  # many records say no more than "Kurdish"
        return frozenset({"ckb", "kmr"})
    language = LANGUAGES.get(recorded)
    written = (language.reads if language else None) or recorded
    return siblings("zh-Hans" if written == "zh-Hant" else written)


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
    if sure < 0.8 and len(words) == 1 and _means_else(words, key, languages):
        return None
    return Meaning(key, words, languages, all(sense.romanised for sense in chosen), sure)


def _looked_for(senses: frozenset[Sense], keys: Iterable[str] | None, *, numbers: bool) -> frozenset[Sense]:
    passed_over = _AROUND if numbers or keys is not None else _AROUND.union(NUMBER_KEYS)
    return frozenset(sense for sense in senses if sense.key not in passed_over and (keys is None or sense.key in keys))


def opening_of(words: Words, key: str) -> Words:
    """The longest phrase of this key, in any language, that the words begin with."""
    if not words or words[0] not in lexicon().openings.get(key, _NOBODY):
        return ()
    lengths = range(min(len(words), lexicon().longest), 0, -1)
    return next((words[:length] for length in lengths if lexicon().has(words[:length], key)), ())


def without(words: Words, key: str, languages: frozenset[str] | None) -> Words:
    """The words but for every phrase of this key, the longest taken first."""
    openings = lexicon().openings.get(key, _NOBODY)
    if openings.isdisjoint(words):
        return words
    kept: list[str] = []
    place = 0
    while place < len(words):
        lengths = range(min(5, len(words) - place), 0, -1) if words[place] in openings else ()
        length = next((n for n in lengths if lexicon().has(words[place : place + n], key, languages)), 0)
        kept.extend(words[place : place + 1] if length == 0 else ())
        place += length or 1
    return tuple(kept)


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
    """Whether two of the words, and three in ten, are everyday words that only a borrowed spelling has."""
    listed = (lexicon().common.get(word, frozenset()) for word in words)
    hits = sum(1 for senses in listed if senses and all(sense.romanised for sense in senses))
    return hits >= 2 and hits >= 0.3 * len(words)


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


def _means_else(words: Words, key: str, languages: frozenset[str]) -> bool:
    """Whether another language uses the word for something else: "hej" is yes in Slovak and hello in Polish."""
    listed = {sense for sense in lexicon().senses(words) if sense.key not in (key, "doubtful")}
    senses = listed | lexicon().common.get(words[0], frozenset())
    return any(sense.language not in languages for sense in senses)


def _too_short(words: Words) -> bool:
    """Two Latin letters of a language nobody recorded say too little: "ne" is no in Czech and yes in Greek."""
    return len(words) == 1 and words[0].isascii() and len(words[0]) <= 2
