"""Lists for tests: rows by column name, in the order of the plain list."""

import csv
import io
from collections.abc import Mapping

from bot.lists.judging.grouping import ListedPeople, ListedPerson, listed_from_text
from bot.lists.reading.columns import PLAIN_LIST, read_header

PLAIN = read_header(PLAIN_LIST)
COLUMNS = [field.value for field in PLAIN_LIST]
USUAL = {
    "NHS Number": "999 000 0077",
    "Surname": "Example",
    "Given Name": "Alex",
    "Date of Birth": "12/05/1960",
    "Sex": "F",
    "Mobile Telephone": "07700 900123",
    "Main Language": "Urdu",
    "Problem Codes": "195967001",
    "Registration Status": "Registered",
}


def cells(**changes: str) -> list[str]:
    """A usual row; `Mobile_Telephone=""` changes the cell of that column."""
    values = USUAL | {name.replace("_", " "): value for name, value in changes.items()}
    return [values.get(name, "") for name in COLUMNS]


def plain_list(*rows: list[str], header: list[str] | None = None, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header or COLUMNS, *rows])
    return text.getvalue().encode()


def with_columns(*rows: Mapping[str, str]) -> bytes:
    """A list that has only these columns."""
    return plain_list(*(list(row.values()) for row in rows), header=list(rows[0]))


def listed_people(people: ListedPeople) -> list[ListedPerson]:
    return [listed_from_text(*texts) for texts in people.as_texts()]
