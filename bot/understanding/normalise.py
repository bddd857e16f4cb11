"""Bring a reply to one plain form, so that one word has one spelling whatever phone or keyboard it came from.

The plain form is for matching only: it is never shown or stored in place of what the person wrote.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

THUMBS_UP = "\N{THUMBS UP SIGN}"
THUMBS_DOWN = "\N{THUMBS DOWN SIGN}"

_CLAUSE_END = re.compile(r"(?:(?!(?:(?<=\b3[5-9])|(?<=\b4[0-2]))[.,]\d)[.,!?;:\n\r…،؛؟۔।॥。！？，、；：—–()።፣])+")
_SENTENCE_END = re.compile(r"(?<=[.!?…؟۔।॥።])(?=\s)|(?<=[\n\r。！？])")
_QUESTION = re.compile(r"[?؟？፧]")
_APOSTROPHES = frozenset("'’‘`´ʼʻ")
_DROPPED_MARKS = (
    (0x0300, 0x036F),  # accents of Latin, Cyrillic and Greek
    (0x0610, 0x061A),
    (0x064B, 0x065F),  # Arabic vowel signs, and the hamza that NFD has split off
    (0x06D6, 0x06ED),
    (0x20D0, 0x20FF),  # the keycap around an emoji digit
    (0xFE00, 0xFE0F),
)
_DROPPED = frozenset("\u093c\u09bc\u0a3c\u0abc\u0981\u0640\u0670")  # nuktas, Bengali chandrabindu, tatweel
_FOLDED = str.maketrans(
    {
        "ı": "i", "ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ə": "e",
        "ي": "ی", "ى": "ی", "ے": "ی", "ې": "ی", "ۍ": "ی", "ێ": "ی",
        "ك": "ک", "ګ": "گ", "ة": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه", "ە": "ه",
        "ں": "ن", "ٱ": "ا", "ۆ": "و", "ڕ": "ر", "ڵ": "ل", "ړ": "ر",
        "ँ": "ं", "ઁ": "ં", "ਁ": "ਂ", "ੰ": "ਂ",
    }
)  # fmt: skip
_CYRILLIC_TWINS = str.maketrans("aceiopxyk", "асеіорхук")
_LETTER_RUN = re.compile(r"([^\W\d_])\1{2,}")
_FINAL_NASAL = re.compile(r"[ंਂં]+(?= |$)")
_CYRILLIC = re.compile("[Ѐ-ԯ]")
HAN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff])")
_ETHIOPIC = re.compile("[\u1200-\u135a]")
_SAID_ALIKE = str.maketrans("ሐኀሠዐፀ", "ሀሀሰአጸ")
_SHORTEST_BASE = 3
_SPACES = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return the plain form: small letters, no accents, ASCII digits, words parted by one space.

    Unicode compatibility forms, direction marks, joiners, Arabic letter variants, the Turkish i, native digits,
    keycaps, punctuation and emoji are folded or dropped; a letter written three times or more counts once.
    Doing it twice changes nothing.
    """
    plain = _fold(text)
    if text.isascii():  # folded at once
        return plain
    while (again := _fold(plain)) != plain:
        plain = again
    return plain


def as_written(text: str) -> str:
    """The text in small letters with its accents, one spelling for each: what the plain form gives up."""
    return unicodedata.normalize("NFC", text.casefold())


def clauses(text: str) -> list[list[str]]:
    """Split a reply where its punctuation does, each clause as a list of plain words; empty clauses are left out."""
    words = ([word for run in clause.split() for word in words_of(run)] for clause in _CLAUSE_END.split(text))
    return [clause for clause in words if clause]


def sentence_ends(text: str) -> list[int]:
    """For each clause of a reply the number of the clause with which the next sentence begins; none where all is one.

    A line of its own is a sentence; a full stop is the end of one before a space.
    """
    ends, end = [], 0
    for sentence in _SENTENCE_END.split(text) if _SENTENCE_END.search(text) else ():
        here = len(clauses(sentence))
        end += here
        ends += [end] * here
    return ends


@lru_cache(maxsize=20_000)
def words_of(run: str) -> tuple[str, ...]:
    """The plain words of what stands between two spaces."""
    return tuple(normalise(run).split())


def asks_a_question(text: str) -> bool:
    """Whether a question mark of any script stands in the text."""
    return _QUESTION.search(text) is not None


def clauses_asked(text: str) -> int:
    """How many clauses there are up to the last question mark."""
    *asked, _ = _QUESTION.split(text)
    return len(clauses("?".join(asked)))


def thumb(text: str) -> str | None:
    """Return `THUMBS_UP` or `THUMBS_DOWN` when the text is that emoji alone (skin tone and repeats allowed)."""
    if THUMBS_UP not in text and THUMBS_DOWN not in text:
        return None
    pictures = {char for char in text if unicodedata.category(char) == "So"}
    return pictures.pop() if pictures in ({THUMBS_UP}, {THUMBS_DOWN}) and not normalise(text) else None


def base_letters(word: str) -> str:
    """An Ethiopic word of three letters or more with the first form of each, whatever its vowel; any other as it is.

    Letters that are said alike in Amharic are one letter.
    """
    if len(word) < _SHORTEST_BASE or not _ETHIOPIC.search(word):
        return word
    return "".join(chr(ord(char) & ~7) if _ETHIOPIC.match(char) else char for char in word).translate(_SAID_ALIKE)


@lru_cache(maxsize=20_000)
def squeeze(word: str) -> str:
    """Return the word with every doubled letter written once ("yess" and "haan" become "yes" and "han")."""
    return word[:1] + "".join(after for before, after in pairwise(word) if before != after or after.isdigit())


def _fold(text: str) -> str:
    if text.isascii():
        return _LETTER_RUN.sub(r"\1", " ".join(text.lower().translate(_PLAIN_ASCII).split()))
    small = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(map(_plain_char, unicodedata.normalize("NFD", small)))
    joined = unicodedata.normalize("NFC", bare).translate(_FOLDED)
    spaced = _SPACES.sub(" ", HAN.sub(r" \1 ", joined)).strip()
    words = " ".join(map(_one_alphabet, spaced.split(" "))) if _CYRILLIC.search(spaced) else spaced
    return _FINAL_NASAL.sub("", _LETTER_RUN.sub(r"\1", words)).strip()


@lru_cache(maxsize=8192)
def _plain_char(char: str) -> str:
    """One character of decomposed text: itself, its ASCII digit, nothing, or the space that parts words."""
    if char.isascii() and char.isalnum():
        return char
    if char in _DROPPED or char in _APOSTROPHES or any(low <= ord(char) <= high for low, high in _DROPPED_MARKS):
        return ""
    category = unicodedata.category(char)
    if category[0] == "N":
        digit = unicodedata.digit(char, None)
        return " " if digit is None else str(digit)
    if category in ("Cf", "Lm"):
        return ""
    return char if category[0] in "LM" else " "


def _one_alphabet(word: str) -> str:
    """Latin letters that slipped into a Cyrillic word (a Ukrainian "i" typed as Latin) become their twins."""
    return word.translate(_CYRILLIC_TWINS) if _CYRILLIC.search(word) else word


_PLAIN_ASCII = {code: _plain_char(chr(code)) for code in range(128)}
