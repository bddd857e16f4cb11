"""What the cells of a row say, field by field; what is wrong with one is noted on it. Pure."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from bot.lists.judging.cell_words import (
    concept,
    is_damaged,
    is_not_stated,
    is_registered,
    means_alive,
    means_dead_undated,
    read_codes,
    read_decile,
    read_interpreter,
    read_refusal,
    read_sex,
    split_name,
)
from bot.lists.judging.dates import DateReading, read_birth_date, read_date
from bot.lists.judging.row_reading import CellProblem, RowReading, differ
from bot.lists.judging.screening_cells import read_screening
from bot.lists.reading.columns import SCREENING, Field
from bot.patients.cells import shown
from bot.patients.nhs_numbers import read_nhs_number
from bot.patients.phones import read_phone
from bot.tables.patients import PhoneStatus
from bot.texts.languages import find_language

LONGEST_NAME = 200
"""Letters of a surname, and of given names."""

LONGEST_ETHNIC_CATEGORY = 100
_NAMES = (Field.SURNAME, Field.GIVEN_NAME, Field.FULL_NAME)


def nhs_number_of(row: RowReading) -> str | None:
    """Ten digits, or None with the reason noted."""
    cells = row.texts(Field.NHS_NUMBER) or [""]
    found = read_nhs_number(cells[0])
    if found.code:
        row.add(Field.NHS_NUMBER, found.code, found.message)
    elif len(cells) > 1 and differ(read_nhs_number(cell).number for cell in cells):
        row.add_several(Field.NHS_NUMBER, "nhs-number", "We cannot know who this is.")
        return None
    return found.number


def birth_date_of(row: RowReading) -> date | None:
    """The date of birth, or None with the reason noted."""
    cells = row.texts(Field.BORN) or [""]
    found = read_birth_date(cells[0], row.rules.today, row.rules.epoch)
    if code := found.code or found.fixed:
        row.add(Field.BORN, code, found.message)
    if (
        len(cells) > 1
        and found.value
        and differ(read_date(cell, row.rules.today, row.rules.epoch).value for cell in cells)
    ):
        row.add_several(Field.BORN, "birth-date", "We cannot know who this is.")
        return None
    return found.value


def _read_date(row: RowReading, cell: str) -> DateReading:
    return read_date(cell, row.rules.today, row.rules.epoch)


def _read_names(row: RowReading) -> dict[str, Any]:
    found = {name: words for name in _NAMES if (words := row.texts(name))}
    surname, given = (found[name][0] if name in found else "" for name in (Field.SURNAME, Field.GIVEN_NAME))
    if not found.keys() - {Field.FULL_NAME}:
        surname, given = split_name(row.text(Field.FULL_NAME))
    for name, words in found.items():
        if len(words) > 1 or not _is_plain(words[0]):
            _note_odd_name(row, name, words)
    return {"surname": surname[:LONGEST_NAME].strip(), "given_name": given[:LONGEST_NAME].strip()}


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isalpha() and len(name) <= LONGEST_NAME


def _note_odd_name(row: RowReading, name: Field, words: Sequence[str]) -> None:
    text = words[0]
    if len(words) > 1 and differ(map(str.casefold, words)):
        row.add_several(name, "name", "The first was used.")
    if is_damaged(text):
        message = f"{shown(text)} has lost or damaged letters on its way here. Export the list as UTF-8 to keep them."
        row.add(name, "name-letter-lost", message)
    if len(text) > LONGEST_NAME:
        message = f"A name of {len(text):,} letters is too long: only the first {LONGEST_NAME} were kept."
        row.add(name, "name-too-long", message)


def _read_sex(row: RowReading) -> dict[str, Any]:
    words = row.texts(Field.SEX)
    if not words:
        return {"sex": None}
    sex = read_sex(words[0])
    if sex is None:
        row.add(Field.SEX, "sex-unknown", f"{shown(words[0])} was read as not known. Use F, M, X or U.")
    elif len(words) > 1 and differ(map(read_sex, words)):
        row.add_several(Field.SEX, "sex", "It was read as not known.")
        return {"sex": "U"}
    return {"sex": sex or "U"}


_PHONE_REASONS = {
    "lost-zero": "A lost leading zero was put back: {phone}.",
    "lost-plus": "A lost + was put back: {phone}.",
    "not-mobile": "{cell} is not a mobile number, so it is not used for texts.",
    "not-uk": "{cell} is not a UK mobile number, so it is not used for texts.",
    "unreadable": "{cell} is not a phone number we can read, so it is not used.",
    "scientific": "A spreadsheet has rounded this number to {cell}. Format the column as text, export again.",
    "several": "{cell} looks like more than one number, and we do not guess which. Leave one.",
    "test-number": "{cell} is a number kept for tests, so it is not used.",
}


def _read_phone(row: RowReading) -> dict[str, Any]:
    """The one number that can be texted; where there is none, what is wrong with the first of all."""
    cell, *others = row.texts(Field.PHONE) or [""]
    found = read_phone(cell, test_numbers=row.rules.test_numbers)
    for other in others:
        reading = read_phone(other, test_numbers=row.rules.test_numbers)
        if found.number is None and reading.number is not None:
            cell, found = other, reading
        elif reading.number is not None and reading.number != found.number:
            row.add_several(Field.PHONE, "phone", "We do not guess which number to text.")
            return {"phone": None, "phone_status": PhoneStatus.UNREADABLE}
    if reason := found.fixed or found.reason:
        row.add(Field.PHONE, f"phone-{reason}", _PHONE_REASONS[reason].format(cell=shown(cell), phone=found.number))
    return {"phone": found.number, "phone_status": found.status}


@lru_cache(maxsize=1024)
def _find_language(word: str) -> str | None:
    return find_language(concept(word))


def _read_language(row: RowReading) -> dict[str, Any]:
    """The first language that we know; where there is none, the first word that is meant to be one."""
    words = [word for word in row.texts(Field.LANGUAGE) if not is_not_stated(word)]
    if not words:
        return {}
    tag = next((tag for word in words if (tag := _find_language(word))), None)
    if tag is None:
        message = f"{shown(words[0])} is not a language we know: read as not recorded."
        row.add(Field.LANGUAGE, "language-unknown", message)
        return {"language_as_written": words[0]}
    if len(words) > 1 and differ(map(_find_language, words)):
        row.add_several(Field.LANGUAGE, "language", "The first was used.")
    return {"language": tag}


def _read_interpreter(row: RowReading) -> dict[str, Any]:
    """Of several columns, one that asks for an interpreter is enough."""
    words = row.texts(Field.INTERPRETER)
    answers = [read_interpreter(word) for word in words]
    if len(words) > 1 and differ(answers):
        row.add_several(Field.INTERPRETER, "interpreter", "It was read as needed.")
        return {"interpreter": True}
    known = next((answer for answer in answers if answer is not None), None)
    if known is None and words and not all(map(is_not_stated, words)):
        message = f"{shown(words[0])} was read as not recorded. Use Y or N."
        row.add(Field.INTERPRETER, "interpreter-unknown", message)
    return {"interpreter": known}


def codes_of(row: RowReading) -> dict[str, Any]:
    """The SNOMED CT codes of all columns of codes."""
    codes: list[str] = []
    for cell in row.texts(Field.CODES):
        found, others = read_codes(cell)
        codes.extend(found)
        for other in others:
            row.add(Field.CODES, "code-unreadable", f"{shown(other)} is not a SNOMED CT code, so it was left out.")
    return {"codes": frozenset(codes)}


def _read_registration(row: RowReading) -> dict[str, Any]:
    """Of several columns, one that says the person has left is believed: nobody who left is texted."""
    words = row.texts(Field.REGISTRATION)
    return {"registered": all(map(is_registered, words)) if words else None}


def _read_death(row: RowReading) -> dict[str, Any]:
    """A date or "Y". What cannot be read still says that somebody died: nobody who did is texted."""
    cells = [cell for cell in row.texts(Field.DIED) if not means_alive(cell)]
    if not cells:
        return {"deceased": False if row.texts(Field.DIED) else None}
    dated = [cell for cell in cells if not means_dead_undated(cell)]
    if not dated:
        return {"deceased": True}
    found = _read_date(row, dated[0])
    if found.value is None or found.value > row.rules.today:
        message = f"{shown(dated[0])} is not a past date. The person is taken to have died, on a day not known."
        row.add(Field.DIED, "date-of-death-unreadable", message)
        return {"deceased": True}
    if differ(_read_date(row, cell).value for cell in dated):
        row.add_several(Field.DIED, "date-of-death", "The person is taken to have died, on a day not known.")
        return {"deceased": True}
    if found.fixed:
        row.add(Field.DIED, found.fixed, found.message)
    return {"deceased": True, "died_on": found.value}


def _read_consent(row: RowReading) -> dict[str, Any]:
    """Of several columns, one that refuses is enough."""
    words = row.texts(Field.CONSENT)
    if not words:
        return {"texting_refused": None}
    answers = {word: read_refusal(word) for word in words}
    for word in (word for word, refused in answers.items() if refused is None):
        message = f"{shown(word)} is not an answer we know. To be safe it was read as: do not text. Use Y or N."
        row.add(Field.CONSENT, "consent-unknown", message)
    return {"texting_refused": any(refused is not False for refused in answers.values())}


def _read_decile(row: RowReading) -> dict[str, Any]:
    word = row.text(Field.IMD_DECILE)
    decile = read_decile(word)
    if decile is None and not is_not_stated(word):
        message = f"{shown(word)} is not a decile, so it was left out. Use a whole number from 1 (most deprived) to 10."
        row.add(Field.IMD_DECILE, "decile-unreadable", message)
    if differ(map(read_decile, row.texts(Field.IMD_DECILE))):
        row.add_several(Field.IMD_DECILE, "decile", "None was used.")
        decile = None
    return {"imd_decile": decile}


def _read_ethnic_category(row: RowReading) -> dict[str, Any]:
    """As it is written: a code of the NHS Data Dictionary ("A", "99") or words."""
    words = row.text(Field.ETHNIC_CATEGORY)
    if len(words) > LONGEST_ETHNIC_CATEGORY:
        message = (
            f"An ethnic category of {len(words):,} letters is too long, so it was left out. "
            f"Use its code, or at most {LONGEST_ETHNIC_CATEGORY} letters."
        )
        row.add(Field.ETHNIC_CATEGORY, "ethnic-category-too-long", message)
        words = ""
    if differ(map(str.casefold, row.texts(Field.ETHNIC_CATEGORY))):
        row.add(Field.ETHNIC_CATEGORY, "ethnic-category-several", "Two columns say different things: none was used.")
        words = ""
    return {"ethnic_category": words or None}


def note_extra_cells(row: RowReading) -> None:
    """Say it where values may stand in the wrong columns."""
    width = len(row.rules.header.headings)
    if len(row.cells) > width and any(row.cells[width:]):
        message = "The row has more cells than the header, so values may stand in the wrong columns. Check it."
        row.problems.append(CellProblem(row.number, "", "extra-cells", message))


CellReader = Callable[[RowReading], dict[str, Any]]
_CELL_READERS: tuple[tuple[frozenset[Field], CellReader], ...] = (
    (frozenset((Field.SURNAME, Field.GIVEN_NAME, Field.FULL_NAME)), _read_names),
    (frozenset((Field.SEX,)), _read_sex),
    (frozenset((Field.PHONE,)), _read_phone),
    (frozenset((Field.LANGUAGE,)), _read_language),
    (frozenset((Field.INTERPRETER,)), _read_interpreter),
    (frozenset((Field.CODES,)), codes_of),
    (frozenset((Field.REGISTRATION,)), _read_registration),
    (frozenset((Field.DIED,)), _read_death),
    (frozenset((Field.CONSENT,)), _read_consent),
    (frozenset((Field.IMD_DECILE,)), _read_decile),
    (frozenset((Field.ETHNIC_CATEGORY,)), _read_ethnic_category),
    (frozenset(SCREENING), read_screening),
)


@lru_cache(maxsize=64)
def readers_of(fields: frozenset[Field]) -> tuple[CellReader, ...]:
    """What to read where a list has these columns. Of others a person says nothing."""
    return tuple(read for of, read in _CELL_READERS if not of.isdisjoint(fields))
