"""Makes the reply words from locales/<folder>/replies.toml.

The lists are data and drafts: a native reviewer can mend one without touching code. In a phrase, "a|b" means either
word, a final "*" any ending, "..." a longer gap, and "#" a number of eight or more (urgent phrases only). In
"not_named", NAME stands for a person's name. Under [urgent], "harmless" are figures of speech that alarm nobody, and
"bereaved" tells of a death. "doubtful" are words that also mean something else, as they are written without accents.
Beside a stop, "stop_tail" takes nothing from it, "vague_stop" does not say what is to stop, "message" means our texts,
and "request" asks for it kindly; "stop_or_cancel" are those that also give up an appointment. What people call their
languages stands in locales/names.toml.
"""

import tomllib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from bot.texts.languages import LANGUAGES
from bot.texts.wording import WordingError
from bot.understanding.concepts import BIT
from bot.understanding.intents import BIT as INTENT_BIT
from bot.understanding.normalise import as_written, base_letters, normalise, squeeze, words_of
from bot.understanding.romanising import in_latin_letters
from bot.understanding.slips import SHORTEST_MISSPELT_CONCEPT, by_half, spelt_right
from bot.understanding.word_lists import (
    GAP,
    MANY,
    ConceptTables,
    Plain,
    Sense,
    UrgentPhrase,
    Words,
    bits_by_tag,
    is_whole,
    written_of,
)

LISTED = "replies.toml"
NAMED = "names.toml"
DANGER = "danger.toml"
INTENTS = "intents.toml"
BY_MACHINE = frozenset({"signature", "automatic"})
BESIDE_A_NAME = frozenset({"language", "language_around", "polite"})
"""Keys of what may stand beside the name of a language."""

_AS_CONCEPTS = {"past": "past", "back": "again"}
"""Markers of the reply lists that are concepts too."""
_SHORTEST_STEM = 3
Key = TypeVar("Key", bound=Hashable)


Bits = dict[str, dict[str, int]]


