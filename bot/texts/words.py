"""Words that must not stand in a text: those a network takes for STOP, links, and those that mislead in a language.

The last kind is data, `locales/words-to-avoid.toml`: a line a word, with the reason and what to say in its place.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.texts.catalogue import CatalogueError
from bot.texts.languages import LANGUAGES
from bot.texts.wording import LOCALES_DIR

WORDS_FILE = "words-to-avoid.toml"

NETWORK_STOP = frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"])
"""What Twilio takes for a wish to get no more texts when it stands alone: it then blocks the number."""

_ENDING = "*"
_KEYS = {"words", "because", "instead", "english"}
# Vowel signs of Arabic script, which may be left out, and the line that stretches a word.
_MARKS_OF_VOWELS = re.compile("[\u064b-\u0652\u0670\u0640]")
_NOT_LATIN = re.compile("[^\u0000-\u024f\u0300-\u036f\u1e00-\u1eff]+")  # Chinese sets no space around a Latin word
_JOINERS = "\u200c\u200d"
# What Arabic writes onto the front of a word: and, so; with, as, to; the.
_CLITICS: Mapping[str, str] = {"ar": "[وف]?(?:[بك]?(?:ال)?|لل|ل)"}
_UNSPACED = ("zh-Hans", "zh-Hant")
# Phones make a link of whatever could be an address, and endings are too many for a list. A capital after the stop is
# a sentence whose space was forgotten, one letter an abbreviation, a digit before it alone a time.
_LINK = re.compile(
    r"\w://|\bwww\.|[\w.+-]+@[\w-]+\.\w"
    r"|(?<![\w-])(?=[\d_-]*[^\W\d_])[\w-]+\.(?-i:[a-z]{2,}|[A-Z]{2,})\b|\b\d+(?:\.\d+){3}\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Avoided:
    """Words of a language that a text must not use. `english`: only where the English source has this word."""

    words: tuple[str, ...]
    because: str
    instead: str
    english: str | None
    pattern: re.Pattern[str]


def stop_words_in(body: str) -> list[str]:
    """The words of a body that Twilio takes for STOP, in any case, as they are written there."""
    words = [piece for word in _words(unicodedata.normalize("NFKC", body)) for piece in _NOT_LATIN.split(word)]
    return [word for word in dict.fromkeys(words) if word.upper() in NETWORK_STOP]


def words_to_avoid_in(body: str, language: str, source: str) -> Iterator[tuple[str, Avoided]]:
    """Each word of a body, slots left out, that the language must not use, with what is known of it."""
    spaced, english = _spaced(body), _spaced(source)
    for avoided in words_to_avoid().get(language, ()):
        found = avoided.pattern.search(spaced)
        if found and (avoided.english is None or _spaced(avoided.english) in english):
            yield found[0].strip(), avoided


@cache
def words_to_avoid() -> Mapping[str, tuple[Avoided, ...]]:
    """The words each language must not use, by tag; read once a process. Raises CatalogueError."""
    return read_words_to_avoid(LOCALES_DIR / WORDS_FILE)


def read_words_to_avoid(path: Path) -> Mapping[str, tuple[Avoided, ...]]:
    """Read a file of words to avoid. Raises CatalogueError, naming file and fault."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: not readable as TOML ({error}).") from error
    return {tag: tuple(_avoided(path, tag, entry) for entry in _entries(entries)) for tag, entries in data.items()}


def _entries(entries: Any) -> list[Any]:
    return entries if isinstance(entries, list) else [entries]


def _avoided(path: Path, tag: str, entry: Any) -> Avoided:
    if tag not in LANGUAGES:
        raise CatalogueError(f"{path.name}: there is no language {tag}.")
    if not _is_whole(entry):
        raise CatalogueError(f"{path.name}: each [[{tag}]] needs words, because and instead, and may have english.")
    words = tuple(entry["words"])
    return Avoided(words, entry["because"], entry["instead"], entry.get("english"), _pattern(tag, words))


def _is_whole(entry: Any) -> bool:
    if not isinstance(entry, dict) or not {"words", "because", "instead"} <= set(entry) <= _KEYS:
        return False
    words = entry["words"]
    return bool(words) and all(isinstance(word, str) and _spaced(word) for word in words)


def _pattern(tag: str, words: tuple[str, ...]) -> re.Pattern[str]:
    """A word between spaces; one with a final star with any ending; in a script without spaces anywhere."""
    if tag in _UNSPACED:
        return re.compile("|".join(re.escape(_spaced(word).strip()) for word in words))
    front = f" {_CLITICS.get(tag, '')}"
    return re.compile("|".join(front + _any_ending(word) for word in words))


def _any_ending(word: str) -> str:
    letters = re.escape(_spaced(word).strip())
    return letters + (r"\S*" if word.endswith(_ENDING) else "") + r"(?=\s)"


def _spaced(body: str) -> str:
    """The words of a body in small letters, a space before, between and after them."""
    folded = unicodedata.normalize("NFC", body).casefold()
    bare = _MARKS_OF_VOWELS.sub("", folded).translate(dict.fromkeys(map(ord, _JOINERS)))
    words = _words(bare)
    return f" {' '.join(words)} " if words else ""


def _words(text: str) -> list[str]:
    """Runs of letters, marks and digits: `\\w` would break words of Indic scripts at each vowel sign."""
    spaced = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in text)
    return spaced.split()


def link_in(words: str) -> str | None:
    """What a phone may make a link of; None when there is nothing of the kind."""
    found = _LINK.search(unicodedata.normalize("NFKC", words).replace("\u3002", "."))
    return found[0] if found else None
