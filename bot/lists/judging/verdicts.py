"""What becomes of one row of a list: accepted, fixed, rejected or duplicate, with reasons by cell. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from bot.lists.judging.cell_words import (
    concept,
    is_registered,
    is_unsaid,
    lost_letters,
    read_codes,
    read_interpreter,
    read_refusal,
    read_sex,
    says_alive,
    says_dead_undated,
    split_name,
)
from bot.lists.judging.dates import read_birth_date, read_date
from bot.lists.reading.columns import Field, Header
from bot.lists.reading.rows import Row
from bot.patients.cells import LONGEST_CELL, clean, shown
from bot.patients.nhs_numbers import read_nhs_number
from bot.patients.phones import read_phone
from bot.tables.patients import PhoneStatus
from bot.texts.languages import find_language

LONGEST_NAME = 200
"""Letters of a surname, and of given names."""


class Verdict(StrEnum):
    """Every row gets one. `fixed`: kept, after a value was repaired or set aside."""

    ACCEPTED = "accepted"
    FIXED = "fixed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one cell. `row` is the line a person sees in a spreadsheet."""

    row: int
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PersonIn:
    """A person as one row describes them. None means that the row says nothing about it."""

    nhs_number: str
    born: date
    surname: str = ""
    given_name: str = ""
    sex: str | None = None
    phone: str | None = None
    phone_status: str = PhoneStatus.NONE
    language: str | None = None
    language_as_written: str | None = None
    interpreter: bool | None = None
    codes: frozenset[str] = frozenset()
    registered: bool | None = None
    deceased: bool | None = None
    died_on: date | None = None
    texting_refused: bool | None = None


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """The verdict on one row; `person` is there unless it is rejected."""

    row: int
    verdict: Verdict
    person: PersonIn | None
    problems: tuple[Problem, ...] = ()

    def with_problem(self, verdict: Verdict, problem: Problem) -> "RowVerdict":
        """The same row, judged otherwise for one more reason."""
        return replace(self, verdict=verdict, problems=(*self.problems, problem))


@dataclass(frozen=True, slots=True)
class Reading:
    """What all rows of a list are read by: header, today's date in England, the rule on test numbers."""

    header: Header
    today: date
    test_numbers: bool


@dataclass(slots=True)
class _Line:
    """One row while it is read: its cells, clean, and what was found wrong so far."""

    number: int
    cells: Sequence[str]
    reading: Reading
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: Field) -> str:
        """The first cell of that field which says something, else ''."""
        return next(iter(self.reading.header.cells(name, self.cells)), "")

    def texts(self, name: Field) -> list[str]:
        """Every cell of that field which says something."""
        return self.reading.header.cells(name, self.cells)

    def add(self, name: Field, code: str, message: str) -> None:
        """Note a reason on a cell."""
        self.problems.append(Problem(self.number, self.reading.header.heading(name), code, message))


def judge_rows(rows: Iterable[Row], reading: Reading) -> Iterator[RowVerdict]:
    """A verdict on each row.

    Where a system leaves the person's cells blank on the lines of further events, such a line belongs to the
    person above it, and so do its codes.
    """
    above: PersonIn | None = None
    for row in rows:
        line = _line(row, reading)
        if above is not None and _continues(line, row):
            further = PersonIn(above.nhs_number, above.born, **_read_codes(line))
            yield RowVerdict(row.number, Verdict.ACCEPTED, further, tuple(line.problems))
            continue
        verdict = _judge(line, row)
        above = verdict.person
        yield verdict


def _continues(line: _Line, row: Row) -> bool:
    """Whether all that a row says of what we read are codes, or nothing at all."""
    header = line.reading.header
    return row.fault is None and not any(
        header.cells(name, line.cells) for name in header.places if name is not Field.CODES
    )


def judge_row(number: int, cells: Sequence[str], reading: Reading) -> RowVerdict:
    """The verdict on one row by itself; whether the person was in the list before is not asked here.

    A row is rejected only when we cannot know who it is: no valid NHS number, or no possible date of birth.
    """
    row = Row(number, cells)
    return _judge(_line(row, reading), row)


