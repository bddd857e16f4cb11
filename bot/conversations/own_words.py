"""What staff may write in their own words: every rule with the sentence that a refusal tells them. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.refusals import Refused
from bot.texts.languages import LANGUAGES
from bot.texts.parts import count_parts, plain
from bot.texts.words import link_in
from bot.translation.checking import Pair, language
from bot.translation.judging import LONGEST_TEXT, script_of_language
from bot.translation.medicines import dose_in, medicine_in
from bot.translation.requests import ENGLISH
from bot.understanding.scripts import script_of

MOST_PARTS = 6
_PHONE = "Phone the person instead."


@dataclass(frozen=True)
class Rule:
    """The code of a refusal, and what it says of some words for the reader of a language; None when it lets them."""

    code: str
    says: Callable[[str, str], str | None]


def read_own_words(written: str, reads: str) -> str:
    """What somebody wrote, in plain characters and without idle space.

    :param reads: the tag of the language its reader reads.
    :raises Refused: it is empty, too long, no English, or says what no text in own words may say.
    """
    words = "\n".join(" ".join(line.split()) for line in plain(written).strip().split("\n"))
    for rule in RULES:
        if told := rule.says(words, reads):
            raise Refused(rule.code, told)
    return words


def too_many_parts(body: str) -> str | None:
    """What to say of a text that takes more SMS parts than one in own words may; None when it fits."""
    parts = count_parts(body).parts
    return f"It takes {parts} SMS parts, and {MOST_PARTS} is the most. Write less." if parts > MOST_PARTS else None


def _empty(words: str, _reads: str) -> str | None:
    return None if words else "Write what you want to tell them."


def _too_long(words: str, _reads: str) -> str | None:
    if len(words) > LONGEST_TEXT:
        return f"It has {len(words):,} characters, and {LONGEST_TEXT:,} is the most. Write less."
    return too_many_parts(words)


def _no_letters(words: str, _reads: str) -> str | None:
    if any(map(str.isalpha, words)):
        return None
    return "There are no words in it, only signs, digits or pictures. Write what you want to tell them."


def _link(words: str, _reads: str) -> str | None:
    if found := link_in(words):
        at = f"“{found}” looks like part of a web or email address."
        return f"{at} Texts carry none, as people cannot tell ours from a trick. Say what to do in words, or phone."
    return None


def _dose(words: str, _reads: str) -> str | None:
    if found := dose_in(words):
        return f"“{found}” looks like an amount of a medicine. A mistake there could hurt somebody. {_PHONE}"
    return None


def _medicine(words: str, _reads: str) -> str | None:
    if found := medicine_in(words):
        return f"“{found}” is a medicine. A mistake about a medicine could hurt somebody. {_PHONE}"
    return None


def _in_english(words: str, reads: str) -> str | None:
    """Letters first, then what a detector is sure of."""
    scripts = {script for char in words if char.isalpha() and (script := script_of(char))}
    if len(scripts) > 1:
        return "It is written in two alphabets. Write all of it in English."
    if reads != ENGLISH and _is_in(reads, words, scripts):
        return f"It is in {LANGUAGES[reads].english} already. Write it in English, so that you know what is sent."
    if scripts - {script_of_language(ENGLISH)} or not _looks_like(ENGLISH, words):
        return "It does not look like English. Write it in English, in short sentences."
    return None


def _is_in(tag: str, words: str, scripts: set[str]) -> bool:
    if scripts != {script_of_language(ENGLISH)}:
        return scripts == {script_of_language(tag)}
    return scripts == {script_of_language(tag)} and not _looks_like(ENGLISH, words) and _looks_like(tag, words)


def _looks_like(tag: str, words: str) -> bool:
    """Whether the detector does not take it, surely, for another language; it is never asked about a word or two."""
    return not language(Pair(words, words, ENGLISH, tag))


RULES = (
    Rule("no-words", _empty),
    Rule("too-long", _too_long),
    Rule("no-letters", _no_letters),
    Rule("link", _link),
    Rule("dose", _dose),
    Rule("medicine", _medicine),
    Rule("not-english", _in_english),
)
"""In the order in which they are asked; the first that minds is told."""
