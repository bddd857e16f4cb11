"""Faults of the wordings that a machine can see. Whether they say the right thing, only a reader can."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.texts.catalogue import SLOT, Text, catalogue, has_stray_brace, slots_in
from bot.texts.languages import LANGUAGES, WORDED
from bot.texts.parts import count_parts, encoding_of, plain
from bot.texts.wording import LOCALES_DIR, compiled_path, example_values, fill, read_wording

_OPTION = re.compile(r"^([0-9]) = ", re.MULTILINE)
_NUMBER = re.compile(r"[0-9]+")
_KEYWORD = re.compile(r"\b(?:START|STOP)\b")
_OWN_LINE_TYPES = ("phone", "code")
# Letters of a neighbour that look alike on screen: Arabic yeh and kaf in Urdu or Persian, and so on.
_FOREIGN_LETTERS: Mapping[str, str] = {
    "ur": "يىك",
    "fa": "يىكٹڈڑےہں",
    "ar": "یکہںٹڈڑےپچگژ",
    "ru": "іїєґ",
    "uk": "ыэёъ",
    "bn": "ৰৱ",
}


@dataclass(frozen=True)
class Problem:
    """A fault of one wording: `code` is kebab-case for machines, `message` is for the person who mends it."""

    text: str
    language: str
    code: str
    message: str


Fault = tuple[str, str]


def _outside_slots(body: str) -> str:
    return SLOT.sub(" ", body)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


def _letters(body: str) -> list[str]:
    """Return the letters outside slots; ordinal signs and modifier letters belong to no script."""
    categories = ("Lu", "Ll", "Lt", "Lo")
    return [char for char in _outside_slots(body) if unicodedata.category(char) in categories and char not in "ªº"]


def _slot_faults(text: Text, body: str) -> Iterator[Fault]:
    lost, added = set(text.slots) - slots_in(body), slots_in(body) - set(text.slots)
    if lost:
        yield "slots-differ", f"Put back {_listed(lost)}."
    if added:
        yield "slots-differ", f"Take out {_listed(added)}: the English has no such slot."
    if has_stray_brace(body):
        yield "slots-differ", "Take out the brace that belongs to no slot."


def _listed(slots: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(slots))


def _number_faults(text: Text, body: str) -> Iterator[Fault]:
    source, wording = _outside_slots(text.source), _outside_slots(body)
    if _OPTION.findall(source) != _OPTION.findall(wording):
        yield (
            "options-differ",
            'Give the same options as the English, in its order, each on a line "1 = ...".',
        )
    for number in sorted(set(_NUMBER.findall(source)) ^ set(_NUMBER.findall(wording))):
        where = "English" if number in source else "wording"
        yield "numbers-differ", f"Only the {where} has the number {number}."
    for keyword in sorted(set(_KEYWORD.findall(source)) - set(_KEYWORD.findall(wording))):
        yield "keyword-lost", f"Keep the word {keyword} as it is: people send it back to us."
    if any(char.isdigit() and not char.isascii() for char in wording):
        yield "native-digits", "Write numbers with the digits 0 to 9, as they stand on the phone's keys."


def _script_faults(language: str, body: str) -> Iterator[Fault]:
    wanted = _script(LANGUAGES[language].native[0])
    scripts = [_script(letter) for letter in _letters(body)]
    strange = sorted(set(scripts) - {wanted, "LATIN"})
    if strange:
        yield "wrong-script", f"It has letters of another script: {', '.join(strange).lower()}."
    elif scripts and scripts.count(wanted) * 2 < len(scripts):
        yield "wrong-script", f"Most of it is not in {wanted.lower()} letters."
    foreign = sorted(set(body) & set(_FOREIGN_LETTERS.get(language, "")))
    if foreign:
        yield "wrong-letter", f"These letters are of a neighbouring language: {' '.join(foreign)}."


def _layout_faults(text: Text, language: str, body: str) -> Iterator[Fault]:
    if body != plain(body):
        yield (
            "not-plain",
            "It has curly quotes, long dashes, hard spaces or invisible characters: make them plain.",
        )
    if not LANGUAGES[language].right_to_left:
        return
    lines = [line.strip() for line in body.splitlines()]
    for slot in text.slots.values():
        if slot.type in _OWN_LINE_TYPES and f"{{{slot.name}}}" not in lines:
            yield "not-on-own-line", f"Put {{{slot.name}}} on a line of its own: it reads left to right."


def _size_faults(text: Text, language: str, body: str) -> Iterator[Fault]:
    parts = count_parts(fill(text, language, body, example_values(text))).parts
    if parts > text.cap:
        yield "over-cap", f"It takes {parts} parts with the example values; {text.cap} is the most."
    if language == "en" and encoding_of(_outside_slots(body)) != "GSM-7":
        yield "not-gsm-7", "A character is outside the GSM alphabet, which more than doubles the cost."


def _faults(text: Text, language: str, body: str) -> Iterator[Fault]:
    if not body.strip():
        yield "empty", "The wording is empty."
        return
    slot_faults = list(_slot_faults(text, body))
    yield from slot_faults
    yield from _number_faults(text, body)
    yield from _script_faults(language, body)
    yield from _layout_faults(text, language, body)
    if not slot_faults:
        yield from _size_faults(text, language, body)


def check_body(text: Text, language: str, body: str) -> list[Problem]:
    """Return the faults of one wording of a text, in a language that has a date pattern."""
    return [Problem(text.key, language, code, message) for code, message in _faults(text, language, body)]


def _check_text(text: Text, language: str, locales_dir: Path) -> list[Problem]:
    wording = read_wording(text, language, locales_dir)
    if wording is None:
        message = "There is no wording, or it was made for an earlier English source."
        return [Problem(text.key, language, "missing-wording", message)]
    return check_body(text, language, wording.body)


def _is_stale(language: str, locales_dir: Path) -> bool:
    compiled = compiled_path(language, locales_dir)
    source = compiled.with_suffix(".po")
    return compiled.exists() and source.exists() and source.stat().st_mtime > compiled.stat().st_mtime


def check_wordings(
    texts: Mapping[str, Text] | None = None,
    locales_dir: Path = LOCALES_DIR,
    languages: Sequence[str] = WORDED,
) -> list[Problem]:
    """Return the faults of every text in every language, as they would be sent.

    Raises CatalogueError for a catalogue that cannot be read, WordingError for a language not compiled.
    """
    texts = catalogue() if texts is None else texts
    message = "The PO file is newer than its compiled form: run make install."
    stale = [Problem("", tag, "not-compiled", message) for tag in languages if _is_stale(tag, locales_dir)]
    found = (_check_text(text, language, locales_dir) for text in texts.values() for language in languages)
    return stale + [problem for problems in found for problem in problems]
