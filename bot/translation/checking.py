"""What is looked at before a machine's translation may be shown or sent, and what a receptionist is told.

Each check is a small function: nothing wrong is an empty sentence. A check that cannot judge a language passes and
says so, unless nothing else can judge in its place.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import pycld2

from bot.texts.languages import LANGUAGES
from bot.texts.parts import count_parts
from bot.translation.chrf import chrf
from bot.translation.keywords import EMERGENCY_NUMBERS, TYPED, languages, lost
from bot.translation.negation import NEGATORS, denies
from bot.translation.numerals import Numeral, numerals_in, spelled_out, unmatched
from bot.translation.splitting import split_sentences
from bot.translation.values import is_written_alike, kind_of, spans_of_values, western
from bot.understanding.normalise import asks_a_question, normalise
from bot.understanding.scripts import script_of, siblings

COPY = 60
"""chrF of a translation with its source above which it is no translation."""
ROUND_TRIP = 50
"""chrF of a text with its translation turned back below which something else is said."""
SCORE = -0.6
"""Mean log-probability a token below which the model itself is guessing."""
DETECTED_FROM = 4
"""Words; fewer are never judged by the detector."""

_USUAL_LENGTH = (0.35, 2.2)
_LENGTHS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        **dict.fromkeys(("ur", "fa", "bn", "pa-Guru", "ru", "uk", "ro", "tr"), (0.5, 1.8)),
        "ar": (0.45, 1.6),
        "pl": (0.5, 1.9),
        **dict.fromkeys(("pt", "so"), (0.5, 2.2)),
        **dict.fromkeys(("zh-Hans", "zh-Hant"), (0.12, 0.9)),
        "ja": (0.2, 1.2),
    }
)
"""Characters of a translation for each of the source: what the drafts of this service need, and half as much again."""
_FEW = 8  # characters by which a short text may differ whatever the ratio

_MARKS_OF_THE_MACHINE = re.compile(r"\[\s*\d+\s*\]|\bX{1,2}\d+X{1,2}\b|<unk>|⁇|▁")
_SUBTITLES = re.compile(r"[♪♫\[\](){}<>#*|~^\\_]")
_BREAKS_OFF = re.compile(r"[:,،;؛(–-]\s*$")
_STUTTER = re.compile(r"([^\W\d_]{2,}?)\1{2,}|([^\W\d_])\2{3,}")
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")


@dataclass(frozen=True)
class Pair:
    """A text and what became of it.

    `back` is the translation turned back by machine, `score` the model's mean log-probability a token, `values` what
    has to stand in `text` unchanged, `parts_cap` the most SMS parts it may take; None where there is none.
    """

    source: str
    text: str
    source_language: str
    target_language: str
    back: str | None = None
    score: float | None = None
    values: tuple[str, ...] = ()
    parts_cap: int | None = None


@dataclass(frozen=True)
class CheckResult:
    """What one check found; `why` is a plain sentence for a receptionist.

    It is empty when all is well, and says what could not be judged where a check passes for want of words.
    """

    check: str
    ok: bool
    why: str = ""


@dataclass(frozen=True)
class _Unjudged:
    """A check that has no words for a language: why, and whether that is all the same a reason to stop."""

    why: str
    ok: bool = True


Check = Callable[[Pair], str | _Unjudged]


def check_translation(pair: Pair) -> tuple[CheckResult, ...]:
    """Every check's result, in the order they are told; `parts` only where there is a cap."""
    return tuple(_result(name, check(pair)) for name, check in CHECKS.items() if name != "parts" or pair.parts_cap)


def _result(name: str, found: str | _Unjudged) -> CheckResult:
    if isinstance(found, _Unjudged):
        return CheckResult(name, found.ok, found.why)
    return CheckResult(name, not found, found)


