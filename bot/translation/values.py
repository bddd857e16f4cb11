"""Values in running text: what has to arrive as it was written, and how a reader of another language reads it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import time
from functools import cache, lru_cache
from itertools import chain

from babel import Locale, UnknownLocaleError

from bot.texts.dates_in_words import format_time
from bot.texts.languages import LANGUAGES
from bot.texts.wording import spell_phone

Span = tuple[int, int]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)}|(?:mon|tues?|wed|thu(?:rs)?|fri|sat|sun)(?=,? \d))"
_MONTH = rf"(?:{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY_AND_MONTH = rf"(?:the )?{_DAY}(?: of)? {_MONTH}\b"
_DATE_IN_WORDS = re.compile(
    rf"\b(?:(?P<weekday>{_WEEKDAY})\b(?:,? (?={_DAY_AND_MONTH}))?)?"
    rf"(?:(?:the )?(?P<day>{_DAY})(?: of)? (?P<month>{_MONTH})\b(?:,? (?P<year>20\d\d)\b)?)?",
    re.I,
)
_TIME = re.compile(r"(?<![\d:.])(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])(?:m\b|\.m\.)", re.I)
_CLOCK = re.compile(r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])")
_PHONE = re.compile(r"(?<![\w+])(?:\+|00)?\(?\d(?:[ ()\-]{0,2}\d){8,13}(?!\w)")
_QUOTED = re.compile(r"\"[^\"\n]+\"|“[^”\n]+”|«[^»\n]+»|„[^”“\n]+[”“]|‘[^’\n]+’(?!\w)")
_UNIT = r"(?:mg|mcg|µg|μg|ug|ml|kg|g|iu|units?|mmol/?l?|mmhg|cm|mm|km|%)"
_CAPITALS = re.compile(r"\b[A-Z][A-Z&]*[A-Z]s?\b")
_ALWAYS_KEPT = re.compile(r"\b(?:STOP|START|HELP|YES|NO|NHS|GPs?|A&E|UK|MRI|CT|ECG|HIV|HPV|BP|BMI|PALS)\b")
_PLACE = re.compile(
    r"\b(?:(?:[A-Z][\w’'.-]+|of|the|and|St\.?) ){1,4}"
    r"(?:Street|St|Road|Rd|Avenue|Lane|Close|Way|Square|Terrace|Drive|Surgery|Practice|Clinic|Hospital|Infirmary|"
    r"Pharmacy|Centre|Center|Hub|Hall|Library|School|Church|House|Ward|Unit|Park|Station|Bridge|Wing)\b"
)
_TITLED = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Mx|Miss|Prof|Nurse|Sister)\.? [A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0,2}")
_CAPITALISED = re.compile(r"(?<=[^\W\d_] |[^\W\d_],)(?: ?)[A-Z][a-z’'-]+(?: [A-Z][a-z’'-]+)*\b")
_NO_NAMES = (
    "i i’m i’ve i’ll i’d please christmas easter eid ramadan diwali patient patients sir madam all team parent parents "
    "carer doctor nurse surgery practice clinic hospital pharmacy reception"
)
_FINDERS = (
    re.compile(r"\bhttps?://[^\s<>\"]+[\w/]|\bwww\.[^\s<>\"]+[\w/]", re.I),
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    re.compile(r"\b(?:[a-z0-9-]+\.)+(?:uk|com|org|net|nhs|gov|info)\b(?:/[^\s<>\"]*[\w/])?", re.I),
    _PHONE,
    re.compile(r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b"),
    re.compile(r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b"),
    _TIME,
    _CLOCK,
    re.compile(rf"\b\d+(?:[.,/]\d+)?\s?{_UNIT}(?!\w)|(?<!\w)[x×]\s?\d+\b|\b\d+\s?[x×](?!\w)", re.I),
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"),
    re.compile(r"\w*\d(?:[.,:/\u2010-\u2015-]?\w)*"),
    re.compile(r"[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+"),
    _TITLED,
    _PLACE,
    _QUOTED,
)


def spans_of_values(
    words: str, kept: Sequence[str] = (), first: Iterable[re.Pattern[str]] = (), *, nouns_are_names: bool = True
) -> list[Span]:
    """Where the values of a text stand, in order, none inside another.

    `kept` are names and places; `first` are patterns whose finds come before all others. Of two that overlap the
    wider one is taken, else the one named earlier. With `nouns_are_names` a capital inside a sentence marks a name,
    as everywhere but in German.
    """
    names = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(kept, key=len, reverse=True)))
    found: list[Span] = []
    patterns = (*first, *_FINDERS, *((names,) if kept else ()))
    spans = chain.from_iterable(map(_whole, pattern.finditer(words)) for pattern in patterns)
    by_capital = _names(words) if nouns_are_names else ()
    for span in chain(spans, _dates(words), _capitals(words), by_capital):
        found = _with(found, span)
    return sorted(found)


def _whole(found: re.Match[str]) -> Span:
    return found.span()


def _with(found: list[Span], span: Span) -> list[Span]:
    """The span too, in place of those it covers, unless one of them reaches beyond it."""
    met = [other for other in found if other[0] < span[1] and span[0] < other[1]]
    if any(other[0] < span[0] or other[1] > span[1] for other in met):
        return found
    return [*(other for other in found if other not in met), span] if span[0] < span[1] else found


def _dates(words: str) -> Iterator[Span]:
    return (found.span() for found in _DATE_IN_WORDS.finditer(words) if found[0])


def _capitals(words: str) -> Iterator[Span]:
    """Words all in capitals; where everything is, only those that are kept in any case."""
    shouted = sum(map(str.isupper, words)) > sum(map(str.islower, words))
    return (found.span() for found in (_ALWAYS_KEPT if shouted else _CAPITALS).finditer(words))


def _names(words: str) -> Iterator[Span]:
    """Words with a capital inside a sentence, which are names unless they are a language or an ordinary word."""
    for found in _CAPITALISED.finditer(words):
        name = found[0].strip()
        if name.casefold() not in _no_names():
            yield found.end() - len(name), found.end()


@cache
def _no_names() -> frozenset[str]:
    languages = {word for language in LANGUAGES.values() for word in language.english.casefold().split()}
    return frozenset({*languages, *_WEEKDAYS, *_MONTHS, *_NO_NAMES.replace("’", "'").split(), *_NO_NAMES.split()})


def render(value: str, target: str | None) -> str:
    """Write a value as readers of `target` read it; None leaves it as it is.

    A date in English words takes the names of that language, a time 24 hours (in English am and pm), a phone number
    in right-to-left text has no spaces, and native digits become Western in English. All else stays.
    """
    if target is None:
        return value
    if target == "en":
        return western(value)
    if (clock := _TIME.fullmatch(value)) and (read := _time_of(clock)):
        return format_time(read, target)
    if _PHONE.fullmatch(value) and target in LANGUAGES:
        return spell_phone(value, LANGUAGES[target].right_to_left)
    written = _DATE_IN_WORDS.fullmatch(value)
    return (_date_in(written, target) if written else None) or value


def western(text: str) -> str:
    """The text with the digits of every script written 0 to 9."""
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)


def _time_of(clock: re.Match[str]) -> time | None:
    hour, minute = int(clock["hour"]), int(clock["minute"] or 0)
    if not 1 <= hour <= 12:
        return None
    return time(hour % 12 + (12 if clock["half"].lower() == "p" else 0), minute)


def _date_in(written: re.Match[str], target: str) -> str | None:
    locale = _locale(target)
    if locale is None:
        return None
    weekday, day, month, year = written.group("weekday", "day", "month", "year")
    comma = "، " if LANGUAGES[target].right_to_left else ", "
    pieces = [locale.days["format"]["wide"][_place(weekday, _WEEKDAYS)]] if weekday else []
    if day:
        of = locale.months["format"]["wide"][_place(month, _MONTHS) + 1]
        pieces.append(" ".join([re.sub(r"\D", "", day), of, *([year] if year else [])]))
    return comma.join(pieces)


def _place(word: str, names: Sequence[str]) -> int:
    return next(place for place, name in enumerate(names) if name.startswith(word.lower()[:3]))


@lru_cache
def _locale(target: str) -> Locale | None:
    try:
        return Locale.parse(LANGUAGES[target].folder)
    except (UnknownLocaleError, KeyError, ValueError):
        return None


def kind_of(value: str) -> str:
    """What a receptionist calls it: phone number, time, date, link, e-mail address, number or word."""
    kinds = {"phone number": _PHONE, "time": _TIME, "link": _FINDERS[0], "e-mail address": _FINDERS[1]}
    found = next((kind for kind, pattern in kinds.items() if pattern.fullmatch(value)), None)
    if found or _CLOCK.fullmatch(value):
        return found or "time"
    if _DATE_IN_WORDS.fullmatch(value):
        return "date"
    return "number" if value[:1].isdigit() else "word"


def is_written_alike(value: str) -> bool:
    """Whether every language writes it as it is: a date in words and a time are not, and a model may have them."""
    return not (_DATE_IN_WORDS.fullmatch(value) or _TIME.fullmatch(value))
