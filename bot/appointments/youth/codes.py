"""Codes of posters, and the few things a phone answers about them: as people type them. Pure."""

import re
import secrets
import unicodedata
from typing import NamedTuple

from bot.patients.person_codes import SIGNS
from bot.understanding.normalise import normalise
from bot.understanding.questions import QuestionKind
from bot.understanding.reading import read_reply

BEGINS = "YP"
_LENGTH = 4
MOST_TIMES = 9
"""Times of a poster: one figure chooses each."""
_LIKE = str.maketrans("IL", "11")
_BETWEEN = r"[\W_]*"
_SIGN = "[A-Z0-9]"
_WRITTEN = re.compile(rf"{_BETWEEN}Y{_BETWEEN}P{_BETWEEN}((?:{_SIGN}{_BETWEEN}){{{_LENGTH}}})(.*)", re.DOTALL)
_FIGURES = re.compile(r"\d+")
_CHOICE = QuestionKind("poster-time", yes_no=False, choices=None)
_DAY_AND_MONTH = 4  # figures
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORTEST = 3  # letters of a month's name


class Written(NamedTuple):
    """A poster's code as somebody wrote it, and the number of a time beside it, if there is one."""

    code: str
    number: int | None


class Birthday(NamedTuple):
    """A day and a month, possible or not."""

    day: int
    month: int


IMPOSSIBLE = Birthday(0, 0)


def new_poster_code() -> str:
    """A code by chance: `YP-` and four signs."""
    return f"{BEGINS}-{''.join(secrets.choice(SIGNS) for _ in range(_LENGTH))}"


def read_poster_code(text: str) -> Written | None:
    """What a text that begins with a code says; None for every other.

    Case, spaces and dashes do not matter, I and L are a 1, figures may be of any script.
    """
    found = _WRITTEN.fullmatch(_plain(text).upper())
    if found is None:
        return None
    signs = re.sub(r"[\W_]", "", found[1]).translate(_LIKE)
    return Written(f"{BEGINS}-{signs}", _number_in(found[2])) if set(signs) <= set(SIGNS) else None


def _number_in(words: str) -> int | None:
    """The one number that is said, in figures or as a word."""
    figures = _FIGURES.findall(words)
    if len(figures) == 1:
        return int(figures[0]) if len(figures[0]) <= len(str(MOST_TIMES)) else None
    return None if figures or not words.strip() else read_reply(words, question=_CHOICE).choice


def _plain(text: str) -> str:
    """With one form for each sign, and the figures that phones of other scripts type as ours."""
    return "".join(_as_ours(sign) for sign in unicodedata.normalize("NFKC", text))


def _as_ours(sign: str) -> str:
    figure = unicodedata.digit(sign, None)
    return sign if figure is None else str(figure)


def read_birthday(text: str) -> Birthday | None:
    """The day and the month that a text says, the day first, impossible ones too; None where it says none.

    `0506`, `05.06`, `5/6`, `5 June`; a year after them is not looked at.
    """
    words = normalise(_plain(text)).split()
    figures = _FIGURES.findall(" ".join(words))
    month = next((number for number, name in enumerate(_MONTHS, 1) if any(_names(word, name) for word in words)), None)
    if month is not None and figures and len(figures[0]) < _DAY_AND_MONTH - 1:
        return Birthday(int(figures[0]), month)
    if len(figures) > 1 and all(len(each) < _DAY_AND_MONTH - 1 for each in figures[:2]):
        joined = "".join(figures)
        single = len(joined) == _DAY_AND_MONTH == len(figures)
        return _of_figures(joined) if single else Birthday(int(figures[0]), int(figures[1]))
    return _of_figures(figures[0]) if figures and len(figures[0]) in (4, 6, 8) else None


def _names(word: str, month: str) -> bool:
    return len(word) >= _SHORTEST and month.startswith(word)


def _of_figures(figures: str) -> Birthday:
    return Birthday(int(figures[:2]), int(figures[2:_DAY_AND_MONTH]))
