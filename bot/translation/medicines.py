"""Medicines and doses in what staff write: a machine must not translate them, so they are found and refused.

The names are data (locales/en/medicines.txt) and not complete; docs/hazards.md says what that means.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

_LISTS = Path(__file__).resolve().parents[2] / "locales" / "en"
LONG = 7
"""Letters from which on a name is also found with one of them wrong, missing or too many."""

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_NUMBER_WORDS = (
    "half|quarter|third|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|"
    "couple|few|several|single|double|an?|another"
)
_NUMBER = rf"(?:\d+(?:[.,/\u2044]\d+)*|[\u00bc-\u00be\u2150-\u215e]|\b(?:{_NUMBER_WORDS})\b)"
_AFTER_DIGITS = (
    r"(?:mg|mcg|[µμu]g|ng|ml|cl|iu|g|mg/ml|milli?gram(?:me)?s?|micro-?gram(?:me)?s?|nano-?gram(?:me)?s?|"
    r"gram(?:me)?s?|milli?lit(?:re|er)s?|units?|mmol)"
)
_COUNTED = (
    "tablets?|tabs?|capsules?|caps?|caplets?|pills?|puffs?|drops?|sprays?|patch(?:es)?|sachets?|spoon(?:ful)?s?|"
    "tea-?spoon(?:ful)?s?|table-?spoon(?:ful)?s?|tsps?|tbsps?|inhalations?|lozenges?|suppositor(?:y|ies)|"
    "pessar(?:y|ies)|ampoules?|vials?|doses?|dosages?|squirts?"
)
_BETWEEN = r"(?!(?:about|your|for|to|and|with|at|on|in|by|before|after|his|her|their|my|our|is|are|or|from|as)\b)"
_HOW_OFTEN = (
    r"$|[.,;!?\n]|(?:at|before|after|with|in|every|each|daily|nightly|hourly|once|twice|more|less|now|tonight|today|"
    r"tomorrow|when|as|if|a day|of (?:them|these|those|it)|times?)\b"
)
_DOSES = (
    re.compile(rf"{_NUMBER}[\s\u00d7x-]*{_AFTER_DIGITS}\b", re.IGNORECASE),
    re.compile(rf"{_NUMBER}(?:[\s-]+{_BETWEEN}[^\W\d]+){{0,3}}[\s\u00d7x-]*\b(?:{_COUNTED})\b", re.IGNORECASE),
    re.compile(rf"\b(?:take|taking|swallow|inhale|inject)\s+{_NUMBER}\s*(?={_HOW_OFTEN})", re.IGNORECASE),
)


def dose_in(words: str) -> str | None:
    """The first amount of a medicine in a text, as it is written: "500 mg", "two tablets"; None when there is none."""
    folded = _with_plain_digits(words)
    found = [match for pattern in _DOSES if (match := pattern.search(folded))]
    return min(found, key=lambda match: match.start())[0].strip() if found else None


def _with_plain_digits(words: str) -> str:
    """The same with the digits of every script written as ours."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in words)


def medicine_in(words: str) -> str | None:
    """The first name of the list in a text, as the list has it; None when there is none."""
    tokens = [_folded(match[0]) for match in _WORD.finditer(words)]
    exact = _names()[0]
    in_pieces = (exact[joined] for joined in _joined(tokens) if joined in exact)
    return next(filter(None, map(_known, tokens)), None) or next(in_pieces, None)


def _joined(tokens: Sequence[str]) -> Iterator[str]:
    """Each word with the one or two after it, as a name of several words is written."""
    for at in range(len(tokens)):
        yield from ("".join(tokens[at : at + length]) for length in (2, 3) if at + length <= len(tokens))


def _known(spelled: str) -> str | None:
    exact, nearly = _names()
    if spelled in exact:
        return exact[spelled]
    singular = spelled.removesuffix("s")
    if singular in exact and len(singular) >= LONG:
        return exact[singular]
    if len(spelled) < LONG - 1 or spelled in _lines_of("no-medicines.txt"):
        return None
    candidates = (nearly[one] for one in (spelled, *_without_one(spelled)) if one in nearly)
    return next((name for name in candidates if _is_one_slip(spelled, _folded(name))), None)


def _is_one_slip(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too many, or changed places with its neighbour."""
    start = next((at for at, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), None)
    if start is None:
        return abs(len(one) - len(other)) == 1
    ends = ((1, 1), (0, 1), (1, 0))
    swapped = one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
    return swapped or any(one[start + left :] == other[start + right :] for left, right in ends)


@cache
def _lines_of(name: str) -> frozenset[str]:
    """The lines of a list that are no remark."""
    lines = (_LISTS / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _names() -> tuple[dict[str, str], dict[str, str]]:
    """Every name by how it is written without gaps; and every long one also by what is left without one letter."""
    names = {_folded(name): name for name in _lines_of("medicines.txt")}
    long = {spelled: name for spelled, name in names.items() if len(spelled) >= LONG and " " not in name}
    nearly = {shorter: name for spelled, name in long.items() for shorter in _without_one(spelled)}
    return names, nearly | long


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _folded(word: str) -> str:
    """Small letters without accents, gaps and hyphens."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in letters if char.isalnum())
