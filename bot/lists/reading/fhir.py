"""FHIR R4 (UK Core) to rows: Patients with their coded Conditions, from a Bundle, an array or NDJSON.

Source: HL7 UK Core Patient and Condition, and the older CareConnect NHSCommunication extension.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from bot.clock import london_today
from bot.lists.reading.columns import PLAIN_LIST, Field, read_header
from bot.lists.reading.fhir_patients import NHS_NUMBER, patient_cells
from bot.lists.reading.fhir_reading import NumberedResource, resources
from bot.lists.reading.rows import Row, RowFault, Table
from bot.refusals import Refused

_SNOMED = "http://snomed.info/sct"
_NOT_SO = {"refuted", "entered-in-error"}
_NO_MORE = {"resolved"}
_NOBODY = RowFault(
    "condition-of-nobody", "This Condition names no Patient of this file, so we cannot know whose it is.", True
)
_EMPTY = RowFault("empty-patient", "This Patient says nothing, so we cannot know who it is.", True)
_FIELDS = tuple(field for field in PLAIN_LIST if field is not Field.CONSENT)
"""FHIR has no place for consent to texts: what is stored of it stays."""


def read_fhir(content: bytes) -> Table:
    """A list of the Patients in a file; it says something about codes only when there are Conditions.

    :raises Refused: it is not FHIR as JSON, has no Patient, or breaks off before its last page.
    """
    names: set[str] = set()
    codes: dict[str, frozenset[str]] = {}
    conditions = False
    for item in resources(content):
        kind = item.resource.get("resourceType") if item.resource else None
        if kind == "Patient" and item.resource:
            names.update(_names(item, item.resource))
        elif kind == "Condition" and item.resource:
            conditions = True
            _note_condition(item.resource, codes)
    if not names:
        raise Refused("no-patients", "There is no Patient in this file. Export Patient and Condition as FHIR R4 JSON.")
    fields = _FIELDS if conditions else tuple(field for field in _FIELDS if field is not Field.CODES)
    return Table(read_header(fields), 0, partial(_rows, content, fields, names, codes, london_today()))


def _rows(
    content: bytes, fields: tuple[Field, ...], names: set[str], codes: dict[str, frozenset[str]], today: date
) -> Iterator[Row]:
    for item in resources(content):
        if item.fault or item.resource is None:
            yield Row(item.number, [], item.fault)
            continue
        kind = item.resource.get("resourceType")
        if kind == "Patient":
            theirs = frozenset[str]().union(*(codes.get(name, frozenset()) for name in _names(item, item.resource)))
            cells = patient_cells(item.resource, today) | {Field.CODES: ";".join(sorted(theirs))}
            stated = [cells.get(field, "") for field in fields]
            yield Row(item.number, stated, None if any(stated) else _EMPTY)
        elif kind == "Condition" and not (set(_subject_names(item.resource)) & names):
            yield Row(item.number, [], _NOBODY)


def _names(item: NumberedResource, patient: dict[str, Any]) -> Iterator[str]:
    """Everything by which a Condition may refer to this Patient."""
    if isinstance(name := patient.get("id"), str) and name:
        yield f"Patient/{name}"
    if item.full_url:
        yield item.full_url
    for identifier in _objects(patient.get("identifier")):
        if identifier.get("system") == NHS_NUMBER and isinstance(value := identifier.get("value"), str):
            yield _by_number(value)
    if not patient.get("id") and not item.full_url:
        yield f"#{item.number}"


def _by_number(value: str) -> str:
    return "nhs:" + value.replace(" ", "")


def _subject_names(condition: dict[str, Any]) -> Iterator[str]:
    subject = condition.get("subject")
    if not isinstance(subject, dict):
        return
    if isinstance(reference := subject.get("reference"), str) and reference:
        yield reference
        pieces = reference.split("/_history/")[0].split("/")
        if len(pieces) > 1 and pieces[-2] == "Patient":
            yield f"Patient/{pieces[-1]}"
    identifier = subject.get("identifier")
    if isinstance(identifier, dict) and isinstance(value := identifier.get("value"), str):
        yield _by_number(value)


def _note_condition(condition: dict[str, Any], codes: dict[str, frozenset[str]]) -> None:
    if _status(condition, "verificationStatus") & _NOT_SO or _status(condition, "clinicalStatus") & _NO_MORE:
        return
    code = condition.get("code")
    found = {
        value
        for coding in _objects(code.get("coding") if isinstance(code, dict) else None)
        if coding.get("system") == _SNOMED and isinstance(value := coding.get("code"), str)
    }
    for name in _subject_names(condition):
        codes[name] = codes.get(name, frozenset()) | found


def _status(condition: dict[str, Any], name: str) -> set[str]:
    status = condition.get(name)
    codings = _objects(status.get("coding") if isinstance(status, dict) else None)
    return {value for coding in codings if isinstance(value := coding.get("code"), str)}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