@dataclass
class _Concepts:
    """Concepts of one kind: by word or stem, by language, their bits; a unit by its first word and the rest."""

    words: Bits = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    stems: Bits = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    inside: Bits = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    units: dict[str, dict[tuple[Words, str], int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )


@dataclass
class _Lists:
    """What the files say, language by language."""

    phrases: dict[Words, set[Sense]] = field(default_factory=lambda: defaultdict(set))
    common: dict[str, set[Sense]] = field(default_factory=lambda: defaultdict(set))
    markers: dict[tuple[str, Words], set[str]] = field(default_factory=lambda: defaultdict(set))
    not_named: dict[str, set[Words]] = field(default_factory=lambda: defaultdict(set))
    spellings: dict[Words, set[str]] = field(default_factory=lambda: defaultdict(set))
    urgent: set[UrgentPhrase] = field(default_factory=set)
    concepts: "_Concepts" = field(default_factory=lambda: _Concepts())
    intents: "_Concepts" = field(default_factory=lambda: _Concepts())


def build(locales: Path) -> Plain:
    """The lists under this folder, as plain data.

    :raises WordingError: one of them cannot be read; it is named.
    """
    lists = _Lists()
    for tag, language in LANGUAGES.items():
        path = locales / language.folder / LISTED
        if path.exists():
            _add_language(lists, tag, _read(path))
        table = locales / language.folder / DANGER
        if table.exists():
            _add_concepts(lists.concepts, tag, table)
        intents = locales / language.folder / INTENTS
        if intents.exists():
            _add_intents(lists.intents, tag, intents)
    concepts = {**_of_concepts(lists.concepts), **_of_intents(lists.intents)}
    urgent = _of_danger(lists.urgent)
    return {
        "phrases": _of_senses(lists.phrases),
        "common": _of_senses(lists.common),
        "markers": _frozen(lists.markers),
        "not_named": {tag: tuple(sorted(phrases)) for tag, phrases in lists.not_named.items()},
        **_of_names(_read(locales / NAMED) if (locales / NAMED).exists() else {}, lists.phrases),
        "squeezed": _squeezed(lists.phrases),
        "in_phrases": _said_by_people(lists.phrases),
        "openings": _openings(lists.phrases),
        "spellings": _joined(lists.spellings, "\n"),
        "known_in": _who_knows(lists),
        "longest": max(map(len, lists.phrases), default=1),
        **urgent,
        **concepts,
        "spelt_right": spelt_right(ConceptTables(**concepts), urgent["urgent_by_half"]),
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WordingError(f"{path.parts[-2]}/{path.name} cannot be read: {error}.") from error


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


def _add_language(lists: _Lists, tag: str, data: Mapping[str, Mapping[str, Any]]) -> None:
    for section, romanised in (("words", False), ("romanised", True)):
        for key, phrases in data.get(section, {}).items():
            for phrase in phrases:
                _add_phrase(lists, phrase, Sense(tag, key, romanised))
    for section, romanised in (("urgent", False), ("romanised_urgent", True)):
        for level, phrases in data.get(section, {}).items():
            for phrase in phrases:
                lists.urgent.update(UrgentPhrase(words, level, tag, romanised) for words in expand(phrase))
    for kind, phrases in data.get("negators", {}).items():
        for words in (tuple(normalise(phrase).split()) for phrase in phrases):
            lists.markers[kind, words].add(tag)
            if kind in _AS_CONCEPTS:
                _add_words(lists.concepts, tag, BIT[_AS_CONCEPTS[kind]], words)
            if kind == "not_named":
                lists.not_named[tag].add(words)
    for section, words in data.get("common", {}).items():
        for word in words:
            lists.common[normalise(word)].add(Sense(tag, "common", section == "romanised"))


def _add_concepts(found: _Concepts, tag: str, path: Path) -> None:
    table = _read(path)
    inside = bool(table.get("inside"))
    for name, entries in table["concepts"].items():
        if name not in BIT:
            raise WordingError(f"{path.parts[-2]}/{path.name}: there is no concept {name}.")
        for entry in entries:
            _add_danger(found, tag, BIT[name], entry, inside=inside)


def _add_danger(found: _Concepts, tag: str, bit: int, entry: str, *, inside: bool) -> None:
    _add_concept(found, tag, bit, entry, inside=inside)
    for spelt in in_latin_letters(entry, tag):
        _add_concept(found, tag, bit, spelt, inside=False)


def _add_intents(found: _Concepts, tag: str, path: Path) -> None:
    """A name of several concepts ("not-send") gives its words all of them."""
    for names, entries in _read(path)["concepts"].items():
        unknown = [name for name in names.split("-") if name not in INTENT_BIT]
        if unknown:
            raise WordingError(f"{path.parts[-2]}/{path.name}: there is no concept {unknown[0]}.")
        bits = sum(INTENT_BIT[name] for name in set(names.split("-")))
        for entry in entries:
            _add_intent(found, tag, bits, entry)


def _add_intent(found: _Concepts, tag: str, bits: int, entry: str) -> None:
    for spelt in (entry, *in_latin_letters(entry, tag)):
        _add_concept(found, tag, bits, spelt, inside=False)
        if " " not in spelt:  # doubled letters are typed, or not, as it comes
            _add_concept(found, tag, bits, squeeze(spelt), inside=False)


def build_beside(added: Iterable[tuple[str, str, str, str]], locales: Path, listed: Callable[[str], str]) -> Plain:
    """The tables of words that were added since the files were made, each as language, lists, concept and entry.

    They are as those of a lexicon. `listed` is what its `concept_words` and `concept_stems` have of a word: an entry
    that is in the files and here stands for the concepts of both.
    """
    danger, intents = _Concepts(), _Concepts()
    for tag, lists, concept, entry in added:
        if lists == "replies":
            _add_intent(intents, tag, INTENT_BIT[concept], entry)
        else:
            table = locales / LANGUAGES[tag].folder / DANGER
            inside = table.exists() and bool(_read(table).get("inside"))
            _add_danger(danger, tag, BIT[concept], entry, inside=inside)
    for found in (danger.words, danger.stems, danger.inside):
        for word, by_tag in found.items():
            for tag, bits in bits_by_tag(listed(word)):
                if tag in by_tag:
                    by_tag[tag] |= bits
    return {**_of_concepts(danger), **_of_intents(intents)}


def _add_concept(found: _Concepts, tag: str, bit: int, entry: str, *, inside: bool) -> None:
    words = tuple(word for written in entry.split() for word in words_of(written))
    whole = is_whole(entry)
    if len(words) > 1:
        rest = (*words[1:-1], f"={words[-1]}" if whole else words[-1])
        found.units[words[0]][rest, tag] |= bit
    elif whole or len(words[0]) < _SHORTEST_STEM:
        found.words[words[0]][tag] |= bit
    else:
        stem = base_letters(words[0])
        found.stems[stem][tag] |= bit
        if inside:
            found.inside[stem][tag] |= bit


def _add_words(found: _Concepts, tag: str, bit: int, words: Words) -> None:
    """Exactly these words."""
    if len(words) > 1:
        found.units[words[0]][(*words[1:-1], f"={words[-1]}"), tag] |= bit
    elif words:
        found.words[words[0]][tag] |= bit


def _of_concepts(found: _Concepts) -> dict[str, Any]:
    return {
        "concept_words": _of_bits(found.words),
        "concept_stems": _of_bits(found.stems),
        "concept_inside": _of_bits(found.inside),
        "concept_units": _of_units(found.units),
        "concept_by_half": by_half({*found.words, *found.stems}, SHORTEST_MISSPELT_CONCEPT),
    }


def _of_bits(found: Bits) -> dict[str, str]:
    return {
        word: " ".join(f"{tag} {written_of(bits)}" for tag, bits in sorted(by_tag.items()))
        for word, by_tag in found.items()
    }


def _of_units(found: Mapping[str, Mapping[tuple[Words, str], int]]) -> dict[str, str]:
    """Each unit a line after a line break: its second word, its language and bits, its other words."""
    return {
        first: "".join(
            f"\n{' '.join((rest[0], tag, written_of(bits), *rest[1:]))}" for (rest, tag), bits in sorted(units.items())
        )
        for first, units in found.items()
    }


def _of_intents(found: _Concepts) -> dict[str, Any]:
    return {
        "intent_words": _of_bits(found.words),
        "intent_stems": _of_bits(found.stems),
        "intent_units": _of_units(found.units),
        "intent_by_half": by_half({*found.words, *found.stems}, SHORTEST_MISSPELT_CONCEPT),
    }


def _add_phrase(lists: _Lists, phrase: str, sense: Sense) -> None:
    words = tuple(normalise(phrase).split())
    lists.phrases[words].add(sense)
    if not phrase.isascii() and sense.key != "doubtful":
        lists.spellings[words].add(as_written(phrase))
    if sense.key == "automatic":  # "if this is urgent" is no more than how a phone answers by itself
        lists.urgent.add(UrgentPhrase(words, "harmless", sense.language, sense.romanised))


def _who_knows(lists: _Lists) -> dict[str, frozenset[str]]:
    known: dict[str, set[str]] = defaultdict(set)
    for words, senses in (*lists.phrases.items(), *(((word,), senses) for word, senses in lists.common.items())):
        for word in words:
            known[word].update(sense.language for sense in senses)
    for (_, words), languages in lists.markers.items():
        for word in words:
            known[word].update(languages)
    for phrase in lists.urgent:
        for word in phrase.words:
            known[word].add(phrase.language)
    return _frozen(known)


def _of_names(listed: Mapping[str, Mapping[str, Any]], phrases: Mapping[Words, set[Sense]]) -> dict[str, Any]:
    around, unlike = (listed.get(section, {}).get("words", ()) for section in ("around", "unlike"))
    names, changing_nothing = _language_names(listed), {tuple(normalise(phrase).split()) for phrase in around}
    beside = (words for words, senses in phrases.items() if any(sense.key in BESIDE_A_NAME for sense in senses))
    return {
        "language_names": names,
        "around_names": frozenset(changing_nothing),
        "unlike_names": frozenset(map(normalise, unlike)),
        "longest_at_name": _longest_by_first((*names, *changing_nothing, *beside)),
    }


def _longest_by_first(phrases: Iterable[Words]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for words in filter(None, phrases):
        longest[words[0]] = max(len(words), longest.get(words[0], 0))
    return longest


def _language_names(listed: Mapping[str, Mapping[str, Any]]) -> dict[Words, tuple[str, ...]]:
    """What each name may mean. Tags are left out, for "so", "it" and "no" are words too."""
    names: dict[Words, tuple[str, ...]] = {}
    for name, tags in listed.get("several", {}).items():
        _add_name(names, name, tuple(tags))
    for tag, language in LANGUAGES.items():
        known = (language.english, language.native, *language.aliases)
        for name in (*filter(_may_stand_alone, known), *listed.get("names", {}).get(tag, ())):
            _add_name(names, name, (tag,))
    return names


def _may_stand_alone(name: str) -> bool:
    words = normalise(name).split()
    return len("".join(words)) > 3 or (bool(words) and not words[0].isascii())


def _add_name(names: dict[Words, tuple[str, ...]], name: str, tags: tuple[str, ...]) -> None:
    words = tuple(normalise(name).split())
    names.setdefault(words, tags)
    names.setdefault(tuple(map(squeeze, words)), tags)


def _squeezed(phrases: Iterable[Words]) -> dict[str, str]:
    found: dict[str, str] = {}
    for words in sorted(phrases, key=lambda words: (len(words), words)):
        for word in words:
            found.setdefault(squeeze(word), word)
    return found


def _said_by_people(phrases: Mapping[Words, set[Sense]]) -> frozenset[str]:
    said = (words for words, senses in phrases.items() if any(sense.key not in BY_MACHINE for sense in senses))
    return frozenset(word for words in said for word in words)


def _openings(phrases: Mapping[Words, set[Sense]]) -> dict[str, dict[str, int]]:
    by_key: dict[str, list[Words]] = defaultdict(list)
    for words, senses in phrases.items():
        for key in {sense.key for sense in senses}:
            by_key[key].append(words)
    return {key: _longest_by_first(every) for key, every in by_key.items()}


def _of_danger(urgent: Iterable[UrgentPhrase]) -> dict[str, Any]:
    by_first: dict[str, list[str]] = defaultdict(list)
    for phrase in sorted(urgent):
        line = f"{phrase.level} {phrase.language} {phrase.romanised:d} {' '.join(phrase.words)}"
        by_first[phrase.words[0]].append(line)
    every = frozenset(word for phrase in urgent for word in phrase.words if word != GAP)
    whole = frozenset(word for word in every if not word.endswith("*"))
    return {
        "urgent_by_first": {first: "\n".join(lines) for first, lines in by_first.items()},
        "urgent_words": whole,
        "urgent_stems": every - whole,
        "urgent_by_half": by_half(whole),
    }


def _of_senses(found: Mapping[Key, set[Sense]]) -> dict[Key, tuple[tuple[Any, ...], ...]]:
    return {words: tuple(tuple(sense) for sense in sorted(senses)) for words, senses in found.items()}


def _joined(found: Mapping[Key, set[str]], by: str) -> dict[Key, str]:
    """The same as one text each, which is read much faster than a set."""
    return {key: by.join(sorted(values)) for key, values in found.items()}


def _frozen(found: Mapping[Key, set[str]]) -> dict[Key, frozenset[str]]:
    """The same sets, each of those that are equal kept once."""
    once = {values: values for values in map(frozenset, found.values())}
    return {key: once[frozenset(values)] for key, values in found.items()}