def slots(pair: Pair) -> str:
    """Every value taken out is back as it was, no token is left, and no name came in."""
    for mark in _MARKS_OF_THE_MACHINE.findall(pair.text):
        if mark not in pair.source:
            return f"“{mark}” is a mark of the machine and was left in the translation."
    got = _squeezed(pair.text)
    for value, times in Counter(filter(_is_for_slots, pair.values)).items():
        if got.count(_squeezed(value)) < times:
            return f"{_called(value)} is missing from the translation."
    return _new_name(pair)


def _is_for_slots(value: str) -> bool:
    """Bare numbers are for `numbers`; a date or a time in English words is none of what stands in a translation."""
    return any(map(str.isalpha, value)) and is_written_alike(value)


def _squeezed(text: str) -> str:
    """Without spaces and commas, which models put in and leave out."""
    return re.sub(r"[\s,،]", "", western(text).casefold())


def _new_name(pair: Pair) -> str:
    """Latin words in a script that is not Latin were in the source, or the model made them up."""
    if _script(pair.target_language) == "Latn":
        return ""
    known = normalise(" ".join((pair.source, *pair.values))).split()
    new = [word for word in re.findall(r"[A-Za-z]{2,}", pair.text) if normalise(word) not in known]
    return f"“{new[0]}” stands in the translation and not in the original." if new else ""


def numbers(pair: Pair) -> str:
    """The same numbers, times and phone numbers on both sides; a figure may stand for a number word."""
    missing, extra = unmatched(pair.source, pair.text)
    words = spelled_out(pair.source, pair.source_language)
    extra = [numeral for numeral in extra if not words[numeral.value]]
    if missing and extra:
        return (
            f"{_called(missing[0].written)} is missing from the translation: {extra[0].written} stands there instead."
        )
    if missing:
        return f"{_called(missing[0].written)} is missing from the translation."
    if extra:
        return f"{_called(extra[0].written)} stands in the translation and not in the original."
    return _out_of_order(pair)


def _out_of_order(pair: Pair) -> str:
    """Two times or two phone numbers that changed places; other numbers go where the language puts them."""
    for kind in ("time", "phone number"):
        before, after = (_of_kind(kind, text) for text in (pair.source, pair.text))
        if len(before) == len(after) and any(not one.says(other) for one, other in zip(before, after, strict=True)):
            return f"The {kind}s {before[0].written} and {before[1].written} have changed places in the translation."
    return ""


def _of_kind(kind: str, text: str) -> list[Numeral]:
    return [numeral for numeral in numerals_in(text) if kind_of(numeral.written) == kind]


def keyword(pair: Pair) -> str | _Unjudged:
    """What a person types, the emergency numbers, and the words that carry the meaning are there, and no others."""
    typed = Counter(TYPED.findall(pair.source)) - Counter(TYPED.findall(pair.text))
    if typed:
        return f"The word {next(iter(typed))} is missing from the translation: people have to type it as it is."
    for number in numerals_in(pair.source):
        if number.value in EMERGENCY_NUMBERS and not any(number.says(other) for other in numerals_in(pair.text)):
            return f"The emergency number {number.written} is missing from the translation."
    if asks_a_question(pair.source) and not asks_a_question(pair.text):
        return "The original asks a question, and the translation does not."
    unknown = [tag for tag in (pair.source_language, pair.target_language) if tag not in languages()]
    if unknown:
        return _unjudged(pair, "words such as only and before", unknown[0])
    return _meanings(pair)


def _meanings(pair: Pair) -> str:
    there = (pair.source_language, pair.target_language)
    if missing := lost(pair.source, pair.text, *there):
        return f"“{missing[0]}” is missing from the translation."
    if new := lost(pair.text, pair.source, *reversed(there)):
        return f"The translation speaks of “{new[0]}”, and the original does not."
    return ""


def _unjudged(pair: Pair, what: str, language: str) -> _Unjudged:
    """Text that goes out never passes in silence: there the translation back has to judge in its place."""
    why = f"This check has no words of {_name(language)}: {what} were not looked for."
    if pair.source_language == "en" and pair.back is None:
        return _Unjudged(f"{why} It was not translated back either.", ok=False)
    return _Unjudged(why)


