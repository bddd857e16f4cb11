"""The tables of words as people read them: what each concept means, and which entries a language has for it.

An entry of a concept is written as the files have it: `word` is any word that begins so, `=word` that word alone,
several words a unit whose last word may be either.
"""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.texts.languages import LANGUAGES
from bot.understanding import concepts, intents
from bot.understanding.added import DANGER, LISTS, REPLIES
from bot.understanding.building import DANGER as DANGER_FILE
from bot.understanding.building import INTENTS as REPLIES_FILE
from bot.understanding.building import LISTED
from bot.understanding.lexicon import LOCALES
from bot.understanding.normalise import base_letters, normalise
from bot.understanding.sentences import SENTENCES, Sentence, sentences_in
from bot.understanding.word_lists import is_whole

PHRASES = "phrases"
"""Whole phrases, by what they mean; they are read and called wrong, and added with a release alone."""
READ = (*LISTS, PHRASES)
_IN_NO_TABLE = ("language", "dated")
CONCEPTS: Mapping[str, tuple[str, ...]] = {
    DANGER: tuple(name for name in concepts.CONCEPTS if name not in _IN_NO_TABLE),
    REPLIES: intents.CONCEPTS,
    PHRASES: tuple(tomllib.loads(Path(__file__).with_name("meanings.toml").read_text(encoding="utf-8"))[PHRASES]),
}
_FILES = {DANGER: DANGER_FILE, REPLIES: REPLIES_FILE}
_SECTIONS = {"words": "", "romanised": "", "negators": "", "urgent": "urgent-", "romanised_urgent": "urgent-"}
"""The parts of a file of phrases that people read, and what stands before their names here."""
_SHORTEST_STEM = 3
_MAY_BREAK = "\u200b"


class Meaning(NamedTuple):
    """A concept for people: its name, and what belongs to it."""

    name: str
    words: str


class Key(NamedTuple):
    """An entry as it is matched: the plain words, and whether the last is that word alone."""

    words: tuple[str, ...]
    whole: bool

    def covers(self, other: "Key") -> bool:
        """Whether all that the other matches is matched by this one."""
        same = len(self.words) == len(other.words) and self.words[:-1] == other.words[:-1]
        if not same or self.whole:
            return same and other.whole and self.words == other.words
        return other.words[-1].startswith(self.words[-1])


@cache
def meanings(lists: str) -> Mapping[str, Meaning]:
    """What each concept of these lists means, in plain English."""
    listed = tomllib.loads(Path(__file__).with_name("meanings.toml").read_text(encoding="utf-8"))[lists]
    parted = {name: listed.get(name, name).partition(": ") for name in CONCEPTS[lists]}
    return {name: Meaning(title, words) for name, (title, _, words) in parted.items()}


@cache
def entries_of(lists: str, tag: str) -> Mapping[str, tuple[str, ...]]:
    """The entries of a language by concept, as its file has them; every concept is there, with none or some.

    The process keeps them, as it keeps the lexicon.
    """
    if lists == PHRASES:
        return _phrases_of(tag)
    path = LOCALES / LANGUAGES[tag].folder / _FILES[lists]
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["concepts"] if path.exists() else {}
    found: dict[str, dict[str, None]] = {name: {} for name in CONCEPTS[lists]}
    for names, entries in listed.items():
        for name in names.split("-") if lists == REPLIES else [names]:
            found.setdefault(name, {}).update(dict.fromkeys(entries))
    return {name: tuple(entries) for name, entries in found.items()}


def _phrases_of(tag: str) -> Mapping[str, tuple[str, ...]]:
    path = LOCALES / LANGUAGES[tag].folder / LISTED
    listed = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found: dict[str, dict[str, None]] = {name: {} for name in CONCEPTS[PHRASES]}
    for section, before in _SECTIONS.items():
        for name, phrases in listed.get(section, {}).items():
            found.setdefault(before + name, {}).update(dict.fromkeys(phrases))
    return {name: tuple(phrases) for name, phrases in found.items()}


@lru_cache(maxsize=100_000)
def key_of(entry: str) -> Key:
    """What an entry matches. A word of fewer than three letters is that word alone, however it is written."""
    words = normalise(entry).split()
    whole = is_whole(entry)
    if len(words) == 1:
        whole = whole or len(words[0]) < _SHORTEST_STEM
        words = words if whole else [base_letters(words[0])]
    return Key(tuple(words), whole)


def as_shown(lists: str, entry: str) -> tuple[str, bool]:
    """An entry without its marks, and whether it stands for that word alone; a phrase with "/" between its choices."""
    if lists == PHRASES:
        return entry.replace("|", f"/{_MAY_BREAK}"), True
    return entry.replace("=", ""), key_of(entry).whole


@cache
def sentences_of(tag: str) -> tuple[Sentence, ...]:
    """The sentences by which the tables of a language are judged."""
    return tuple(sentences_in(LOCALES / LANGUAGES[tag].folder / SENTENCES))
