"""The line a phone or a mail program adds under what a person wrote: "Sent from my iPhone"."""

from bot.understanding.lexicon import lexicon, opening_of
from bot.understanding.normalise import asks_a_question, normalise
from bot.understanding.urgent import find_phrases
from bot.understanding.word_lists import Words

_LONGEST = 8
_DEVICES = (
    "iphone", "ipad", "android", "samsung", "galaxy", "huawei", "xiaomi", "redmi", "blackberry", "outlook", "yahoo",
    "gmail", "айфон", "ایفون", "ایفن",
)  # fmt: skip


def without_signature(text: str, languages: frozenset[str]) -> str:
    """The text without such lines at its end; the first line always stays.

    `languages` are those of the person, whose "but" in a line that names a phone says that it is no signature.
    """
    if "\n" not in text:
        return text
    lines = text.strip().splitlines()
    while len(lines) > 1 and _is_signature(lines[-1], languages):
        lines.pop()
    return "\n".join(lines)


def _is_signature(line: str, languages: frozenset[str]) -> bool:
    words = tuple(normalise(line).split())
    if not words or len(words) > _LONGEST:
        return not words
    signed = bool(opening_of(words, "signature")) or _names_a_device(line, words, languages)
    return signed and not find_phrases([list(words)])


def _names_a_device(line: str, words: Words, languages: frozenset[str]) -> bool:
    """Whether the line has the name of a phone and neither asks nor takes something back: "but my iPhone is broken"."""
    hedged = any(lexicon().marked((word,), "contrast", languages | {"en"}) for word in words)
    return any(word.startswith(_DEVICES) for word in words) and not hedged and not asks_a_question(line)