def copy(pair: Pair) -> str:
    """The translation is not the source again, whole or in half of its words."""
    source, text = _without_values(pair.source), _without_values(pair.text)
    words = _words(source)
    kept = sum(word in set(_words(text)) for word in words)
    if len(words) > 3 and (chrf(text, source) > COPY or kept * 2 > len(words)):
        return "The translation is the original again, or half of it."
    if words and 1 < len(words) <= 3 and _words(text) == words:
        return "The translation is the original again."
    return ""


def script(pair: Pair) -> str:
    """The letters are those the language is written in."""
    wanted = _script(pair.target_language)
    letters = Counter(script_of(char) for char in _without(pair.text, pair.values) if char.isalpha())
    if wanted is None or not letters:
        return ""
    share = sum(letters[each] for each in _written_with(wanted)) / letters.total()
    if share >= (0.95 if wanted == "Latn" else 0.7):
        return ""
    return f"The translation is not written in the letters of {_name(pair.target_language)}."


def language(pair: Pair) -> str:
    """The detector does not take it, surely, for another language; it is asked from four words."""
    words = _without(pair.text, pair.values)
    if len(_words(words)) < DETECTED_FROM:
        return ""
    found = _detected(words)
    if found is None or found in _close_to(pair.target_language):
        return ""
    name = LANGUAGES[found].english if found in LANGUAGES else "another language"
    return f"The translation looks like {name}, not like {_name(pair.target_language)}."


def length(pair: Pair) -> str:
    """Nothing was cut off and nothing added: characters by ratio, and as many sentences."""
    low, high = _LENGTHS.get(pair.target_language, _USUAL_LENGTH)
    if pair.source_language in _LENGTHS and pair.target_language == "en":
        shortest, longest = _LENGTHS[pair.source_language]
        low, high = 1 / longest, 1 / shortest
    source, text = len(pair.source), len(pair.text)
    if text < low * source - _FEW:
        return "The translation is much shorter than the original: something was left out."
    if text > high * source + _FEW:
        return "The translation is much longer than the original: something was added."
    before, after = len(split_sentences(pair.source)), len(split_sentences(pair.text))
    return "" if before == after else f"The original has {_counted(before)}, the translation {_counted(after)}."


def _counted(sentences: int) -> str:
    return f"{sentences} sentence" if sentences == 1 else f"{sentences} sentences"


def repetition(pair: Pair) -> str:
    """No word three times running, no three words three times over, no stutter inside a word."""
    allowed = _stutters(pair.source)
    return "" if (found := _stutters(pair.text)) is None or allowed else f"“{found}” is said over and over."


def _stutters(text: str) -> str | None:
    words = _words(text)
    for at in range(len(words) - 2):
        if len(set(words[at : at + 3])) == 1:
            return words[at]
    runs = Counter(zip(words, words[1:], words[2:], strict=False))
    if runs and runs.most_common(1)[0][1] >= 3:
        return " ".join(runs.most_common(1)[0][0])
    found = _STUTTER.search(text)
    return found[0] if found else None


def junk(pair: Pair) -> str:
    """There are words, nothing of subtitles came in, and the last sentence has an end."""
    if any(map(str.isalpha, pair.source)) and not any(map(str.isalpha, pair.text)):
        return "There are no words in the translation."
    new = Counter(_SUBTITLES.findall(pair.text)) - Counter(_SUBTITLES.findall(pair.source))
    if new:
        return f"“{next(iter(new))}” stands in the translation and not in the original."
    if _BREAKS_OFF.search(pair.text) and not _BREAKS_OFF.search(pair.source):
        return "The translation breaks off."
    return ""


def negation(pair: Pair) -> str | _Unjudged:
    """A sentence that says no says no in the translation, and no other does."""
    unknown = [tag for tag in (pair.source_language, pair.target_language) if tag not in NEGATORS]
    if unknown:
        return _unjudged(pair, "words such as not", unknown[0])
    for source, text in _side_by_side(pair.source, pair.text):
        told = _denial(source, denies(source, pair.source_language), denies(text, pair.target_language))
        if told:
            return told
    return ""