def _line(row: Row, reading: Reading) -> _Line:
    """The row with its cells clean. What is too long to be read is left out, and said where we would read it."""
    if max(map(len, row.cells), default=0) <= LONGEST_CELL:
        return _Line(row.number, [clean(cell) for cell in row.cells], reading)
    line = _Line(row.number, [clean(cell) if len(cell) <= LONGEST_CELL else "" for cell in row.cells], reading)
    for name, places in reading.header.places.items():
        for cell in (row.cells[place] for place in places if place < len(row.cells)):
            if len(cell) > LONGEST_CELL:
                line.add(name, "cell-too-long", _TOO_LONG.format(length=len(cell), most=LONGEST_CELL))
    return line


_TOO_LONG = "This cell holds {length:,} letters. No spreadsheet keeps more than {most:,}, so it was left out."


def _judge(line: _Line, row: Row) -> RowVerdict:
    if row.fault is not None:
        line.problems.append(Problem(row.number, "", row.fault.code, row.fault.message))
        if row.fault.unusable:
            return RowVerdict(row.number, Verdict.REJECTED, None, tuple(line.problems))
        if len(row.cells) != len(line.reading.header.headings):
            return _judge_what_is_sure(line, row)
    return _judge_cells(line)


def _judge_what_is_sure(line: _Line, row: Row) -> RowVerdict:
    """Who it is may stand before the fault; what comes after it may be in the wrong column, and is left out."""
    sure = _judge_cells(_Line(line.number, line.cells[: row.sure], line.reading, list(line.problems)))
    if sure.person is None:
        return RowVerdict(row.number, Verdict.REJECTED, None, tuple(line.problems))
    return sure


def _judge_cells(line: _Line) -> RowVerdict:
    nhs_number, born = _read_nhs_number(line), _read_born(line)
    if nhs_number is None or born is None:
        reasons = tuple(p for p in line.problems if p.code not in ("spreadsheet-day", "two-digit-year"))
        return RowVerdict(line.number, Verdict.REJECTED, None, reasons)
    values: dict[str, Any] = {}
    for read in _READERS:
        values.update(read(line))
    _note_extra_cells(line)
    verdict = Verdict.FIXED if line.problems else Verdict.ACCEPTED
    return RowVerdict(line.number, verdict, PersonIn(nhs_number, born, **values), tuple(line.problems))


def _read_nhs_number(line: _Line) -> str | None:
    found = read_nhs_number(line.text(Field.NHS_NUMBER))
    if found.code:
        line.add(Field.NHS_NUMBER, found.code, found.message)
    return found.number


def _read_born(line: _Line) -> date | None:
    found = read_birth_date(line.text(Field.BORN), line.reading.today)
    if code := found.code or found.fixed:
        line.add(Field.BORN, code, found.message)
    return found.value


def _read_names(line: _Line) -> dict[str, Any]:
    surname, given = line.text(Field.SURNAME), line.text(Field.GIVEN_NAME)
    if not (surname or given):
        surname, given = split_name(line.text(Field.FULL_NAME))
    for name in (Field.SURNAME, Field.GIVEN_NAME, Field.FULL_NAME):
        _note_odd_name(line, name)
    return {"surname": surname[:LONGEST_NAME].strip(), "given_name": given[:LONGEST_NAME].strip()}


def _note_odd_name(line: _Line, name: Field) -> None:
    text = line.text(name)
    if lost_letters(text):
        message = f"{shown(text)} has lost a letter on its way here. Export the list as UTF-8 to keep it."
        line.add(name, "name-letter-lost", message)
    if len(text) > LONGEST_NAME:
        message = f"A name of {len(text):,} letters is too long: only the first {LONGEST_NAME} were kept."
        line.add(name, "name-too-long", message)


def _read_sex(line: _Line) -> dict[str, Any]:
    word = line.text(Field.SEX)
    sex = read_sex(word) if word else None
    if word and sex is None:
        line.add(Field.SEX, "sex-unknown", f"{shown(word)} was read as not known. Use F, M, X or U.")
        sex = "U"
    return {"sex": sex}


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


