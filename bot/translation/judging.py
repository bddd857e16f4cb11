"""What is not given to a model, because it can only make nonsense of it; each with a sentence for whoever asked."""

from collections.abc import Mapping
from functools import cache

from bot.tables.translation import Failure
from bot.texts.languages import LANGUAGES
from bot.translation.requests import ENGLISH
from bot.understanding.reading import read_reply
from bot.understanding.scripts import language_by_letters, script_of

LONGEST_TEXT = 2000
"""Characters of a text; the longest SMS has 1,600."""

IN_WORDS: Mapping[Failure, str] = {
    Failure.NO_MODEL: "There is no translation model for these languages here.",
    Failure.TIMED_OUT: "The translation took too long and was given up.",
    Failure.TOO_LONG: f"The text has more than {LONGEST_TEXT:,} characters; translate it in parts.",
    Failure.NOTHING_TO_TRANSLATE: "There are no words to translate, only signs, digits or pictures.",
    Failure.SAME_LANGUAGE: "The text is in that language already.",
    Failure.ROMANISED: "The text is written in borrowed letters, which no model can read.",
    Failure.ENGINE_FAILED: "The translation model failed on this text.",
}
"""Why there is no translation, in a sentence."""


def reason_not_to(words: str, source: str, target: str) -> Failure | None:
    """Why words are not translated from one language to the other; None when they are."""
    if len(words) > LONGEST_TEXT:
        return Failure.TOO_LONG
    written = script_of(words)
    if not any(map(str.isalpha, words)):
        return Failure.NOTHING_TO_TRANSLATE
    if source == target:
        return Failure.SAME_LANGUAGE
    if written not in (None, script_of_language(source)):
        return _in_other_letters(words, written, source, target)
    return Failure.SAME_LANGUAGE if _is_in(words, written, source, target) else None


def _in_other_letters(words: str, written: str | None, source: str, target: str) -> Failure | None:
    """Letters of neither language are left to the model and to what is checked of its output."""
    if written != script_of_language(target):
        return Failure.ROMANISED if written == script_of_language(ENGLISH) else None
    if written != script_of_language(ENGLISH):
        return Failure.SAME_LANGUAGE
    reading = read_reply(words, source)
    return Failure.SAME_LANGUAGE if reading.language == target and not reading.romanised else Failure.ROMANISED


def _is_in(words: str, written: str | None, source: str, target: str) -> bool:
    """Both are written alike: then letters or everyday words show that it is the target, or nothing is claimed."""
    if written != script_of_language(target):
        return False
    if by_letters := language_by_letters(words, written, source):
        return by_letters == target
    return written == script_of_language(ENGLISH) and read_reply(words, source).language == target


def is_in_target_script(sentence: str, source: str, target: str) -> bool:
    """Whether a sentence among others is written in the letters of the target, and the source has others."""
    theirs = script_of_language(target)
    return theirs != script_of_language(source) and script_of(sentence) == theirs


@cache
def script_of_language(tag: str) -> str | None:
    """The ISO 15924 code of the script a language is written in, as its own name is."""
    return script_of(LANGUAGES[tag].native) if tag in LANGUAGES else None
