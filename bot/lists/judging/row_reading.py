"""One row of a list while it is read: its cells, what they say of a person, and what is wrong with them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from bot.lists.reading.columns import Field, Header
from bot.lists.reading.table import EPOCH_1900
from bot.patients.cells import shown
from bot.tables.patients import PhoneStatus


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Something about one cell. `row` is the line a person sees in a spreadsheet."""

    row: int
    column: str
    code: str
    message: str


class PersonIn(NamedTuple):
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
    imd_decile: int | None = None
    ethnic_category: str | None = None
    cervical_status: str | None = None
    cervical_deferred_until: date | None = None
    cervical_declined_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What all rows of a list are read by: header, today's date in England, the rule on test numbers, day 0."""

    header: Header
    today: date
    test_numbers: bool
    epoch: date = EPOCH_1900


@dataclass(slots=True)
class RowReading:
    """One row while it is read: its cells, clean, and what was found wrong so far."""

    number: int
    cells: Sequence[str]
    rules: ReadingRules
    problems: list[CellProblem] = field(default_factory=list)

    def text(self, name: Field) -> str:
        """The first cell of that field which says something, else ''."""
        found = self.texts(name)
        return found[0] if found else ""

    def texts(self, name: Field) -> list[str]:
        """Every cell of that field which says something."""
        place = self.rules.header.only_place.get(name)
        if place is None:
            return self.rules.header.cells(name, self.cells) if name in self.rules.header.places else []
        return [cell] if place < len(self.cells) and (cell := self.cells[place]) else []

    def add(self, name: Field, code: str, message: str) -> None:
        """Note a reason on a cell."""
        self.problems.append(CellProblem(self.number, self.rules.header.heading(name), code, message))

    def add_several(self, name: Field, code: str, outcome: str) -> None:
        """Note that columns with the same meaning say different things, and what was made of it."""
        words = " and ".join(shown(word) for word in dict.fromkeys(self.texts(name)))
        message = f"Columns for the same say different things: {words}. {outcome} Leave one."
        self.add(name, f"{code}-several", message)


def differ(values: Iterable[Any]) -> bool:
    """Whether columns with the same meaning say different things; what says nothing contradicts nothing."""
    return len({value for value in values if value not in (None, "")}) > 1