def _read_phone(line: _Line) -> dict[str, Any]:
    """The first number that can be texted; where there is none, what is wrong with the first of all."""
    cell, *others = line.texts(Field.PHONE) or [""]
    found = read_phone(cell, test_numbers=line.reading.test_numbers)
    for other in others if found.number is None else ():
        reading = read_phone(other, test_numbers=line.reading.test_numbers)
        if reading.number is not None:
            cell, found = other, reading
            break
    if reason := found.fixed or found.reason:
        line.add(Field.PHONE, f"phone-{reason}", _PHONE_REASONS[reason].format(cell=shown(cell), phone=found.number))
    return {"phone": found.number, "phone_status": found.status}


@lru_cache(maxsize=1024)
def _find_language(word: str) -> str | None:
    return find_language(concept(word))


def _read_language(line: _Line) -> dict[str, Any]:
    """The first language that we know; where there is none, the first word that is meant to be one."""
    words = [word for word in line.texts(Field.LANGUAGE) if not is_unsaid(word)]
    if not words:
        return {}
    tag = next((tag for word in words if (tag := _find_language(word))), None)
    if tag is None:
        message = f"{shown(words[0])} is not a language we know: read as not recorded."
        line.add(Field.LANGUAGE, "language-unknown", message)
        return {"language_as_written": words[0]}
    return {"language": tag}


def _read_interpreter(line: _Line) -> dict[str, Any]:
    word = line.text(Field.INTERPRETER)
    if not word or is_unsaid(word):
        return {"interpreter": read_interpreter(word)}
    needed = read_interpreter(word)
    if needed is None:
        line.add(Field.INTERPRETER, "interpreter-unknown", f"{shown(word)} was read as not recorded. Use Y or N.")
    return {"interpreter": needed}


def _read_codes(line: _Line) -> dict[str, Any]:
    codes: list[str] = []
    for cell in line.texts(Field.CODES):
        found, others = read_codes(cell)
        codes.extend(found)
        for other in others:
            line.add(Field.CODES, "code-unreadable", f"{shown(other)} is not a SNOMED CT code, so it was left out.")
    return {"codes": frozenset(codes)}


def _read_registration(line: _Line) -> dict[str, Any]:
    """Of several columns, one that says the person has left is believed: nobody who left is texted."""
    words = line.texts(Field.REGISTRATION)
    return {"registered": all(map(is_registered, words)) if words else None}


def _read_death(line: _Line) -> dict[str, Any]:
    """A date or "Y". What cannot be read still says that somebody died: nobody who did is texted."""
    cells = [cell for cell in line.texts(Field.DIED) if not says_alive(cell)]
    if not cells:
        return {"deceased": False if line.texts(Field.DIED) else None}
    dated = [cell for cell in cells if not says_dead_undated(cell)]
    if not dated:
        return {"deceased": True}
    found = read_date(dated[0], line.reading.today)
    if found.value is None or found.value > line.reading.today:
        message = f"{shown(dated[0])} is not a past date. The person is taken to have died, on a day not known."
        line.add(Field.DIED, "date-of-death-unreadable", message)
        return {"deceased": True}
    if found.fixed:
        line.add(Field.DIED, found.fixed, found.message)
    return {"deceased": True, "died_on": found.value}


def _read_consent(line: _Line) -> dict[str, Any]:
    """Of several columns, one that refuses is enough."""
    words = line.texts(Field.CONSENT)
    if not words:
        return {"texting_refused": None}
    answers = {word: read_refusal(word) for word in words}
    for word in (word for word, refused in answers.items() if refused is None):
        message = f"{shown(word)} is not an answer we know. To be safe it was read as: do not text. Use Y or N."
        line.add(Field.CONSENT, "consent-unknown", message)
    return {"texting_refused": any(refused is not False for refused in answers.values())}


def _note_extra_cells(line: _Line) -> None:
    extra = [cell for cell in line.cells[len(line.reading.header.headings) :] if cell]
    if extra:
        message = "The row has more cells than the header, so values may stand in the wrong columns. Check it."
        line.problems.append(Problem(line.number, "", "extra-cells", message))


_READERS: tuple[Callable[[_Line], dict[str, Any]], ...] = (
    _read_names,
    _read_sex,
    _read_phone,
    _read_language,
    _read_interpreter,
    _read_codes,
    _read_registration,
    _read_death,
    _read_consent,
)
