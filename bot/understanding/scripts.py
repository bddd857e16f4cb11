"""Which script a reply is written in, and which language the letters alone can settle."""

import unicodedata
from collections import Counter
from functools import cache, lru_cache

from bot.texts.languages import LANGUAGES

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
    "MYANMAR": "Mymr",
}
_ONE_LANGUAGE = {
    "Guru": "pa-Guru", "Beng": "bn", "Gujr": "gu", "Taml": "ta", "Grek": "el", "Hani": "zh-Hans", "Telu": "te",
    "Mlym": "ml", "Sinh": "si", "Armn": "hy", "Geor": "ka", "Thai": "th", "Hang": "ko", "Hira": "ja", "Kana": "ja",
    "Mymr": "my",
}  # fmt: skip
_TRADITIONAL = frozenset("們這個來說對時會國學點開關車醫請預約嗎電話為無過還沒讓給誰錢後嚴緊師體廣東語")
# In this order: Pashto and Kurdish have letters of their own; what Urdu adds, Persian lacks.
_ARABIC_LETTERS = (
    ("ps", frozenset("ټځڅډړږښڼېۍ")),
    ("ckb", frozenset("ەێۆڕڵڤ")),
    ("ur", frozenset("ٹڈڑںےہھ")),
)
_PERSIAN_LETTERS = frozenset("پچژگ")
# Letters that one alone has, of the languages people speak here.
_CYRILLIC_LETTERS = (("be", frozenset("ў")), ("uk", frozenset("їєґ")), ("ru", frozenset("ыэё")))
_LATIN_LETTERS = (
    ("vi", frozenset("ơưạảấầẩẫậắằẳẵặẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")),
    ("pl", frozenset("łźżśćń")),
    ("cs", frozenset("ěřů")),
    ("sk", frozenset("ľĺŕ")),
    ("hu", frozenset("őű")),
    ("tr", frozenset("ğı")),
    ("lt", frozenset("ėįų")),
    ("lv", frozenset("āēīģķļņ")),
    ("ro", frozenset("ăț")),
    ("cy", frozenset("ŵŷ")),
    ("es", frozenset("ñ¿¡")),
    ("pt", frozenset("ãõ")),
)
_KURMANJI = (frozenset("êû"), frozenset("şx"))
"""It shares each of them with a neighbour, but nobody else has one of both."""
_SEVERAL_SCRIPTS = {"sr": {"Latn"}, "ku": {"Latn"}, "kmr": {"Arab"}, "ja": {"Hira", "Kana"}}
_SAME_SPEECH = ({"pa-Guru", "pa-Arab"}, {"fa", "prs"})


def is_han(word: str) -> bool:
    """Whether a word is a Chinese letter, or begins with one."""
    return "\u3400" <= word <= "\u9fff"


def script_of(text: str) -> str | None:
    """Return the ISO 15924 code of the script most letters belong to, or None without letters."""
    if text.isascii():
        return "Latn" if any(map(str.isalpha, text)) else None
    counted: Counter[str] = Counter()
    for char, times in Counter(unicodedata.normalize("NFKC", text)).items():
        script = _script(char) if char.isalpha() else None
        if script is not None:
            counted[script] += times
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
    if script == "Hani" and not _TRADITIONAL.isdisjoint(text):
        return "zh-Hant"
    return _ONE_LANGUAGE.get(script or "")


def language_by_own_letters(text: str, script: str | None) -> str | None:
    """Return the tag of the one language whose own Latin or Cyrillic letters stand in the text, or None.

    A name may bring such a letter into any language, so it says less than words do.
    """
    letters = frozenset(unicodedata.normalize("NFC", text).lower())
    table = {"Cyrl": _CYRILLIC_LETTERS, "Latn": _LATIN_LETTERS}.get(script or "", ())
    found = {language for language, own in table if letters & own}
    if script == "Latn" and all(letters & needed for needed in _KURMANJI):
        found.add("kmr")
    return found.pop() if len(found) == 1 else None


@cache
def scripts_written(language: str) -> frozenset[str | None]:
    """The scripts a language we know is written in, as `script_of` names them."""
    return frozenset({script_of(LANGUAGES[language].native), *_SEVERAL_SCRIPTS.get(language, ())})


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
