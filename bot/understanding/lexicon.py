"""The reply words of every language, read once from locales/<folder>/replies.toml.

The lists are data and drafts: a native reviewer can mend one without touching code. In a phrase, "a|b" means either
word, a final "*" any ending, "..." a longer gap, and "#" a number of eight or more (urgent phrases only). In
"not_named", NAME stands for a person's name. Under [urgent], "harmless" are figures of speech that alarm nobody, and
"bereaved" tells of a death. "doubtful" are words that also mean something else, as they are written without accents.
Beside a stop, "stop_tail" takes nothing from it, "vague_stop" does not say what is to stop, "message" means our texts,
and "request" asks for it kindly.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from bot.texts.languages import LANGUAGES
from bot.understanding.normalise import as_written, normalise, squeeze
from bot.understanding.scripts import siblings

LOCALES = Path(__file__).resolve().parents[2] / "locales"
GAP = "..."
MANY = "#"

NUMBER_KEYS = {"zero": 0, "one": 1, "two": 2}

_BY_MACHINE = frozenset({"signature", "automatic"})
_BESIDE_A_STOP = frozenset({"stop_tail", "vague_stop", "message", "request"})
_AROUND = _BY_MACHINE | _BESIDE_A_STOP | {"polite", "doubtful", "language_around", "number_label"}

Words = tuple[str, ...]
_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sense:
    """What one language means by a word or phrase; `romanised` when it is written there in borrowed letters."""

    language: str
    key: str
    romanised: bool


@dataclass(frozen=True)
class UrgentPhrase:
    """A phrase that cannot wait: `level` is "red" (999) or "amber" (a person, soon).

    "harmless" only sounds so; "bereaved" tells of a death.
    """

    words: Words
    level: str
    language: str
    romanised: bool


@dataclass
class Lexicon:
    """Every list of every language, indexed for look-up by plain words (see `normalise`).

    `markers` are the languages in which words are a marker of a kind; `openings`, the first words of a key's phrases;
    `spellings`, how phrases with accents are written; `known_in`, the languages whose lists have a word.
    """

    phrases: dict[Words, set[Sense]] = field(default_factory=lambda: defaultdict(set))
    urgent: set[UrgentPhrase] = field(default_factory=set)
    markers: dict[tuple[str, Words], set[str]] = field(default_factory=lambda: defaultdict(set))
    not_named: dict[str, set[Words]] = field(default_factory=lambda: defaultdict(set))
    common: dict[str, set[Sense]] = field(default_factory=lambda: defaultdict(set))
    language_names: dict[Words, str] = field(default_factory=dict)
    squeezed: dict[str, str] = field(default_factory=dict)
    in_phrases: set[str] = field(default_factory=set)
    openings: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    spellings: dict[Words, set[str]] = field(default_factory=lambda: defaultdict(set))
    known_in: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    longest: int = 1

    def senses(self, words: Words, key: str | None = None) -> set[Sense]:
        """What the languages mean by exactly these words, all of it or one key alone."""
        found = self.phrases.get(words, set())
        return found if key is None else {sense for sense in found if sense.key == key}

    def has(self, words: Words, key: str, languages: frozenset[str] | None = None) -> bool:
        """Whether the words stand under this key, in any language or in one of those given."""
        found = self.phrases.get(words, ())
        return any(sense.key == key and (languages is None or sense.language in languages) for sense in found)

    def marked(self, words: Words, kind: str, languages: Iterable[str]) -> bool:
        """Whether the words are a marker ("before", "after", "contrast", "past", "back") in one of the languages."""
        return not self.markers.get((kind, words), _NOBODY).isdisjoint(languages)

    def is_spelt_out(self, words: Words, small: str) -> bool:
        """Whether a text in small letters has these words with the accents that a list gives them."""
        return any(spelling in small for spelling in self.spellings.get(words, _NOBODY))

    def is_of(self, word: str, language: str) -> bool:
        """Whether the lists of a language have this word."""
        return language in self.known_in.get(word, _NOBODY)

    def share_known(self, words: Words, languages: frozenset[str]) -> float:
        """Which share of the words, numbers apart, one of these languages has in its lists; 1 when there are none."""
        spelt = [word for word in words if not word.isdecimal()]
        known = sum(1 for word in spelt if not languages.isdisjoint(self.known_in.get(word, _NOBODY)))
        return known / len(spelt) if spelt else 1.0

    def is_ordinary(self, word: str) -> bool:
        """Whether an everyday list or a phrase of any language has this word (urgent phrases apart)."""
        return word in self.common or word in self.in_phrases

    def known_spelling(self, word: str) -> str:
        """The listed spelling of a word that differs from it by doubled letters alone, else the word."""
        plain = squeeze(word)
        return word if plain == word or word in self.known_in else self.squeezed.get(plain, word)


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
    """Load every list once; the process keeps it."""
    loaded = Lexicon()
    for tag, language in LANGUAGES.items():
        path = LOCALES / language.folder / "replies.toml"
        if path.exists():
            _add_language(loaded, tag, tomllib.loads(path.read_text(encoding="utf-8")))
    _add_language_names(loaded)
    loaded.longest = max(map(len, loaded.phrases))
    by_people = (words for words, senses in loaded.phrases.items() if any(one.key not in _BY_MACHINE for one in senses))
    loaded.in_phrases.update(word for words in by_people for word in words)
    for words, senses in loaded.phrases.items():
        for sense in senses:
            loaded.openings[sense.key].update(words[:1])
    _note_who_knows(loaded)
    for words in sorted(loaded.phrases, key=lambda words: (len(words), words)):
        for word in words:
            loaded.squeezed.setdefault(squeeze(word), word)
    return loaded


def expand(phrase: str) -> Iterator[Words]:
    """Yield each reading of a phrase with its "a|b" choices spelt out, in plain words."""
    choices = [[_plain(choice) for choice in word.split("|")] for word in phrase.split()]
    for chosen in product(*choices):
        yield tuple(" ".join(chosen).split())


@lru_cache(maxsize=16384)
def _plain(word: str) -> str:
    if word in (GAP, MANY):
        return word
    return normalise(word) + ("*" if word.endswith("*") else "")


def _add_language(loaded: Lexicon, tag: str, data: Mapping[str, Mapping[str, Any]]) -> None:
    for section, romanised in (("words", False), ("romanised", True)):
        for key, phrases in data.get(section, {}).items():
            for phrase in phrases:
                _add_phrase(loaded, phrase, Sense(tag, key, romanised))
    for section, romanised in (("urgent", False), ("romanised_urgent", True)):
        for level, phrases in data.get(section, {}).items():
            for phrase in phrases:
                loaded.urgent.update(UrgentPhrase(words, level, tag, romanised) for words in expand(phrase))
    for kind, phrases in data.get("negators", {}).items():
        for words in (tuple(normalise(phrase).split()) for phrase in phrases):
            loaded.markers[kind, words].add(tag)
            if kind == "not_named":
                loaded.not_named[tag].add(words)
    for section, words in data.get("common", {}).items():
        for word in words:
            loaded.common[normalise(word)].add(Sense(tag, "common", section == "romanised"))


def _add_phrase(loaded: Lexicon, phrase: str, sense: Sense) -> None:
    words = tuple(normalise(phrase).split())
    loaded.phrases[words].add(sense)
    if not phrase.isascii() and sense.key != "doubtful":
        loaded.spellings[words].add(as_written(phrase))
    if sense.key == "automatic":  # "if this is urgent" is no more than how a phone answers by itself
        loaded.urgent.add(UrgentPhrase(words, "harmless", sense.language, sense.romanised))


def _note_who_knows(loaded: Lexicon) -> None:
    for words, senses in loaded.phrases.items():
        for word in words:
            loaded.known_in[word].update(sense.language for sense in senses)
    for (_, words), languages in loaded.markers.items():
        for word in words:
            loaded.known_in[word].update(languages)
    for word, senses in loaded.common.items():
        loaded.known_in[word].update(sense.language for sense in senses)
    for phrase in loaded.urgent:
        for word in phrase.words:
            loaded.known_in[word].add(phrase.language)


def _add_language_names(loaded: Lexicon) -> None:
    """Names of languages that may stand alone; tags are left out, for "so", "it" and "no" are words too."""
    for tag, language in LANGUAGES.items():
        for name in (language.english, language.native, *language.aliases):
            words = tuple(normalise(name).split())
            if len("".join(words)) > 3 or (words and not words[0].isascii()):
                loaded.language_names.setdefault(words, tag)


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


def _looked_for(senses: set[Sense], keys: Iterable[str] | None, *, numbers: bool) -> set[Sense]:
    passed_over = _AROUND if numbers or keys is not None else _AROUND.union(NUMBER_KEYS)
    return {sense for sense in senses if sense.key not in passed_over and (keys is None or sense.key in keys)}


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
        senses = lexicon().common.get(word, set()) | lexicon().senses((word,))
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
    listed = (lexicon().common.get(word, set()) for word in words)
    hits = sum(1 for senses in listed if senses and all(sense.romanised for sense in senses))
    return hits >= 2 and hits >= 0.3 * len(words)


def _first_tier(senses: set[Sense], own: frozenset[str]) -> tuple[set[Sense], float]:
    spoken = {sense for sense in senses if sense.language in own}
    written = {sense for sense in spoken if not sense.romanised}
    if spoken:
        return (written, 0.98) if written else (spoken, 0.95)
    english = {sense for sense in senses if sense.language == "en"}
    return (english, 0.95) if english else (senses, 0.7)


def _says_else(words: Words, senses: set[Sense], own: frozenset[str], small: str) -> bool:
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
    senses = listed | lexicon().common.get(words[0], set())
    return any(sense.language not in languages for sense in senses)


def _too_short(words: Words) -> bool:
    """Two Latin letters of a language nobody recorded say too little: "ne" is no in Czech and yes in Greek."""
    return len(words) == 1 and words[0].isascii() and len(words[0]) <= 2
