"""Faults of the wordings that a machine can see. Whether they say the right thing, only a reader can."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.texts.catalogue import SLOT, Text, catalogue, has_stray_brace, slots_in
from bot.texts.languages import LANGUAGES, LIFELINES_ONLY, WORDED
from bot.texts.parts import count_parts, encoding_of, plain
from bot.texts.wording import LOCALES_DIR, compiled_path, example_values, fill, read_wording
from bot.texts.words import link_in, stop_words_in, words_to_avoid_in

_OPTION = re.compile(r"^([0-9]) = (\S.*)$", re.MULTILINE)
_NUMBER = re.compile(r"[0-9]+")
_CARE_LINES = ("999", "111")
_SENTENCE_END = re.compile(r"[.:!?\n]")
_WORD = re.compile(r"[^\W\d_]+")
_WRITTEN = re.compile(r"\S+")
_MARKS = ".,:;!?()\"'\u060c\u061b\u061f\u06d4\u0964"  # those of Arabic script and of Hindi, too
_FEWEST_WORDS = 3  # two words may be the same in two languages
_KEYWORD = re.compile(r"\bSTART\b")
_OWN_LINE_TYPES = ("phone", "code")
# Letters of a neighbour that look alike on screen: Arabic yeh and kaf in Urdu or Persian, and so on. Chinese
# has the commonest of the characters that the other of its two scripts writes in another way.
_FOREIGN_LETTERS: Mapping[str, str] = {
    "ur": "يىك",
    "pa-Arab": "يىك",
    "ps": "ىكٹڈڑےہں",
    "prs": "يىكٹڈڑےہں",
    "ckb": "يىكٹڈےہں",
    "fa": "يىكٹڈڑےہں",
    "ar": "یکہںٹڈڑےپچگژ",
    "kmr": "ığöüİĞÖÜ",
    "zh-Hans": "們這請電話語號訊醫藥緊預約應從還選擇務關時會對發給說",
    "zh-Hant": "们这请电话语号讯医药紧预约应从还选择务关时会对发给说",
    "ru": "іїєґ",
    "uk": "ыэёъ",
    "bn": "ৰৱ",
    "bg": "ыэёіїєґјљњ",
    "cs": "äôľĺŕ",
    "sk": "ěřů",
    "hu": "õûôä",
    "lt": "āēīģķļņ",
    "lv": "ąęėįų",
    "es": "àèìòùâêôãõç",
    "it": "áíóúâêôãõçñ",
    "fr": "áíóúìòãõñ",
}

ALL_LANGUAGES = WORDED + LIFELINES_ONLY


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
    twice = {
        name for name, times in Counter(SLOT.findall(body)).items() if times > text.source.count(f"{{{name}}}") > 0
    }
    if twice:
        yield "slots-differ", f"Take {_listed(twice)} out where it stands once too often."
    if has_stray_brace(body):
        yield "slots-differ", "Take out the brace that belongs to no slot."


def _times(number: int) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _listed(slots: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(slots))


def _number_faults(text: Text, body: str) -> Iterator[Fault]:
    source, wording = _outside_slots(text.source), _outside_slots(body)
    yield from _option_faults(text.source, body)
    given, wanted = Counter(_NUMBER.findall(wording)), Counter(_NUMBER.findall(source))
    for number in sorted(number for number in given | wanted if given[number] != wanted[number]):
        there, here = _times(wanted[number]), _times(given[number])
        yield "numbers-differ", f"The number {number} stands {there} in the English, {here} in the wording."
    if _care_lines(wording) != _care_lines(source):
        yield "numbers-differ", "Name 999 and 111 in the order of the English: 999 is for emergencies, 111 for advice."
    for keyword in sorted(set(_KEYWORD.findall(source)) - set(_KEYWORD.findall(wording))):
        yield "keyword-lost", f"Keep the word {keyword} as it is: people send it back to us."
    if any(char.isdigit() and not char.isascii() for char in wording):
        yield "native-digits", "Write numbers with the digits 0 to 9, as they stand on the phone's keys."


def _word_faults(text: Text, language: str, body: str) -> Iterator[Fault]:
    """Words that do harm: people send back one that the network takes for STOP, or read another as something else."""
    said = _outside_slots(body)
    for word in stop_words_in(said):
        yield (
            "stop-word",
            f'Say it without "{word}": whoever sends that word back alone gets no texts from us any more.',
        )
    for word, avoided in words_to_avoid_in(said, language, text.source):
        yield "word-to-avoid", f'Do not say "{word}". {avoided.because} {avoided.instead}'


def _option_faults(source: str, body: str) -> Iterator[Fault]:
    options, wanted = _OPTION.findall(body), _OPTION.findall(source)
    if [number for number, _ in options] != [number for number, _ in wanted]:
        message = (
            'Give the same options as the English, in its order, each on a line "1 = ..." that says what it means.'
        )
        yield "options-differ", message
    if len({meaning.strip().casefold() for _, meaning in options}) < len(options):
        yield "options-differ", "Two options say the same."


def _care_lines(body: str) -> list[str]:
    return [number for number in _NUMBER.findall(body) if number in _CARE_LINES]


def _words(body: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_outside_slots(body))]


def _untranslated_faults(text: Text, language: str, body: str) -> Iterator[Fault]:
    """English left in place: a whole sentence of its words."""
    if language == "en":
        return
    english = set(_words(text.source))
    said = _WRITTEN.sub(lambda word: "" if link_in(word[0]) else word[0], body)  # a link is the same in every language
    sentences = [_words(sentence) for sentence in (*_SENTENCE_END.split(said), said)]
    left = [words for words in sentences if len(words) >= _FEWEST_WORDS and english.issuperset(words)]
    if left:
        yield "untranslated", f"This is still in English: {' '.join(left[0])}."


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
    if any(char == "\ufffd" or (unicodedata.category(char) in ("Cc", "Co", "Cn") and char != "\n") for char in body):
        yield "broken-character", "It has a character that no phone can show: type the word again."
    yield from _link_faults(text.source, body)
    yield from _optional_faults(text, body)
    if not LANGUAGES[language].right_to_left:
        return
    lines = [line.strip() for line in body.splitlines()]
    for slot in text.slots.values():
        if slot.type in _OWN_LINE_TYPES and f"{{{slot.name}}}" not in lines:
            yield "not-on-own-line", f"Put {{{slot.name}}} on a line of its own: it reads left to right."


def _optional_faults(text: Text, body: str) -> Iterator[Fault]:
    """A line that may be left out holds nothing that has to be said."""
    optional = {f"{{{slot.name}}}" for slot in text.slots.values() if slot.optional}
    needed = {f"{{{slot.name}}}" for slot in text.slots.values() if not slot.optional}
    for line in body.splitlines():
        if any(name in line for name in optional) and (found := sorted(name for name in needed if name in line)):
            yield (
                "line-left-out",
                f"Put {found[0]} on another line: this one is left out where there is nothing to say.",
            )


def _link_faults(source: str, body: str) -> Iterator[Fault]:
    """A wording has the links of the English, letter for letter, and no other."""
    wanted, given = _links(source), _links(body)
    if given - wanted:
        yield "link-added", f"Take out the link {min(given - wanted)}: the English has no such link."
    if wanted - given:
        yield "link-lost", f"Put back the link {min(wanted - given)} as it stands in the English."


def _links(body: str) -> set[str]:
    """What a phone makes a link of, without the marks around it."""
    return {word.strip(_MARKS) for word in _WRITTEN.findall(_outside_slots(body)) if link_in(word)}


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
    yield from _word_faults(text, language, body)
    yield from _script_faults(language, body)
    yield from _untranslated_faults(text, language, body)
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


def _pasted_twice(text: Text, languages: Sequence[str], locales_dir: Path) -> Iterator[Problem]:
    """The wording of one language in the place of another's, letter for letter."""
    owners: dict[str, str] = {}
    for language in languages:
        wording = read_wording(text, language, locales_dir)
        if wording is None or not _letters(wording.body):
            continue
        owner = owners.setdefault(wording.body, language)
        if owner != language and "en" not in (owner, language):
            message = f"It is letter for letter the wording in {LANGUAGES[owner].english}."
            yield Problem(text.key, language, "wrong-language", message)


