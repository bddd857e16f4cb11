"""How words in Cyrillic, Greek and Ethiopic letters are typed on a phone that has Latin letters alone.

People write as they hear or as the letters look, so a letter has several spellings, and a word one of each way.
"""

from collections.abc import Mapping
from functools import lru_cache

from bot.understanding.normalise import normalise
from bot.understanding.word_lists import is_whole

_CYRILLIC = dict(zip("абвгдезиклмнопрстуфэіўйхыъ", "abvgdeziklmnoprstufeiuyhya", strict=True)) | {
    "ё": "e", "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ь": "",
}  # fmt: skip
_UKRAINIAN = {"г": "h", "и": "y", "є": "ye", "ї": "yi", "х": "kh", "щ": "shch"}
_GREEK = dict(zip("αβγδεζηικλμνοπρσςτυφχωξ", "avgdeziiklmnoprsstyfxox", strict=True)) | {"θ": "th", "ψ": "ps"}
_WAYS: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "ru": (
        _CYRILLIC | {"ъ": ""},
        _CYRILLIC | {"ъ": "", "х": "kh", "ж": "j", "й": "i", "ц": "c", "щ": "shch", "ю": "u", "я": "ia", "ы": "i"},
    ),
    "uk": (
        _CYRILLIC | _UKRAINIAN,
        _CYRILLIC | {"и": "i", "є": "e", "ї": "i", "й": "i", "ц": "c", "ю": "iu", "я": "ia"},
    ),
    "bg": (
        _CYRILLIC | {"щ": "sht"},
        _CYRILLIC | {"щ": "sht", "ж": "j", "й": "i", "ц": "c", "ю": "iu", "я": "q"},
    ),
    "el": (
        _GREEK | {"ευ": "ef", "αυ": "af"},
        _GREEK | {"ου": "ou", "ει": "i", "οι": "i", "αι": "e", "ευ": "eu", "αυ": "au", "μπ": "b", "υ": "i", "χ": "h"},
        _GREEK | {"η": "h", "ω": "w", "ξ": "ks", "υ": "u"},
    ),
}
_FIRST_SYLLABLE, _LAST_SYLLABLE, _ORDERS = 0x1200, 0x1357, 8
_ROWS = "h l h m s r s sh q qw q qw b v t ch h hw n gn - k kw h hw w - z zh y d d j g gw g t ch p ts ts f p"
_CONSONANTS = tuple(_ROWS.split())
_VOWELS = ("e", "u", "i", "a", "e", "", "o", "wa")
_SHORT_ORDER = 5
_SHORTEST = 4


def in_latin_letters(entry: str, tag: str) -> list[str]:
    """The Latin spellings of an entry of a concept table ("=word", a stem, a unit), none that would be too short."""
    if tag not in _WAYS and not any(map(_is_syllable, entry)):
        return []
    words = [word.removeprefix("=") for word in entry.split()]
    whole = "=" if is_whole(entry) else ""
    spelt = {*zip(*(_spellings(word, tag) for word in words), strict=False)}
    return [
        " ".join((*before, whole + last))
        for *before, last in sorted(spelt)
        if all(word.isascii() for word in (*before, last)) and len(last) + sum(map(len, before)) >= _SHORTEST
    ]


@lru_cache(maxsize=100_000)
def _spellings(written: str, tag: str) -> tuple[str, ...]:
    word = normalise(written)
    if tag in _WAYS:
        return tuple(_spelt(word, letters) for letters in _WAYS[tag])
    if any(map(_is_syllable, word)):
        return (_syllables(word, ""), _syllables(word, "i").replace("q", "k"))
    return ()


def _spelt(word: str, letters: Mapping[str, str]) -> str:
    for pair in (two for two in letters if len(two) > 1):
        word = word.replace(pair, letters[pair])
    return "".join(letters.get(letter, letter) for letter in word)


def _is_syllable(letter: str) -> bool:
    return _FIRST_SYLLABLE <= ord(letter) <= _LAST_SYLLABLE


def _syllables(word: str, short: str) -> str:
    last = len(word) - 1
    return "".join(_syllable(letter, short if place < last else "") for place, letter in enumerate(word))


def _syllable(letter: str, short: str) -> str:
    if not _is_syllable(letter):
        return letter
    row, order = divmod(ord(letter) - _FIRST_SYLLABLE, _ORDERS)
    consonant = _CONSONANTS[row].strip("-")
    if order == _SHORT_ORDER:
        return consonant + short if consonant else short or "e"
    return consonant + ("a" if not order and consonant in ("", "h") else _VOWELS[order])
