"""Which column of a list is which: the plain list's header and the names that other exports use. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache

from bot.patients.cells import clean


class Field(StrEnum):
    """What a column may hold; the value is its heading in the plain list."""

    NHS_NUMBER = "NHS Number"
    SURNAME = "Surname"
    GIVEN_NAME = "Given Name"
    FULL_NAME = "Full Name"
    BORN = "Date of Birth"
    SEX = "Sex"
    PHONE = "Mobile Telephone"
    LANGUAGE = "Main Language"
    INTERPRETER = "Interpreter Required"
    CODES = "Problem Codes"
    REGISTRATION = "Registration Status"
    DIED = "Date of Death"
    CONSENT = "SMS Consent"
    IMD_DECILE = "IMD Decile"
    ETHNIC_CATEGORY = "Ethnic Category"
    CERVICAL = "Cervical Screening"
    DEFERRED_UNTIL = "Deferred Until"
    CERVICAL_DECLINED = "Cervical Declined"


_LONGEST_HEADING = 1000  # letters; what is longer is a text, of which this much tells enough
SCREENING = (Field.CERVICAL, Field.DEFERRED_UNTIL, Field.CERVICAL_DECLINED)
"""What a list says of cervical screening."""

OPTIONAL = (Field.FULL_NAME, Field.IMD_DECILE, Field.ETHNIC_CATEGORY, *SCREENING)
PLAIN_LIST = tuple(field for field in Field if field not in OPTIONAL)
"""The header of the plain list, in its order."""

NEEDED = (Field.NHS_NUMBER, Field.BORN)

_ALIASES: Mapping[Field, str] = {
    Field.NHS_NUMBER: "nhs no|nhs num",
    Field.SURNAME: "last name|family name",
    Field.GIVEN_NAME: "given names|forename|forenames|first name",
    Field.FULL_NAME: "patient name|name|patient full name|patient",
    Field.BORN: "dob|birth date|d.o.b.",
    Field.SEX: "gender",
    Field.PHONE: "mobile telephone number|mobile|mobile number|mobile phone|telecom number|mobile tel",
    Field.LANGUAGE: "main spoken language|first language|preferred language|spoken language|language",
    Field.INTERPRETER: "interpreter needed",
    Field.CODES: "problem code|codes|code|snomed code|snomed codes|snomed ct code|snomed ct codes|problems",
    Field.REGISTRATION: "patient type",
    Field.DIED: "deceased",
    Field.CONSENT: "consent to text|text message consent",
    Field.IMD_DECILE: "deprivation decile|index of multiple deprivation decile|imd decile 2019|imd 2019 decile"
    "|imd decile 2025|imd 2025 decile",
    Field.ETHNIC_CATEGORY: "ethnicity|ethnic origin|ethnic group|ethnic category code",
    Field.CERVICAL: "cervical due|smear due|cervical screening due|cervical smear due|smear test due"
    "|cervical screening status|cervical status|smear status|csms status|recall status|cervical recall status"
    "|cervical due date|cervical screening due date|smear due date|smear test due date"
    "|next test due date|next test due|next test date|next smear due|next smear due date|next smear date",
    Field.DEFERRED_UNTIL: "deferred to|deferred till|deferred until date|deferral end|deferral end date"
    "|cervical deferred until|cervical screening deferred until|smear deferred until",
    Field.CERVICAL_DECLINED: "cervical declined date|cervical screening declined|cervical screening declined date"
    "|smear declined|smear declined date|cervical smear declined|date cervical declined"
    "|date cervical screening declined|declined cervical screening",
}


def squash(heading: str) -> str:
    """A heading without its case, spaces and marks, at most 200 letters: how headings are compared and remembered."""
    return _squash(heading[:_LONGEST_HEADING])


@lru_cache(maxsize=2048)
def _squash(heading: str) -> str:
    return re.sub(r"[\W_]+", "", _clean(heading)).casefold()[:200]


_clean = lru_cache(maxsize=2048)(clean)


Meanings = Mapping[str, Field | None]
"""What a practice said its headings mean, by `squash`; None: that column is not for us."""

_BY_HEADING: Meanings = {squash(name): field for field in Field for name in (field.value, *_ALIASES[field].split("|"))}
NO_MEANINGS: Meanings = {}


def field_of(heading: str, meanings: Meanings = NO_MEANINGS) -> Field | None:
    """What a column of that heading holds, in any case and spacing; None when it is not for us."""
    squashed = squash(heading)
    return meanings[squashed] if squashed in meanings else _BY_HEADING.get(squashed)


@dataclass(frozen=True)
class Header:
    """Where each field stands. A field may have several columns: the first that says something counts.

    A blank cell is an answer, but for `silent_blanks`: of those a list can say one thing only.
    """

    places: Mapping[Field, tuple[int, ...]]
    headings: tuple[str, ...]
    silent_blanks: frozenset[Field] = frozenset()

    @cached_property
    def fields(self) -> frozenset[Field]:
        """What the list says anything about."""
        return frozenset(self.places)

    @cached_property
    def only_place(self) -> Mapping[Field, int]:
        """Where each field stands that has one column, as most have."""
        return {field: places[0] for field, places in self.places.items() if len(places) == 1}

    def has(self, field: Field) -> bool:
        """Whether the list says anything about that."""
        return field in self.places

    def heading(self, field: Field) -> str:
        """What the list calls that field: its first column's heading."""
        return self.headings[self.places[field][0]] if field in self.places else field.value

    def cells(self, field: Field, row: Sequence[str]) -> list[str]:
        """Every cell of that field which is not blank. The row's cells are clean already."""
        return [row[place] for place in self.places.get(field, ()) if place < len(row) and row[place]]

    def without(self, field: Field) -> "Header":
        """The same list, that column not read."""
        return replace(self, places={name: at for name, at in self.places.items() if name is not field})

    def with_silent_blanks(self, *fields: Field) -> "Header":
        """The same list, in which a blank cell of these says nothing."""
        return replace(self, silent_blanks=frozenset(fields))

    def answered(self) -> frozenset[Field]:
        """Of which fields a blank cell takes away what is stored."""
        return frozenset(self.places) - self.silent_blanks

    def missing(self) -> tuple[Field, ...]:
        """Needed columns that are not there."""
        return tuple(field for field in NEEDED if field not in self.places)


def absent_fields(answered: Collection[Field]) -> tuple[Field, ...]:
    """What a list says nothing about, so that what is stored of it stays."""
    named = (Field.SURNAME, Field.GIVEN_NAME) if Field.FULL_NAME in answered else ()
    return tuple(field for field in PLAIN_LIST if not (field in answered or field in named))


def read_header(row: Sequence[str], meanings: Meanings = NO_MEANINGS) -> Header:
    """Map the headings of a row to fields; what the practice said of a heading comes first."""
    places: dict[Field, list[int]] = {}
    for place, heading in enumerate(row):
        if (field := field_of(heading, meanings)) is not None:
            places.setdefault(field, []).append(place)
    return Header(
        {field: tuple(at) for field, at in places.items()}, tuple(_clean(cell[:_LONGEST_HEADING]) for cell in row)
    )
