"""Rows of one list that are about the same person. Pure.

Clinical systems repeat a patient's line for every event. Such a line is a duplicate whose codes are kept.
Lines that contradict each other need a person to decide; until then the first one counts.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.people.columns import Field, Header
from bot.people.verdicts import PersonIn, Problem, RowVerdict, Verdict

_COMPARED: tuple[tuple[Field, str], ...] = (
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


@dataclass(frozen=True, slots=True)
class _First:
    """The first row about a person: small, because every person of a long list has one."""

    row: int
    marks: tuple[int, ...]


@dataclass
class People:
    """Everybody met in a list so far, and the codes of all their rows."""

    header: Header
    codes: dict[str, frozenset[str]] = field(default_factory=dict)
    _first: dict[str, _First] = field(default_factory=dict)
    _known_codes: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def group(self, verdicts: Iterable[RowVerdict]) -> Iterator[RowVerdict]:
        """The same verdicts, with every later row about a person met before made a duplicate."""
        for verdict in verdicts:
            yield verdict if verdict.person is None else self._meet(verdict, verdict.person)

    def _meet(self, verdict: RowVerdict, person: PersonIn) -> RowVerdict:
        self._keep_codes(person)
        marks = _marks(person)
        first = self._first.get(person.nhs_number)
        if first is None:
            self._first[person.nhs_number] = _First(verdict.row, marks)
            return verdict
        return verdict.with_problem(Verdict.DUPLICATE, self._compare(verdict.row, first, marks))

    def _keep_codes(self, person: PersonIn) -> None:
        codes = self.codes.get(person.nhs_number, frozenset()) | person.codes
        self.codes[person.nhs_number] = self._known_codes.setdefault(codes, codes)

    def _compare(self, row: int, first: _First, marks: tuple[int, ...]) -> Problem:
        differing = [
            name for (name, _), was, now in zip(_COMPARED, first.marks, marks, strict=True) if now not in (0, was)
        ]
        if not differing:
            message = f"The same person as in row {first.row}; the codes of both rows are kept."
            return Problem(row, self.header.heading(Field.NHS_NUMBER), "repeated", message)
        columns = ", ".join(self.header.heading(name) for name in differing)
        message = (
            f"Row {first.row} is about the same person and says something else ({columns}). "
            f"Row {first.row} was used. Check which is right."
        )
        return Problem(row, self.header.heading(differing[0]), "conflict", message)


def _marks(person: PersonIn) -> tuple[int, ...]:
    """A number for each compared value, 0 where the row says nothing: a blank contradicts nothing."""
    values = (getattr(person, name) for _, name in _COMPARED)
    return tuple(0 if value in (None, "") else zlib.crc32(str(value).casefold().encode()) for value in values)
