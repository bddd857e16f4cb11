"""The numbers a text offers for an answer, as the phone that got it reads them."""

import re
import unicodedata
from typing import NamedTuple

_OPTION = re.compile(r"(?:^|(?<=[\s,،]))(\d{1,2}) = ")
_LOOSE_ONE = re.compile(r"(?<![\w.,:/+-])[1١۱১੧](?![\w:/]|[.,]\d)")
_LOOSE_TWO = re.compile(r"(?<![\w.,:/+-])[2٢۲২੨](?![\w:/]|[.,]\d)")
OTHER_TIMES, PHONE_ME = "4", "5"


class Option(NamedTuple):
    """A number and what it stands for, in the words of the text."""

    number: str
    words: str


def options_of(body: str) -> list[Option]:
    """What the text offers as `1 = yes`, in its order; on lines of their own, or one after the other."""
    found = list(_OPTION.finditer(body))
    ends = [each.start() for each in found[1:]] + [len(body)]
    return [
        Option(_western(each.group(1)), _first_line(body[each.end() : end]))
        for each, end in zip(found, ends, strict=False)
    ]


def asks(body: str) -> bool:
    """Whether a text offers a choice of which `1` is one: a date alone is none."""
    options = options_of(body)
    if options:
        return any(option.number == "1" for option in options)
    return bool(_LOOSE_ONE.search(body) and _LOOSE_TWO.search(body))


def is_about_a_visit(body: str) -> bool:
    """Whether it asks about an appointment: such texts alone offer to be phoned by a number."""
    return any(option.number == PHONE_ME for option in options_of(body))


def _western(digits: str) -> str:
    return "".join(str(unicodedata.digit(digit)) for digit in digits)


def _first_line(words: str) -> str:
    return words.partition("\n")[0].partition(". ")[0].strip().rstrip(",،.")
