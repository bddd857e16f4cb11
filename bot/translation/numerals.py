"""The numbers of a text, brought to one form, so that two texts in different scripts can be compared."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.translation.values import western
from bot.understanding.normalise import normalise

_NUMBER = re.compile(
    r"""
      (?<![\w+])(?P<phone>(?:\+|00)?\(?\d(?:[ ()\-]{0,2}\d){8,14})(?!\d)
    | (?<![\d:.])(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b
    | (?<![\d:.])(?P<clock>[01]?\d|2[0-4]):(?P<past>[0-5]\d)(?![\d:])
    | (?P<thousands>\d{1,3}(?:[,\u066c]\d{3})+)(?!\d)
    | (?P<decimal>\d+[.,\u066b]\d{1,2})(?![\d.,])
    | (?P<plain>\d+)
    """,
    re.X | re.I,
)
_ENGLISH_WORDS = (
    "1 one once, 2 two twice, 3 three, 4 four, 5 five, 6 six, 7 seven, 8 eight, 9 nine, 10 ten, 11 eleven, 12 twelve, "
    "14 fourteen fortnight, 15 fifteen, 20 twenty, 30 thirty half, 40 forty, 50 fifty, "
    "60 sixty, 100 hundred"
)
_URDU_WORDS = (
    "1 ایک, 2 دو, 3 تین, 4 چار, 5 پانچ, 6 چھ, 7 سات, 8 آٹھ, 9 نو, 10 دس, 11 گیارہ, 12 بارہ, 14 چودہ, 15 پندرہ, "
    "20 بیس, 24 چوبیس, 30 تیس, 40 چالیس, 48 اڑتالیس, 50 پچاس, 60 ساٹھ, 100 سو"
)


def _by_word(table: str) -> dict[str, str]:
    rows = (row.split() for row in table.split(","))
    return {normalise(word): row[0] for row in rows for word in row[1:]}


NUMBER_WORDS: Mapping[str, Mapping[str, str]] = {"en": _by_word(_ENGLISH_WORDS), "ur": _by_word(_URDU_WORDS)}
"""Number words by language, each with its figure: a translation may write the figure where the source has the word."""


@dataclass(frozen=True)
class Numeral:
    """A number as it counts: `value` in plain digits, a time as hours of 12 and minutes.

    `after_noon` is known of a time with am or pm and of hours that only a clock of 24 has, else None.
    `written` is how it stood.
    """

    value: str
    written: str
    after_noon: bool | None = None

    def says(self, other: "Numeral") -> bool:
        """Whether both mean the same; a time without am or pm may be either."""
        halves = {self.after_noon, other.after_noon}
        return self.value == other.value and (len(halves) == 1 or None in halves)


def numerals_in(text: str) -> list[Numeral]:
    """The numbers of a text in order: digits of any script, times, thousand marks and phone numbers in one form."""
    return [_numeral(found) for found in _NUMBER.finditer(western(text))]


def _numeral(found: re.Match[str]) -> Numeral:
    written = found[0].strip()
    if found["half"]:
        return _time(written, int(found["hour"]), found["minute"], found["half"].lower() == "p")
    if found["clock"]:
        hour = int(found["clock"])
        return _time(written, hour, found["past"], hour > 12 if hour > 12 or hour == 0 else None)
    if found["phone"]:
        return Numeral(_national(re.sub(r"[^\d+]", "", written)), written)
    if (point := re.fullmatch(r"(\d{1,2})[.,]([0-5]\d)", written)) and int(point[1]) < 24:
        return _time(written, int(point[1]), point[2], None)  # 10.30 may be a time; an amount comes out the same
    if found["decimal"]:
        return Numeral(re.sub(r"[,\u066b]", ".", written), written)
    digits = re.sub(r"\D", "", written)
    return Numeral(digits if len(digits) > 4 else str(int(digits)), written)


def _time(written: str, hour: int, minute: str | None, after_noon: bool | None) -> Numeral:
    minutes = int(minute or 0)
    return Numeral(f"{hour % 12 or 12}:{minutes:02}" if minutes else str(hour % 12 or 12), written, after_noon)


def _national(digits: str) -> str:
    return re.sub(r"^(?:\+|00)44", "0", digits)


def unmatched(source: str, text: str) -> tuple[list[Numeral], list[Numeral]]:
    """The numbers of the source that the text lacks, and those of the text that the source lacks."""
    missing, extra = [], numerals_in(text)
    for wanted in numerals_in(source):
        same = next((other for other in extra if wanted.says(other)), None)
        if same is None:
            missing.append(wanted)
        else:
            extra.remove(same)
    return missing, extra


def spelled_out(text: str, language: str) -> Counter[str]:
    """How often each number stands in a text as a word, where the words of that language are known."""
    known = NUMBER_WORDS.get(language, {})
    return Counter(known[word] for word in normalise(text).split() if word in known)
