"""Rows of one list that are about the same person, whichever part of the list they stand in.

Clinical systems repeat a patient's line for every event. Such a line is a duplicate whose codes are kept.
Lines that contradict each other need a person to decide. Everybody listed is kept in a private database on disk
that is gone when it is closed, so that a long list takes no more memory than a short one.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.lists.judging.reach import reasons_alone
from bot.lists.judging.row_reading import CellProblem, PersonIn
from bot.lists.judging.verdicts import RowVerdict, Verdict
from bot.lists.reading.columns import Field, Header
from bot.patients.eligibility import Reason
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
    (Field.IMD_DECILE, "imd_decile"),
    (Field.ETHNIC_CATEGORY, "ethnic_category"),
    (Field.CERVICAL, "cervical_status"),
    (Field.DEFERRED_UNTIL, "cervical_deferred_until"),
    (Field.CERVICAL_DECLINED, "cervical_declined_on"),
)
_BLANK_SAYS_NO = (Field.DIED, Field.CONSENT, Field.REGISTRATION)
"""A blank cell of these is an answer: alive, not refused, registered. In others it contradicts nothing."""

_MOST_VERSIONS = 10
_DATES = ("born", "died_on", "cervical_deferred_until", "cervical_declined_on")
_AT_A_TIME = 500
_SCHEMA = """
CREATE TABLE listed (
    place INTEGER PRIMARY KEY, number TEXT, row INTEGER, verdict TEXT, phone TEXT, why TEXT, person TEXT,
    others TEXT NOT NULL DEFAULT '[]'
)
"""
_INSERT = "INSERT INTO listed (place, number, row, verdict, phone, why, person) VALUES (?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class RowVersion:
    """What one row says about a person."""

    row: int
    person: PersonIn


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person of a list: the first row, completed by later ones, and the rows that contradict it."""

    first: RowVersion
    others: tuple[RowVersion, ...] = ()

    @property
    def person(self) -> PersonIn:
        """What the first row says, completed."""
        return self.first.person

    def disputed(self) -> tuple[Field, ...]:
        """What the rows disagree on."""
        found = {field for other in self.others for field in _differing(self.person, other.person)}
        return tuple(field for field, _ in COMPARED if field in found)


@dataclass(frozen=True, slots=True)
class PersonInShort:
    """Of a person of a list: number, mobile, what the list says against texting them, what its rows disagree on."""

    nhs_number: str
    phone: str | None
    reasons: tuple[Reason, ...]
    disputed: tuple[Field, ...]


class ListedPeople:
    """Everybody in a list so far, and the codes of all their rows. Close it after use."""

    def __init__(self, header: Header, today: date) -> None:
        self.header = header
        self._today = today
        self._places: dict[str, int] = {}
        self._waiting: list[tuple[Any, ...]] = []
        self.withdrawn: dict[int, RowVerdict] = {}
        """First rows, by number, that a later one contradicts on the date of birth: as they were judged before."""
        self._store = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._store.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_SCHEMA};")

    def close(self) -> None:
        """Erase what was kept."""
        self._store.close()

    def group(self, verdicts: Iterable[RowVerdict]) -> Iterator[RowVerdict]:
        """The same verdicts, with every later row about a person listed before made a duplicate."""
        for verdict in verdicts:
            yield verdict if verdict.person is None else self._add_row(verdict, verdict.person)

    def as_texts(self) -> Iterator[tuple[int, str, str]]:
        """All people in the order of their first rows, each as `listed_from_text` reads them."""
        self._flush()
        yield from self._store.execute("SELECT row, person, others FROM listed ORDER BY place")

    def shared_phones(self) -> set[str]:
        """Numbers that more than one person of the list has."""
        self._flush()
        shared = "SELECT phone FROM listed WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 1"
        return {phone for (phone,) in self._store.execute(shared)}

    def in_short(self) -> Iterator[PersonInShort]:
        """All people, as far as it matters for whether they may be texted."""
        self._flush()
        statement = "SELECT number, phone, why, others, row, person FROM listed ORDER BY place"
        for number, phone, why, others, row, person in self._store.execute(statement):
            disputed = listed_from_text(row, person, others).disputed() if others != "[]" else ()
            yield PersonInShort(number, phone, tuple(map(Reason, why.split())), disputed)

    def __contains__(self, nhs_number: str) -> bool:
        return nhs_number in self._places

    def _flush(self) -> None:
        self._store.executemany(_INSERT, self._waiting)
        self._waiting.clear()

    def _add_row(self, verdict: RowVerdict, person: PersonIn) -> RowVerdict:
        number = person.nhs_number
        place = self._places.get(number)
        if place is None:
            place = self._places[number] = len(self._places) + 1
            why = " ".join(reasons_alone(person, self._today))
            values = (place, number, verdict.row, verdict.verdict.value, person.phone, why, _write(person))
            self._waiting.append(values)
            if len(self._waiting) >= _AT_A_TIME:
                self._flush()
            return verdict
        return self._add_further(place, verdict, person)

    def _add_further(self, place: int, verdict: RowVerdict, person: PersonIn) -> RowVerdict:
        self._flush()
        statement = "SELECT row, verdict, person, others FROM listed WHERE place = ?"
        row, judged, first, others = self._store.execute(statement, (place,)).fetchone()
        before = listed_from_text(row, first, others)
        after = _with_row(before, RowVersion(verdict.row, person))
        if after != before:
            others = json.dumps([[other.row, _write(other.person)] for other in after.others])
            statement = "UPDATE listed SET person = ?, others = ?, phone = ?, why = ? WHERE place = ?"
            why = " ".join(reasons_alone(after.person, self._today))
            self._store.execute(statement, (_write(after.person), others, after.person.phone, why, place))
        if before.person.born != person.born:
            self.withdrawn.setdefault(row, RowVerdict(row, Verdict(judged), before.person))
            return verdict.rejected(self.born_otherwise(verdict.row, row))
        return verdict.with_problem(Verdict.DUPLICATE, self._compare(verdict.row, before.first, person))

    def born_otherwise(self, row: int, other: int | None = None) -> CellProblem:
        """Why nothing is stored of a row that disagrees on the date of birth."""
        message = (
            f"{f'Row {other}' if other else 'A later row'} has this NHS number with another date of birth. They may be "
            "two people, so nothing of either row is stored: once the list is, you will be asked which is right."
        )
        return CellProblem(row, self.header.heading(Field.BORN), "birth-date-conflict", message)

    def _compare(self, row: int, first: RowVersion, person: PersonIn) -> CellProblem:
        differing = _differing(first.person, person)
        if not differing:
            message = f"The same person as in row {first.row}; the codes of both rows are kept."
            return CellProblem(row, self.header.heading(Field.NHS_NUMBER), "repeated", message)
        columns = ", ".join(self.header.heading(name) for name in differing)
        message = (
            f"Row {first.row} is about the same person and says something else ({columns}). "
            "We do not guess: once the list is stored, you will be asked which is right."
        )
        return CellProblem(row, self.header.heading(differing[0]), "conflict", message)