def _denial(source: str, before: bool | None, after: bool | None) -> str:
    if before and after is False:
        return f"The “not” of “{source}” is missing from the translation."
    if before is False and after:
        return f"The translation of “{source}” says “not”, and the original does not."
    return ""


def _side_by_side(source: str, text: str) -> list[tuple[str, str]]:
    """Sentence with sentence, or the whole with the whole where there are not as many."""
    before, after = split_sentences(source), split_sentences(text)
    return list(zip(before, after, strict=True)) if len(before) == len(after) else [(source, text)]


def round_trip(pair: Pair) -> str | _Unjudged:
    """Turned back it says the same: alike in letters, and in numbers, denials and the words that matter."""
    if pair.back is None:
        return _Unjudged("It was not translated back.")
    back = Pair(pair.source, pair.back, pair.source_language, pair.source_language)
    if chrf(pair.back, pair.source) < ROUND_TRIP:
        return f"Translated back it says something else: “{pair.back}”."
    judged = (check(back) for check in (numbers, negation, keyword))
    wrong = next((why for why in judged if isinstance(why, str) and why), "")
    return f"Translated back it reads “{pair.back}”. {wrong}".replace("the translation", "it") if wrong else ""


def score(pair: Pair) -> str:
    """The model was not guessing."""
    return "The machine is not sure of this translation." if pair.score is not None and pair.score < SCORE else ""


def parts(pair: Pair) -> str:
    """It fits into as many SMS parts as it may take."""
    needed = count_parts(pair.text).parts
    return f"It takes {needed} parts, and may take {pair.parts_cap}." if needed > (pair.parts_cap or needed) else ""


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "slots": slots,
        "numbers": numbers,
        "keyword": keyword,
        "copy": copy,
        "script": script,
        "language": language,
        "length": length,
        "repetition": repetition,
        "junk": junk,
        "negation": negation,
        "round-trip": round_trip,
        "score": score,
        "parts": parts,
    }
)
"""Every check by its name, in the order they are told."""


def _called(value: str) -> str:
    return f"The {kind_of(value)} {value}"


def _name(tag: str) -> str:
    return LANGUAGES[tag].english if tag in LANGUAGES else tag


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _without(text: str, values: Iterable[str]) -> str:
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, " ")
    return text


def _without_values(text: str) -> str:
    pieces, at = [], 0
    for start, end in spans_of_values(text):
        pieces.append(text[at:start])
        at = end
    return " ".join([*pieces, text[at:]])


@cache
def _script(tag: str) -> str | None:
    return script_of(LANGUAGES[tag].native) if tag in LANGUAGES and tag != "ku" else None


def _written_with(code: str) -> Sequence[str]:
    return ("Hani", "Hira", "Kana") if code == "Hani" else (code,)


_CLOSE = (
    {"cs", "sk"}, {"hr", "sr", "bs", "sl"}, {"id", "ms"}, {"hi", "mr", "ne"}, {"zh-Hans", "zh-Hant"},
    {"ru", "bg", "mk", "be", "uk"}, {"pt", "es", "gl"}, {"ku", "ckb", "kmr"}, {"ur", "pa-Arab", "hnd", "phr"},
)  # fmt: skip
"""Languages the detector takes for each other in a line or two."""
_CODES = {"pa": "pa-Guru", "zh": "zh-Hans", "zh-Hant": "zh-Hant", "fil": "tl", "iw": "he"}


def _close_to(tag: str) -> frozenset[str]:
    return siblings(tag).union(*(group for group in _CLOSE if tag in group))


def _detected(words: str) -> str | None:
    """The tag of the language the detector is sure of."""
    try:
        sure, _, found = pycld2.detect(words)
    except (pycld2.error, ValueError):
        return None
    code = found[0][1]
    return _CODES.get(code, code) if sure and code != "un" else None
