"""The wording of a text in a language, and the filling of its slots.

English is the source in the catalogue; other languages come from compiled gettext catalogues. Values are
filled in last, once, so that nothing which changes words touches a number, a date, a phone number or a name.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from bot.texts.catalogue import SLOT, Slot, Text, Value, catalogue, value_fault
from bot.texts.dates_in_words import format_date, format_day, format_time, format_times
from bot.texts.languages import LANGUAGES, LIFELINES_ONLY, WORDED
from bot.texts.parts import plain

LOCALES_DIR = Path(__file__).resolve().parents[2] / "locales"
DOMAIN = "texts"
_LENGTH_IN_THE_UK = 11


class WordingError(Exception):
    """The wording of a language cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Wording:
    """What a text says in a language, slots still open; `digest` changes when source or wording does."""

    text_key: str
    language: str
    body: str
    digest: str


class _NoWording(NullTranslations):
    """What gettext asks when it has no entry: it then says so instead of handing the English back."""

    def pgettext(self, context: str, message: str) -> str:
        return ""


@cache
def _translations(path: Path) -> GNUTranslations:
    with path.open("rb") as file:
        translations = GNUTranslations(file)
    translations.add_fallback(_NoWording())
    return translations


def wording_digest(source: str, body: str) -> str:
    """Return the SHA-256, in hexadecimal, of the English source, a zero byte and the wording."""
    return hashlib.sha256(f"{source}\0{body}".encode()).hexdigest()


def body_digest(body: str) -> str:
    """Return the SHA-256, in hexadecimal, of a text exactly as it is sent."""
    return hashlib.sha256(body.encode()).hexdigest()


def compiled_path(tag: str, locales_dir: Path = LOCALES_DIR) -> Path:
    """Return where the compiled wording of a known language lies."""
    return locales_dir / LANGUAGES[tag].folder / "LC_MESSAGES" / f"{DOMAIN}.mo"


def _body(text: Text, tag: str, locales_dir: Path) -> str:
    if tag == "en":
        return text.source
    if tag not in LANGUAGES:
        return ""
    try:
        return _translations(compiled_path(tag, locales_dir)).pgettext(text.key, text.source)
    except FileNotFoundError as error:
        if tag not in WORDED + LIFELINES_ONLY:
            return ""
        raise WordingError(f"The wording for {LANGUAGES[tag].english} is not compiled: run make install.") from error


def read_wording(text: Text, tag: str, locales_dir: Path = LOCALES_DIR) -> Wording | None:
    """Return the wording of a text in a language, or None when there is none for its present source.

    Raises WordingError when a language that has wording was not compiled.
    """
    body = _body(text, tag, locales_dir)
    return Wording(text.key, tag, body, wording_digest(text.source, body)) if body else None


@cache
def wording_for(key: str, tag: str) -> Wording | None:
    """Return the wording of a text of this service, or None when that language has none; read once a process.

    Raises KeyError for a text that is not in the catalogue, and WordingError as `read_wording` does.
    """
    return read_wording(catalogue()[key], tag)


def example_values(text: Text) -> dict[str, Value]:
    """Return the example of each slot, ready for `fill`."""
    return {slot.name: slot.example for slot in text.slots.values()}


def _spell(slot: Slot, value: Value, language: str) -> str:
    fault = value_fault(slot, value)
    if fault:
        raise ValueError(f"The value does not fit: {fault}.")
    if isinstance(value, date):
        return format_day(value, language) if slot.type == "day" else format_date(value, language)
    if isinstance(value, time):
        return format_time(value, language)
    if isinstance(value, tuple):
        return format_times(value, language)
    if slot.type == "choices":
        return "\n".join(line.strip() for line in str(value).strip().splitlines())
    if slot.type == "phone":
        return spell_phone(str(value), LANGUAGES[language].right_to_left)
    return " ".join(str(value).split())


def spell_phone(number: str, right_to_left: bool) -> str:
    """Write a phone number as people in the UK dial it: 01632 960300, not +441632960300.

    In right-to-left text without the space: two groups of digits would change places, and a plus its end.
    """
    digits = re.sub(r"[^\d+]", "", number)
    national = "0" + digits[3:] if digits.startswith("+44") else digits
    if right_to_left or len(national) != _LENGTH_IN_THE_UK:
        return national
    return f"{national[:5]} {national[5:]}"


def fill(text: Text, language: str, body: str, values: Mapping[str, Value]) -> str:
    """Put values into the slots of a wording of `text`, once, and make the result plain.

    `values` has one value for every slot; where an optional one has none, its line is left out. A date, a time or
    numbered times (Europe/London wall clock) are written out for the language, a number is an int, all else words.
    Braces inside a value stay as they are. Raises ValueError, naming the slot, when a value is missing, not asked
    for, or of the wrong type.
    """
    for name, slot in text.slots.items():
        if name not in values and not slot.optional:
            raise ValueError(f"The text {text.key} needs a value for {name}.")
    for name in values:
        if name not in text.slots:
            raise ValueError(f"The text {text.key} has no slot {name}.")
    spelled = {name: _spell(slot, values[name], language) for name, slot in text.slots.items() if name in values}
    body = _without_lines_of(body, text.slots.keys() - values.keys())

    def spelled_out(match: re.Match[str]) -> str:
        if match[1] not in spelled:
            raise ValueError(f"The {language} wording of {text.key} has an unknown slot {match[1]}.")
        return spelled[match[1]]

    return plain(SLOT.sub(spelled_out, body))


def _without_lines_of(body: str, slots: Collection[str]) -> str:
    """A wording without the lines that have one of these slots."""
    if not slots:
        return body
    return "\n".join(line for line in body.split("\n") if not any(f"{{{name}}}" in line for name in slots))


def with_examples(text: Text, language: str, body: str) -> str:
    """A wording with the example values; as it is where a fault keeps them from being filled in."""
    try:
        return fill(text, language, body, example_values(text))
    except ValueError:
        return body
