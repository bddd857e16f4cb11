"""A sentence as its reader sees what was found in it: the written words, and the concepts each stands for."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.understanding import concepts, intents
from bot.understanding.added import DANGER, REPLIES
from bot.understanding.lexicon import languages_of, lexicon, longest_by_first
from bot.understanding.marking import ENGLISH, joined, marks_by_language
from bot.understanding.normalise import clauses
from bot.understanding.sensing import steps_of
from bot.understanding.tables import CONCEPTS, PHRASES
from bot.understanding.urgent import find_phrases

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_BITS: Mapping[str, Mapping[str, int]] = {
    DANGER: concepts.BIT,
    REPLIES: intents.BIT,
    PHRASES: {name: 1 << place for place, name in enumerate(CONCEPTS[PHRASES])},
}
_PIECE = re.compile(rf"([{_HAN}]|[^\s{_HAN}]+)(\s*)")


class Piece(NamedTuple):
    """A word as it is written with the space after it, and the concepts it was found to be."""

    written: str
    after: str
    concepts: tuple[str, ...]


def light(text: str, tag: str, lists: str) -> list[Piece]:
    """The words of a text with the concepts that they are to a reader of this language, English beside it.

    :param lists: one of `tables.READ`.
    """
    pieces = [(written, after, _plain(written)) for written, after in _PIECE.findall(text)]
    words = [word for _, _, plain in pieces for word in plain]
    found = _FOUND[lists](words, tag)
    lit, place = [], 0
    for written, after, plain in pieces:
        bits = joined(found.get(at, 0) for at in range(place, place + len(plain)))
        lit.append(Piece(written, after, _names(bits, lists)))
        place += len(plain)
    return lit


def _plain(written: str) -> list[str]:
    return [word for clause in clauses(written) for word in clause]


def _names(bits: int, lists: str) -> tuple[str, ...]:
    return tuple(name for name, bit in _BITS[lists].items() if bits & bit)


def _dangers(words: list[str], tag: str) -> Mapping[int, int]:
    """By place, the bits of the person's own languages, of English where those have nothing."""
    own = languages_of(tag) | {tag}
    marks, spans = marks_by_language(words, own)
    found: dict[int, int] = {}
    for language in (*sorted(own), ENGLISH):
        for place, entries in marks.get(language, {}).items():
            if language in own or place not in found:
                _note(found, place, entries, spans)
    return found


def _note(found: dict[int, int], place: int, entries: tuple[int, ...], spans: Mapping[tuple[int, int], int]) -> None:
    for bits in entries:
        for at in range(place, place + spans.get((place, bits), 1)):
            found[at] = found.get(at, 0) | bits


def _intents(words: list[str], tag: str) -> Mapping[int, int]:
    return dict(_by_place(tuple(words), languages_of(tag) | {tag, ENGLISH}))


def _by_place(words: tuple[str, ...], languages: frozenset[str]) -> Iterator[tuple[int, int]]:
    for place, length, bits, _ in steps_of(words, languages):
        yield from ((at, bits) for at in range(place, place + length))


def _phrases(words: list[str], tag: str) -> Mapping[int, int]:
    """The phrases of the lists that stand in the text, wherever they are; those of danger as they are meant."""
    bits, languages, found = _BITS[PHRASES], languages_of(tag) | {tag}, dict[int, int]()
    for phrase, places in find_phrases([words], languages) if words else ():
        for place in places if not phrase.concepts else ():
            found[place] = found.get(place, 0) | bits.get(f"urgent-{phrase.level}", 0)
    for place, word in enumerate(words):
        for end in range(place + 1, place + 1 + longest_by_first().get(word, 0)):
            for sense in lexicon().senses(tuple(words[place:end])) if end <= len(words) else ():
                for at in range(place, end) if sense.language in languages else ():
                    found[at] = found.get(at, 0) | bits.get(sense.key, 0)
    return found


_FOUND = {DANGER: _dangers, REPLIES: _intents, PHRASES: _phrases}
