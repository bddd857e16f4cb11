"""Dates and times as people read them, in each language with wording.

A date has weekday, day, month in words and year, never digits alone: 03/04 is read in two ways. Where people call
the months by number, the word for month stands beside it. A day of the next weeks goes without its year. Names come
from Unicode CLDR but where people have others, patterns are our own, digits are Western everywhere. English follows
the NHS content style guide.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby

from babel import dates

from bot.texts.languages import LANGUAGES

_DATE_PATTERNS: Mapping[str, str] = {
    "en": "EEEE d MMMM y",
    "pl": "EEEE, d MMMM y",
    "ro": "EEEE, d MMMM y",
    "ur": "EEEE، d MMMM y",
    "pa-Guru": "EEEE, d MMMM y",
    "bn": "EEEE, d MMMM y",
    "ar": "EEEE، d MMMM y",
    "so": "EEEE, d MMMM y",
    "ru": "EEEE, d MMMM y 'года'",
    "uk": "EEEE, d MMMM y 'року'",
    "fa": "EEEE d MMMM y",
    "tr": "d MMMM y EEEE",
    "pt": "EEEE, d 'de' MMMM 'de' y",
    "hu": "y. MMMM d., EEEE",
    "sk": "EEEE d. MMMM y",
    "bg": "EEEE, d MMMM y 'г.'",
    "es": "EEEE, d 'de' MMMM 'de' y",
    "gu": "EEEE, d MMMM y",
    "ta": "EEEE, d MMMM y",
    "pa-Arab": "EEEE، d MMMM y",
    "ps": "EEEE، d MMMM y",
    "ti": "EEEE፡ d MMMM y",
    "ckb": "EEEE، d'ی مانگی' M'ی' y",
    "kmr": "EEEE, d'ê meha' M, y",
    "zh-Hans": "y年M月d日 EEEE",
}
# Persian writes the month in another form where no year follows it.
_DAY_PATTERNS: Mapping[str, str] = {
    "en": "EEEE d MMMM",
    "pl": "EEEE, d MMMM",
    "ro": "EEEE, d MMMM",
    "ur": "EEEE، d MMMM",
    "pa-Guru": "EEEE, d MMMM",
    "bn": "EEEE, d MMMM",
    "ar": "EEEE، d MMMM",
    "so": "EEEE, d MMMM",
    "ru": "EEEE, d MMMM",
    "uk": "EEEE, d MMMM",
    "fa": "EEEE d LLLL",
    "tr": "d MMMM EEEE",
    "pt": "EEEE, d 'de' MMMM",
    "hu": "MMMM d., EEEE",
    "sk": "EEEE d. MMMM",
    "bg": "EEEE, d MMMM",
    "es": "EEEE, d 'de' MMMM",
    "gu": "EEEE, d MMMM",
    "ta": "EEEE, d MMMM",
    "pa-Arab": "EEEE، d MMMM",
    "ps": "EEEE، d MMMM",
    "ti": "EEEE፡ d MMMM",
    "ckb": "EEEE، d'ی مانگی' M",
    "kmr": "EEEE, d'ê meha' M",
    "zh-Hans": "M月d日 EEEE",
}

# Monday first. CLDR has names for Pashto that few people say.
WEEKDAYS: Mapping[str, Sequence[str]] = {
    "ps": ("دوشنبه", "سه شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"),
}


def format_date(day: date, tag: str) -> str:
    """Return a day in words: "Thursday 3 December 2026" for "en".

    Raises ValueError for a language that has no pattern.
    """
    return _in_words(day, tag, _DATE_PATTERNS)


def format_day(day: date, tag: str) -> str:
    """Return a day of the next weeks in words, without its year: "Thursday 3 December" for "en".

    Raises ValueError for a language that has no pattern.
    """
    return _in_words(day, tag, _DAY_PATTERNS)


def _in_words(day: date, tag: str, patterns: Mapping[str, str]) -> str:
    pattern = patterns.get(tag)
    if pattern is None:
        raise ValueError(f"There is no date pattern for the language {tag}.")
    if tag in WEEKDAYS:
        pattern = pattern.replace("EEEE", WEEKDAYS[tag][day.weekday()])
    return dates.format_date(day, pattern, locale=LANGUAGES[tag].folder)


def format_time(clock: time, tag: str) -> str:
    """Return a time on the wall clock, to the minute.

    English: "9am", "10:30am", "midday", "midnight" (NHS content style guide). Elsewhere 24 hours: "9:30",
    "14:00".
    """
    if tag != "en":
        return f"{clock.hour}:{clock.minute:02}"
    if clock.minute == 0 and clock.hour in (0, 12):
        return "midday" if clock.hour else "midnight"
    hour = clock.hour % 12 or 12
    minutes = f":{clock.minute:02}" if clock.minute else ""
    return f"{hour}{minutes}{'am' if clock.hour < 12 else 'pm'}"


def format_times(times: Sequence[tuple[int, datetime]], tag: str) -> str:
    """Numbered moments, a line each; of several on one day the day is written once, above them.

    :param times: on the wall clock in London, in order.
    """
    days = groupby(times, key=lambda numbered: numbered[1].date())
    return "\n".join(line for day, of_day in days for line in _lines_of_day(day, list(of_day), tag))


_ARABIC_COMMA = frozenset(["ur", "ar", "fa", "pa-Arab", "ps", "ckb"])


def _lines_of_day(day: date, times: Sequence[tuple[int, datetime]], tag: str) -> list[str]:
    written = format_date(day, tag)
    clocks = [(number, format_time(moment.time(), tag)) for number, moment in times]
    if len(clocks) == 1:
        number, clock = clocks[0]
        comma = "\u060c" if tag in _ARABIC_COMMA else ","
        return [f"{number} = {written}{comma} {clock}"]
    return [f"{written}:", *(f"{number} = {clock}" for number, clock in clocks)]
