"""The reply words of every language as they are looked up. `building` makes them, `compiled` keeps them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from bot.understanding.normalise import squeeze

GAP = "..."
MANY = "#"
_FEWEST_MANY, _MOST_MANY = 8, 500

Words = tuple[str, ...]
_NOBODY: frozenset[str] = frozenset()


def is_many(figures: str) -> bool:
    """Whether a number is more pills than a dose; a year or a telephone number counts none."""
    return _FEWEST_MANY <= int(figures[:9]) <= _MOST_MANY


class Sense(NamedTuple):
    """What one language means by a word or phrase; `romanised` when it is written there in borrowed letters."""

    language: str
    key: str
    romanised: bool


class UrgentPhrase(NamedTuple):
    """A phrase that cannot wait: `level` is "red" (999), "paged" (a person, at once) or "amber" (a person, soon).

    "harmless" only sounds so; "bereaved" tells of a death. `concepts` are those of a rule, by their English names;
    `by_another`: it tells of harm that another person does.
    """

    words: Words
    level: str
    language: str
    romanised: bool
    concepts: tuple[str, ...] = ()
    by_another: bool = False


Plain = Mapping[str, Any]
"""The fields of a `Lexicon` in types that `marshal` knows: a `Sense` or an `UrgentPhrase` is a plain tuple there."""


@dataclass(frozen=True, eq=False)
class ConceptTables:
    """Words as the concepts that rules are made of, of danger and of replies.

    `concept_words`, `concept_stems` and `concept_inside` (for languages that put their grammar before a word) have
    the languages of a word and the bits of its concepts, as `written_of` gives them; `concept_units`, by the first word
    of each, those of several words, a line each that begins with the second. They are read when a word is first met.
    `concept_by_half` and `intent_by_half` have the long words and stems of both by their halves.
    `intent_words`, `intent_stems` and `intent_units` have the same of the concepts of replies.
    """

    concept_words: Mapping[str, str]
    concept_stems: Mapping[str, str]
    concept_inside: Mapping[str, str]
    concept_units: Mapping[str, str]
    concept_by_half: Mapping[str, str]
    intent_words: Mapping[str, str]
    intent_stems: Mapping[str, str]
    intent_units: Mapping[str, str]
    intent_by_half: Mapping[str, str]

    def listed_as(self, word: str) -> Iterator[str]:
        """What the tables of words and of stems of danger say of a word as it is written."""
        if word in self.concept_words:
            yield self.concept_words[word]
        beginnings = (word[:end] for end in range(2, len(word) + 1))
        yield from (self.concept_stems[stem] for stem in beginnings if stem in self.concept_stems)


@dataclass(frozen=True)
class Lexicon(ConceptTables):
    """Every list of every language, indexed for look-up by plain words (see `normalise`).

    `markers` are the languages in which words are a marker of a kind; `openings`, the first words of a key's phrases;
    `language_names`, the tags that a name of a language may stand for, one or several; `around_names`, phrases that
    change nothing about one; `unlike_names`, words that only look like one; `longest_at_name`, how many words at most
    such a name or phrase has, by its first;
    `spellings`, how phrases with accents are written; `known_in`, the languages whose lists have a word.
    `urgent_by_first` has the urgent phrases by their first word, a line each; `urgent_words` and `urgent_stems`, all of
    their words; `urgent_by_half`, the long ones by their halves (see `slips`). `spelt_right` has the languages of words
    that are near one of danger and are no slip of it.
    """

    phrases: Mapping[Words, frozenset[Sense]]
    common: Mapping[str, frozenset[Sense]]
    markers: Mapping[tuple[str, Words], frozenset[str]]
    not_named: Mapping[str, tuple[Words, ...]]
    language_names: Mapping[Words, tuple[str, ...]]
    around_names: frozenset[Words]
    unlike_names: frozenset[str]
    longest_at_name: Mapping[str, int]
    squeezed: Mapping[str, str]
    in_phrases: frozenset[str]
    openings: Mapping[str, Mapping[str, int]]
    spellings: Mapping[Words, str]
    known_in: Mapping[str, frozenset[str]]
    longest: int
    spelt_right: Mapping[str, str]
    urgent_by_first: Mapping[str, str]
    urgent_words: frozenset[str]
    urgent_stems: frozenset[str]
    urgent_by_half: Mapping[str, str]

    @classmethod
    def of(cls, plain: Plain) -> "Lexicon":
        """The lexicon that plain data stands for."""
        return cls(**{**plain, "phrases": _with_senses(plain["phrases"]), "common": _with_senses(plain["common"])})

    def urgent_beginning(self, first: str) -> Iterable[UrgentPhrase]:
        """The urgent phrases with this first word or stem."""
        lines = (line.split(" ") for line in self.urgent_by_first.get(first, "").splitlines())
        return (UrgentPhrase(tuple(words), level, tag, borrowed == "1") for level, tag, borrowed, *words in lines)

    def senses(self, words: Words, key: str | None = None) -> frozenset[Sense]:
        """What the languages mean by exactly these words, all of it or one key alone."""
        found = self.phrases.get(words, frozenset())
        return found if key is None else frozenset(sense for sense in found if sense.key == key)

    def has(self, words: Words, key: str, languages: frozenset[str] | None = None) -> bool:
        """Whether the words stand under this key, in any language or in one of those given."""
        found = self.phrases.get(words, ())
        return any(sense.key == key and (languages is None or sense.language in languages) for sense in found)

    def marked(self, words: Words, kind: str, languages: Iterable[str]) -> bool:
        """Whether the words are a marker ("before", "after", "contrast", "past", "back") in one of the languages."""
        return not self.markers.get((kind, words), _NOBODY).isdisjoint(languages)

    def is_spelt_out(self, words: Words, small: str) -> bool:
        """Whether a text in small letters has these words with the accents that a list gives them."""
        return any(spelling in small for spelling in self.spellings.get(words, "").splitlines())

    def is_of(self, word: str, language: str) -> bool:
        """Whether the lists of a language have this word."""
        return language in self.known_in.get(word, _NOBODY)

    def is_romanised(self, word: str) -> bool:
        """Whether every list that has this word has it in borrowed letters."""
        senses = self.common.get(word, frozenset()) | self.phrases.get((word,), frozenset())
        return bool(senses) and all(sense.romanised for sense in senses)

    def share_known(self, words: Words, languages: frozenset[str]) -> float:
        """Which share of the words, numbers apart, one of these languages has in its lists; 1 when there are none."""
        spelt = [word for word in words if not word.isdecimal()]
        known = sum(1 for word in spelt if not languages.isdisjoint(self.known_in.get(word, _NOBODY)))
        return known / len(spelt) if spelt else 1.0

    def is_ordinary(self, word: str) -> bool:
        """Whether an everyday list or a phrase of any language has this word (urgent phrases apart)."""
        return word in self.common or word in self.in_phrases

    def is_spelt_right(self, word: str, language: str) -> bool:
        """Whether a word that one slip parts from one of danger is an everyday word of the language itself."""
        return language in self.spelt_right.get(word, "").split()

    def is_no_slip(self, word: str, language: str) -> bool:
        """Whether a word is one of its own to who speaks this language, so that it is no slip of another."""
        listed = self.is_ordinary(word) or self.is_of(word, language) or self.is_spelt_right(word, language)
        said = any(tag == language for tag, _ in bits_by_tag(self.intent_words.get(word, "")))
        return listed or said or (word,) in self.language_names

    def known_spelling(self, word: str, languages: frozenset[str] | None = None) -> str:
        """The listed spelling of a word that differs from it by doubled letters alone, else the word.

        Where languages are given, only theirs: Somali "karaa" is no Swahili "kara".
        """
        plain = squeeze(word)
        if plain == word or word in self.known_in:
            return word
        listed = self.squeezed.get(plain, word)
        return word if languages and languages.isdisjoint(self.known_in.get(listed, _NOBODY)) else listed


def _with_senses(plain: Mapping[Any, tuple[tuple[Any, ...], ...]]) -> dict[Any, frozenset[Sense]]:
    """Words mean the same as many others (a yes in Polish), so each set of senses is made once."""
    made = {senses: frozenset(map(Sense._make, senses)) for senses in set(plain.values())}
    return {words: made[senses] for words, senses in plain.items()}


def written_of(bits: int) -> str:
    """Bits as the lexicon keeps them: the place of each, which is far shorter than a number of so many bits."""
    return ".".join(str(place) for place in range(bits.bit_length()) if bits >> place & 1)


@lru_cache(maxsize=4_096)
def bits_written(places: str) -> int:
    """The bits of what `written_of` gave."""
    return sum(1 << int(place) for place in places.split("."))


@lru_cache(maxsize=20_000)
def bits_by_tag(written: str) -> tuple[tuple[str, int], ...]:
    """The languages and bits of a word as the lexicon keeps them."""
    parts = written.split()
    return tuple((tag, bits_written(bits)) for tag, bits in zip(parts[::2], parts[1::2], strict=True))


def is_whole(entry: str) -> bool:
    """Whether an entry of a concept table stands for its last word alone, not for what begins so: it is marked "="."""
    words = entry.split()
    return any(word.startswith("=") for word in (*words[:1], *words[-1:]))
