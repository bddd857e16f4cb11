"""In which language something was written, as far as a machine may translate from it."""

from dataclasses import dataclass
from typing import Protocol

from bot.translation.judging import script_of_language
from bot.translation.requests import ENGLISH
from bot.understanding.scripts import script_of

LATIN = "Latn"
_BARE = 3
"""Characters up to which Latin letters are a bare answer such as "ok"."""


class Read(Protocol):
    """What is needed of how a reply was read."""

    @property
    def language(self) -> str | None:
        """The language it is in, as far as that is sure; by the rule `language-named`, the one that it names."""

    @property
    def romanised(self) -> bool:
        """Whether it is spelled in Latin letters that are not its language's own."""

    @property
    def urgent(self) -> str | None:
        """How pressing it is by its own words: red, amber, or not."""

    @property
    def rule(self) -> str:
        """The step that decided."""


@dataclass(frozen=True)
class Written:
    """`language`: the tag a machine would translate from, None where there is nothing to translate or nobody knows.

    One that is `romanised` is not to be translated, nor is English that is `mixed` with words in other letters.
    """

    language: str | None = None
    romanised: bool = False
    mixed: bool = False


def written_in(words: str, reading: Read | None, recorded: str | None) -> Written:
    """What can be said of the language of a text; English, numbers and emoji need no translation.

    :param recorded: the language recorded for the person, which counts where the text itself does not tell.
    """
    script = script_of(words)
    if script is None or (script == LATIN and len(words.strip()) <= _BARE):
        return Written()
    language = _language(script, reading, recorded)
    if language == ENGLISH:
        return Written(mixed=_in_two_scripts(words))
    romanised = script == LATIN and (
        (language is not None and script_of_language(language) != LATIN) or (language is None and _spelled(reading))
    )
    return Written(language or (recorded if romanised else None), romanised)


def _language(script: str, reading: Read | None, recorded: str | None) -> str | None:
    """What the text was read as, else what is recorded if it is written in those letters."""
    told = reading.language if reading and reading.rule != "language-named" else None
    return told or (recorded if recorded and script_of_language(recorded) == script else None)


def _in_two_scripts(words: str) -> bool:
    return len({script_of(char) for char in words if char.isalpha()} - {None}) > 1


def _spelled(reading: Read | None) -> bool:
    return reading is not None and reading.romanised
