"""Languages, ways of meeting and sexes as people at work read them, in English. Pure."""

from collections.abc import Mapping

from bot.tables.interpreters import Mode
from bot.texts.languages import LANGUAGES

SEXES: Mapping[str, str] = {"F": "woman", "M": "man"}
_MODES = {Mode.IN_PERSON: "in person", Mode.TELEPHONE: "by phone", Mode.VIDEO: "by video"}


def language_in_words(tag: str | None, unrecorded: str = "Language not recorded") -> str:
    """A language by its English name; one we do not know by its tag."""
    if tag is None:
        return unrecorded
    return LANGUAGES[tag].english if tag in LANGUAGES else tag


def mode_in_words(mode: str) -> str:
    """How people meet: "in person", "by phone", "by video"."""
    return _MODES[Mode(mode)]
