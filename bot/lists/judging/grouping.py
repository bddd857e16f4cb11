"""Rows of one list that are about the same person, whichever part of the list they stand in.

Clinical systems repeat a patient's line for every event. Such a line is a duplicate whose codes are kept.
Lines that contradict each other need a person to decide. Everybody met is kept in a private database on disk
that is gone when it is closed, so that a long list takes no more memory than a short one.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from bot.lists.judging.verdicts import PersonIn, Problem, RowVerdict, Verdict
from bot.lists.reading.columns import Field, Header
from bot.tables.patients import PhoneStatus

COMPARED: tuple[tuple[Field, str], ...] = (
    (Field.BORN, "born"),
    (Field.SURNAME, "surname"),
    (Field.GIVEN_NAME, "given_name"),
    (Field.SEX, "sex"),
    (Field.PHONE, "phone"),
    (Field.LANGUAGE, "language"),
    (Field.INTERPRETER, "interpreter"),
    (Field.REGISTRATION, "registered"),
    (Field.DIED, "deceased"),
    (Field.CONSENT, "texting_refused"),
)
_BLANK_SAYS_NO = (Field.DIED, Field.CONSENT, Field.REGISTRATION)
"""A blank cell of these is an answer: alive, not refused, registered. In others it contradicts nothing."""

_MOST_VERSIONS = 10
_DATES = ("born", "died_on")
_SCHEMA = """
CREATE TABLE met (place INTEGER PRIMARY KEY, number TEXT UNIQUE, row INTEGER, person TEXT, others TEXT)
"""


@dataclass(frozen=True, slots=True)
class Version:
    """What one row says about a person."""

    row: int
    person: PersonIn


@dataclass(frozen=True, slots=True)
class Met:
    """A person of a list: the first row, completed by later ones, and the rows that contradict it."""

    first: Version
    others: tuple[Version, ...] = ()

    @property
    def person(self) -> PersonIn:
        """What the first row says, completed."""
        return self.first.person

    def disputed(self) -> tuple[Field, ...]:
        """What the rows disagree on."""
        found = {field for other in self.others for field in _differing(self.person, other.person)}
        return tuple(field for field, _ in COMPARED if field in found)


class People:
    """Everybody met in a list so far, and the codes of all their rows. Close it after use."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self._store = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._store.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_SCHEMA};")

    def close(self) -> None:
        """Erase what was kept."""
        self._store.close()

    def group(self, verdicts: Iterable[RowVerdict]) -> Iterator[RowVerdict]:
        """The same verdicts, with every later row about a person met before made a duplicate."""
        for verdict in verdicts:
            yield verdict if verdict.person is None else self._meet(verdict, verdict.person)

    def everybody(self) -> Iterator[Met]:
        """All people met, in the order of their first rows."""
        for _, row, person, others in self._store.execute("SELECT place, row, person, others FROM met ORDER BY place"):
            yield _read_met(row, person, others)

    def _meet(self, verdict: RowVerdict, person: PersonIn) -> RowVerdict:
        statement = "SELECT place, row, person, others FROM met WHERE number = ?"
        found = self._store.execute(statement, (person.nhs_number,)).fetchone()
        if found is None:
            values = (person.nhs_number, verdict.row, _write(person))
            self._store.execute("INSERT INTO met (number, row, person, others) VALUES (?, ?, ?, '[]')", values)
            return verdict
        place, row, first, others = found
        before = _read_met(row, first, others)
        after = _with_row(before, Version(verdict.row, person))
        if after != before:
            others = json.dumps([[other.row, _write(other.person)] for other in after.others])
            statement = "UPDATE met SET person = ?, others = ? WHERE place = ?"
            self._store.execute(statement, (_write(after.person), others, place))
        return verdict.with_problem(Verdict.DUPLICATE, self._compare(verdict.row, before.first, person))

    def _compare(self, row: int, first: Version, person: PersonIn) -> Problem:
        differing = _differing(first.person, person)
        if not differing:
            message = f"The same person as in row {first.row}; the codes of both rows are kept."
            return Problem(row, self.header.heading(Field.NHS_NUMBER), "repeated", message)
        columns = ", ".join(self.header.heading(name) for name in differing)
        message = (
            f"Row {first.row} is about the same person and says something else ({columns}). "
            "We do not guess: once the list is stored, you will be asked which is right."
        )
        return Problem(row, self.header.heading(differing[0]), "conflict", message)


def _with_row(met: Met, version: Version) -> Met:
    """The person with one more row: its codes, what the first row left blank, and what contradicts."""
    said = version.person
    additions: dict[str, Any] = {"codes": met.person.codes | said.codes}
    differing = _differing(met.person, said)
    if Field.BORN not in differing:
        additions |= _completing(met.person, said)
    others = met.others
    if differing and len(others) < _MOST_VERSIONS and not any(_same(other.person, said) for other in others):
        others = (*others, version)
    return Met(replace(met.first, person=replace(met.person, **additions)), others)


def _completing(person: PersonIn, said: PersonIn) -> dict[str, Any]:
    additions: dict[str, Any] = {}
    for field, name in COMPARED:
        if field not in _BLANK_SAYS_NO and _is_blank(getattr(person, name)) and not _is_blank(getattr(said, name)):
            additions[name] = getattr(said, name)
    if "phone" in additions or (person.phone is None and person.phone_status == PhoneStatus.NONE):
        additions["phone_status"] = said.phone_status
    if "language" in additions:
        additions["language_as_written"] = None
    return additions


def _differing(first: PersonIn, second: PersonIn) -> list[Field]:
    return [field for field, name in COMPARED if _contradict(field, getattr(first, name), getattr(second, name))]


def _contradict(field: Field, first: Any, second: Any) -> bool:
    if _is_blank(second) or (_is_blank(first) and field not in _BLANK_SAYS_NO):
        return False
    if _is_blank(first):
        first = field is Field.REGISTRATION
    return str(first).casefold() != str(second).casefold()


def _same(first: PersonIn, second: PersonIn) -> bool:
    return all(
        str(getattr(first, name) or "").casefold() == str(getattr(second, name) or "").casefold()
        for _, name in COMPARED
    )


def _is_blank(value: Any) -> bool:
    return value is None or value == ""


def person_to_json(person: PersonIn) -> dict[str, Any]:
    """A person as plain JSON values."""
    values = asdict(person) | {"codes": sorted(person.codes)}
    return values | {name: day.isoformat() for name in _DATES if (day := getattr(person, name)) is not None}


def person_from_json(values: dict[str, Any]) -> PersonIn:
    """The person that `person_to_json` wrote."""
    dates = {name: date.fromisoformat(values[name]) for name in _DATES if values[name]}
    return PersonIn(**(values | dates | {"codes": frozenset(values["codes"])}))


_NAMES = tuple(field.name for field in fields(PersonIn))


def _write(person: PersonIn) -> str:
    values = [getattr(person, name) for name in _NAMES]
    return json.dumps([sorted(v) if isinstance(v, frozenset) else str(v) if isinstance(v, date) else v for v in values])


def _read(text: str) -> PersonIn:
    return person_from_json(dict(zip(_NAMES, json.loads(text), strict=True)))


def _read_met(row: int, person: str, others: str) -> Met:
    further = tuple(Version(number, _read(text)) for number, text in json.loads(others)) if others != "[]" else ()
    return Met(Version(row, _read(person)), further)
