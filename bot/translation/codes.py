"""What Argos calls the languages: mostly by our tags, and a few by names of its own.

Dari stands with nothing: the model for Farsi is another country's written language, and nobody has decided that it
will do.
"""

from collections.abc import Mapping

from bot.texts.languages import LANGUAGES

_OF_ARGOS: Mapping[str, str] = {"zh-Hans": "zh", "zh-Hant": "zt", "pa-Guru": "pa"}
_TAGS = {code: tag for tag, code in _OF_ARGOS.items()}


def argos_code(tag: str) -> str:
    """What Argos calls a language."""
    return _OF_ARGOS.get(tag, tag)


def tag_of(code: str) -> str | None:
    """The language Argos means by a code, or None when it is none of ours."""
    tag = _TAGS.get(code, code)
    return tag if tag in LANGUAGES else None
