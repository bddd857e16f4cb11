"""What a machine sees wrong with a wording, before people are asked to read it."""

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.texts.catalogue import Text, catalogue
from bot.texts.check import ALL_LANGUAGES, Problem, check_body
from bot.texts.languages import WORDED
from bot.texts.wording import wording_for

LONGEST = 2000
"""Characters of a wording; no cap in parts lets through as many."""
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;|%\(\w+\)|%[sdif]\b|\\[nrt]|\$\{")
_BY_CALENDAR = ("date", "day", "time", "times")


@lru_cache(maxsize=4096)
def faults_of(key: str, tag: str, body: str) -> tuple[Problem, ...]:
    """The faults of a body as the wording of a text in a language that has texts."""
    return tuple(_faults(catalogue()[key], tag, body))


def _faults(text: Text, tag: str, body: str) -> Iterator[Problem]:
    if len(body) > LONGEST:
        yield Problem(text.key, tag, "too-long", f"It has {len(body):,} characters; {LONGEST:,} is the most.")
        return
    if tag not in WORDED and any(slot.type in _BY_CALENDAR for slot in text.slots.values()):
        message = "It needs a date or a time, and those cannot be written in this language yet. It goes in English."
        yield Problem(text.key, tag, "no-dates", message)
        return
    yield from check_body(text, tag, body)
    yield from _stray_markup(text, tag, body)
    yield from _of_another_language(text, tag, body)


def _stray_markup(text: Text, tag: str, body: str) -> Iterator[Problem]:
    stray = sorted(set(_MARKUP.findall(body)) - set(_MARKUP.findall(text.source)))
    if stray:
        message = f"Take out {' '.join(stray)}: a text message shows it as it stands here."
        yield Problem(text.key, tag, "stray-markup", message)


def _of_another_language(text: Text, tag: str, body: str) -> Iterator[Problem]:
    """Pasted into the wrong place, letter for letter."""
    if not any(char.isalpha() for char in body):
        return
    for other in ALL_LANGUAGES:
        shipped = wording_for(text.key, other) if other not in (tag, "en") and tag != "en" else None
        if shipped and shipped.body == body and not _shipped_alike(text, tag, body):
            yield Problem(text.key, tag, "wrong-language", f"It is letter for letter the wording in {other}.")
            return


def _shipped_alike(text: Text, tag: str, body: str) -> bool:
    own = wording_for(text.key, tag)
    return own is not None and own.body == body
