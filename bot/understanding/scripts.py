"""Which script a reply is written in, and which language the letters alone can settle."""

import unicodedata
from collections import Counter
from functools import lru_cache

_ISO_15924 = {
    "LATIN": "Latn",
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva",
    "GURMUKHI": "Guru",
    "BENGALI": "Beng",
    "GUJARATI": "Gujr",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "MALAYALAM": "Mlym",
    "SINHALA": "Sinh",
    "ETHIOPIC": "Ethi",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "ARMENIAN": "Armn",
    "GEORGIAN": "Geor",
    "THAI": "Thai",
    "HANGUL": "Hang",
    "HIRAGANA": "Hira",
    "KATAKANA": "Kana",
    "CJK": "Hani",
}
_ONE_LANGUAGE = {"Guru": "pa-Guru", "Beng": "bn", "Gujr": "gu", "Taml": "ta", "Grek": "el", "Hani": "zh-Hans"}
# In this order: Pashto and Kurdish have letters of their own; what Urdu adds, Persian lacks.
_ARABIC_LETTERS = (
    ("ps", frozenset("ټځڅډړږښڼېۍ")),
    ("ckb", frozenset("ەێۆڕڵڤ")),
    ("ur", frozenset("ٹڈڑںےہھ")),
)
_PERSIAN_LETTERS = frozenset("پچژگ")
_SAME_SPEECH = ({"pa-Guru", "pa-Arab"}, {"fa", "prs"})


def script_of(text: str) -> str | None:
    """Return the ISO 15924 code of the script most letters belong to, or None without letters."""
    counted = Counter(_script(char) for char in filter(str.isalpha, unicodedata.normalize("NFKC", text)))
    counted.pop(None, None)
    return counted.most_common(1)[0][0] if counted else None


def siblings(language: str) -> frozenset[str]:
    """The tags that write the same speech in another script or under another name, the given one among them."""
    return frozenset({language}.union(*(group for group in _SAME_SPEECH if language in group)))


def language_by_letters(text: str, script: str | None, recorded: str | None) -> str | None:
    """Return the tag that the letters alone settle, or None; `script` is what `script_of` says of the text.

    Urdu letters also write Panjabi, and Persian letters also write Dari and Urdu: there the recorded language decides,
    and without one nothing is claimed that the letters cannot show.
    """
    if script == "Arab":
        return _by_arabic_letters(frozenset(text), recorded)
    if script == "Ethi":
        return recorded if recorded in ("ti", "am") else None
    return _ONE_LANGUAGE.get(script or "")


def _by_arabic_letters(letters: frozenset[str], recorded: str | None) -> str | None:
    for language, own in _ARABIC_LETTERS:
        if letters & own:
            return recorded if language == "ur" and recorded == "pa-Arab" else language
    if letters & _PERSIAN_LETTERS and recorded in ("fa", "prs", "ur", "pa-Arab", "ps", "ckb"):
        return recorded
    return None


@lru_cache(maxsize=8192)
def _script(char: str) -> str | None:
    return _ISO_15924.get(unicodedata.name(char, "").split(" ")[0].split("-")[0])