def _is_stale(language: str, locales_dir: Path) -> bool:
    compiled = compiled_path(language, locales_dir)
    source = compiled.with_suffix(".po")
    return compiled.exists() and source.exists() and source.stat().st_mtime > compiled.stat().st_mtime


def _asked_of(texts: Iterable[Text], language: str) -> list[Text]:
    """The texts a language must have."""
    return [text for text in texts if text.lifeline or language not in LIFELINES_ONLY]


def check_language(texts: Sequence[Text], language: str, locales_dir: Path = LOCALES_DIR) -> list[Problem]:
    """Return the faults of some texts in one language, read beside the other languages."""
    asked = _asked_of(texts, language)
    found = (_check_text(text, language, locales_dir) for text in asked)
    pasted = (_pasted_twice(text, ALL_LANGUAGES, locales_dir) for text in asked)
    return [problem for problems in (*found, *pasted) for problem in problems if problem.language == language]


def check_wordings(
    texts: Mapping[str, Text] | None = None,
    locales_dir: Path = LOCALES_DIR,
    languages: Sequence[str] = ALL_LANGUAGES,
) -> list[Problem]:
    """Return the faults of every text in every language, as they would be sent.

    Raises CatalogueError for a catalogue that cannot be read, WordingError for a language not compiled.
    """
    texts = catalogue() if texts is None else texts
    message = "The PO file is newer than its compiled form: run make install."
    stale = [Problem("", tag, "not-compiled", message) for tag in languages if _is_stale(tag, locales_dir)]
    found = (
        _check_text(text, language, locales_dir)
        for language in languages
        for text in _asked_of(texts.values(), language)
    )
    pasted = (_pasted_twice(text, languages, locales_dir) for text in texts.values())
    return stale + [problem for problems in (*found, *pasted) for problem in problems]