def _with_row(listed: ListedPerson, version: RowVersion) -> ListedPerson:
    """The person with one more row: its codes, what the first row left blank, and what contradicts."""
    stated = version.person
    additions: dict[str, Any] = {}
    differing = _differing(listed.person, stated)
    if Field.BORN not in differing:
        additions = {"codes": listed.person.codes | stated.codes, **_completing(listed.person, stated)}
    first = replace(listed.first, person=listed.person._replace(**additions))
    return ListedPerson(first, _with_version(listed.others, version) if differing else listed.others)


def _with_version(others: tuple[RowVersion, ...], version: RowVersion) -> tuple[RowVersion, ...]:
    """The rows that contradict the first, with one more; one that says the same as another adds its codes to that."""
    for place, other in enumerate(others):
        if _same(other.person, version.person) or _is_event_of(other.person, version.person):
            codes = other.person.codes | version.person.codes
            return (*others[:place], replace(other, person=other.person._replace(codes=codes)), *others[place + 1 :])
    return (*others, version) if len(others) < _MOST_VERSIONS else others


def _is_event_of(person: PersonIn, stated: PersonIn) -> bool:
    """Whether a row says no more of a person than who it is, as the lines of further events do."""
    return stated == PersonIn(person.nhs_number, person.born, codes=stated.codes)


def _completing(person: PersonIn, stated: PersonIn) -> dict[str, Any]:
    additions: dict[str, Any] = {}
    for field, name in COMPARED:
        if field not in _BLANK_SAYS_NO and _is_blank(getattr(person, name)) and not _is_blank(getattr(stated, name)):
            additions[name] = getattr(stated, name)
    if "phone" in additions or (person.phone is None and person.phone_status == PhoneStatus.NONE):
        additions["phone_status"] = stated.phone_status
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
    values = person._asdict() | {"codes": sorted(person.codes)}
    return values | {name: day.isoformat() for name in _DATES if (day := getattr(person, name)) is not None}


def person_from_json(values: dict[str, Any]) -> PersonIn:
    """The person that `person_to_json` wrote."""
    dates = {name: date.fromisoformat(written) for name in _DATES if (written := values.get(name))}
    return PersonIn(**(values | dates | {"codes": frozenset(values["codes"])}))


_CODES = PersonIn._fields.index("codes")
_BORN, *_FURTHER_DATES = map(PersonIn._fields.index, _DATES)
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def _write(person: PersonIn) -> str:
    values: list[Any] = list(person)
    values[_BORN], values[_CODES] = person.born.isoformat(), sorted(person.codes)
    for place in _FURTHER_DATES:
        if person[place] is not None:
            values[place] = values[place].isoformat()
    return _encode(values)


def _read(text: str) -> PersonIn:
    values = json.loads(text)
    values[_BORN], values[_CODES] = date.fromisoformat(values[_BORN]), frozenset(values[_CODES])
    for place in _FURTHER_DATES:
        if place < len(values) and values[place] is not None:  # written before there were so many columns
            values[place] = date.fromisoformat(values[place])
    return PersonIn(*values)


def listed_from_text(row: int, person: str, others: str) -> ListedPerson:
    """A person as `as_texts` gives them."""
    further = tuple(RowVersion(number, _read(text)) for number, text in json.loads(others)) if others != "[]" else ()
    return ListedPerson(RowVersion(row, _read(person)), further)
