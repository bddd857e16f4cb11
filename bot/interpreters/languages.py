"""Whether somebody who is registered for some languages can interpret for a person who needs one. Pure.

Tags are BCP 47. What is spoken decides: one language in two scripts is one language to an interpreter.
"""

from collections.abc import Collection
from enum import IntEnum


class Fit(IntEnum):
    """How well an interpreter's languages serve a need; the better, the smaller."""

    EXACT = 0
    ALIKE = 1
    NO = 2


_ALIKE = (frozenset({"prs", "fa"}),)
"""Different tags, understood by both sides. Dari and Persian are; the Kurdish languages (`ckb`, `kmr`) are not, and
Sylheti, Pahari and Hindko are only for who lists them."""
_SAY_NOTHING = frozenset({"zh"})
"""Languages of which a script says nothing: one who reads Chinese may speak Mandarin, Cantonese or neither."""


def speaks(needed: str, offered: Collection[str]) -> Fit:
    """How well these languages serve somebody who needs that one."""
    if needed in offered:
        return Fit.EXACT
    return Fit.ALIKE if any(_alike(needed, tag) for tag in offered) else Fit.NO


def _alike(one: str, other: str) -> bool:
    language, another = one.partition("-")[0], other.partition("-")[0]
    if language == another:
        return language not in _SAY_NOTHING
    return frozenset({language, another}) in _ALIKE


def subtags_that_may_do(needed: str) -> frozenset[str]:
    """The first parts of all tags that could serve: what a search begins with before `speaks` decides."""
    language = needed.partition("-")[0]
    return frozenset({language}).union(*(pair for pair in _ALIKE if language in pair))
