"""FHIR STU3 and R4 (UK Core) to rows: Patients with their coded Conditions, from a Bundle, an array or NDJSON."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from bot.clock import london_today
from bot.lists.reading.columns import PLAIN_LIST, Field, read_header
from bot.lists.reading.fhir_conditions import by_number, condition_codes, subject_names
from bot.lists.reading.fhir_patients import nhs_numbers, patient_cells, patient_fault
from bot.lists.reading.fhir_reading import NumberedResource, resources
from bot.lists.reading.table import Row, RowFault, Table
from bot.refusals import Refused

_NOBODY = RowFault(
    "condition-of-nobody", "This Condition names no Patient of this file, so we cannot know whose it is.", True
)
_EMPTY = RowFault("empty-patient", "This Patient says nothing, so we cannot know who it is.", True)
_DELETED = RowFault("patient-deleted", "This Patient was deleted where the file comes from, so it is not used.", True)
_FIELDS = (*(name for name in PLAIN_LIST if name not in (Field.CODES, Field.CONSENT)), Field.FULL_NAME)


@dataclass
class _Contents:
    """What a file holds: everything by which its Patients are called, and the codes of their Conditions.

    `newest` is where the version that counts of each resource stands, in a file that tells of changes.
    """

    today: date
    names: set[str] = field(default_factory=set)
    codes: dict[str, set[str]] = field(default_factory=dict)
    newest: dict[str, NumberedResource] = field(default_factory=dict)
    patients: bool = False
    conditions: bool = False
    refusals: bool = False

    def note(self, item: NumberedResource) -> None:
        """Take up one resource, or that it is one of several versions."""
        if item.key is None:
            self.note_resource(item)
        elif (before := self.newest.get(item.key)) is None or item.is_newer_than(before):
            self.newest[item.key] = item.without_content()

    def note_resource(self, item: NumberedResource) -> None:
        """Take up what a resource says."""
        self.patients |= item.kind == "Patient"
        if item.resource is None:
            return
        if item.kind == "Patient":
            self.names.update(_names(item, item.resource, self.today))
            self.refusals |= bool(patient_cells(item.resource, self.today).get(Field.CONSENT))
        elif item.kind == "Condition" and not item.deleted:
            self.conditions = True
            codes = condition_codes(item.resource, self.today)
            for name in subject_names(item.resource):
                self.codes.setdefault(name, set()).update(codes)

    def counts(self, item: NumberedResource) -> bool:
        """Whether no newer version of this resource is in the file."""
        return item.key is None or self.newest[item.key].place == item.place

    def fields(self) -> tuple[Field, ...]:
        """What the file says something about. FHIR cannot say that somebody agrees to texts, only that they do not."""
        return (*_FIELDS, *[Field.CODES] * self.conditions, *[Field.CONSENT] * self.refusals)


def read_fhir(content: bytes) -> Table:
    """A list of the Patients in a file; it says something about codes only when there are Conditions.

    :raises Refused: it is not FHIR as JSON, has no Patient, or breaks off before its last page.
    """
    contents = _Contents(london_today())
    for item in resources(content):
        contents.note(item)
    for item in resources(content) if contents.newest else ():
        if item.key is not None and contents.counts(item):
            contents.note_resource(item)
    if not contents.patients:
        raise Refused("no-patients", "There is no Patient in this file. Export Patient and Condition as FHIR R4 JSON.")
    header = read_header(contents.fields()).with_silent_blanks(Field.CONSENT)
    return Table(header, 0, partial(_rows, content, contents))


def _rows(content: bytes, contents: _Contents) -> Iterator[Row]:
    for item in resources(content):
        if item.fault:
            yield Row(item.number, [], item.fault)
        elif contents.counts(item):
            yield from _row(item, contents)


def _row(item: NumberedResource, contents: _Contents) -> Iterator[Row]:
    if item.kind == "Patient" and (item.deleted or item.resource is None):
        yield Row(item.number, _stated(item.resource or {}, contents, frozenset()), _DELETED)
    elif item.resource is None or item.deleted:
        return
    elif item.kind == "Patient":
        names = _names(item, item.resource, contents.today)
        codes = frozenset[str]().union(*(contents.codes.get(name, set()) for name in names))
        cells = _stated(item.resource, contents, codes)
        fault = patient_fault(item.resource, contents.today) if any(cells) else _EMPTY
        yield Row(item.number, cells, fault)
    elif item.kind == "Condition" and not (set(subject_names(item.resource)) & contents.names):
        yield Row(item.number, [], _NOBODY)


def _stated(patient: dict[str, Any], contents: _Contents, codes: frozenset[str]) -> list[str]:
    cells = patient_cells(patient, contents.today) | {Field.CODES: ";".join(sorted(codes))}
    return [cells.get(name, "") for name in contents.fields()]


def _names(item: NumberedResource, patient: dict[str, Any], today: date) -> Iterator[str]:
    """Everything by which a Condition may refer to this Patient."""
    if isinstance(name := patient.get("id"), str) and name:
        yield f"Patient/{name}"
    if item.full_url:
        yield item.full_url
    yield from map(by_number, nhs_numbers(patient, today))
    if not patient.get("id") and not item.full_url:
        yield f"#{item.place}"
