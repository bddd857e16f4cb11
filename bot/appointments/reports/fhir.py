"""FHIR R4 Appointments (UK Core) to rows of a report: from a Bundle, an array or NDJSON. Pure.

Who and where is looked up among the Patients, Practitioners and Locations of the same file, or stands in the
Appointment itself.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bot.appointments.reports.columns import ReportField, ReportHeader, read_report_header
from bot.clock import london_today
from bot.lists.reading.fhir_patients import nhs_numbers
from bot.lists.reading.fhir_reading import NumberedResource, resources
from bot.lists.reading.fhir_values import codes_of_concept, extensions_of, objects_of, text_of, words_of_concept
from bot.lists.reading.table import Row, RowFault
from bot.refusals import Refused

_HAS_ZONE = re.compile(r"T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:\d{2})$")
_NO_ZONE = RowFault(
    "no-zone",
    "The start of this Appointment does not say its zone, so we cannot know when it is. Write it as "
    "2026-11-24T09:30:00+00:00.",
    unusable=True,
)
_EXPORT = "Export Appointment and Patient as FHIR R4 JSON: one Bundle, or one resource a line (NDJSON)."
_FIELDS = tuple(ReportField)
_HEADER = read_report_header([field.value for field in _FIELDS])
_PATIENTS = ("Patient",)
_PEOPLE = ("Practitioner", "PractitionerRole")
_CHANNEL = "DeliveryChannel"

_Names = dict[str, tuple[str, str]]
"""By every reference to a resource its kind, and the name or NHS number that stands for it."""


def read_appointments(content: bytes) -> tuple[ReportHeader, Callable[[], Iterator[Row]]]:
    """The Appointments of a file as rows of a report.

    :raises Refused: it is not FHIR as JSON, has no Appointment, or breaks off before its last page.
    """
    named: _Names = {}
    newest: dict[str, NumberedResource] = {}
    found = 0
    for item in _resources(content):
        found += item.kind == "Appointment"
        if item.kind in (*_PATIENTS, "Location", *_PEOPLE) and item.resource:
            _note_name(item, item.resource, named)
        if item.key and (item.key not in newest or item.is_newer_than(newest[item.key])):
            newest[item.key] = item.without_content()
    if not found:
        raise Refused("no-appointments", f"There is no Appointment in this file. {_EXPORT}")
    return _HEADER, partial(_rows, content, named, {item.place for item in newest.values()})


def _resources(content: bytes) -> Iterator[NumberedResource]:
    """:raises Refused: as `read_appointments`, in words about appointments."""
    try:
        yield from resources(content)
    except Refused as refused:
        raise Refused(refused.code, f"The file cannot be read to its end as FHIR. {_EXPORT}") from None


def _rows(content: bytes, named: _Names, newest: set[int]) -> Iterator[Row]:
    for item in _resources(content):
        if item.fault:
            yield Row(item.number, [], item.fault)
        elif item.kind == "Appointment" and not item.deleted and item.resource:
            yield from [_row(item.number, item.resource, named)] if item.key is None or item.place in newest else ()


def _row(number: int, appointment: dict[str, Any], named: _Names) -> Row:
    start = text_of(appointment.get("start"))
    cells = {
        ReportField.REF: _ref(appointment),
        ReportField.NHS_NUMBER: _who(appointment, _PATIENTS, named),
        ReportField.START: start,
        ReportField.LENGTH: text_of(appointment.get("minutesDuration")),
        ReportField.END: text_of(appointment.get("end")),
        ReportField.CLINICIAN: _who(appointment, _PEOPLE, named),
        ReportField.CLINIC: next(iter(words_of_concept(appointment.get("serviceType"))), ""),
        ReportField.SITE: _who(appointment, ("Location",), named),
        ReportField.STATUS: text_of(appointment.get("status")),
        ReportField.MODE: _mode(appointment),
    }
    fault = None if _HAS_ZONE.search(start) else _NO_ZONE
    return Row(number, [cells.get(field, "") for field in _FIELDS], fault if start else None)


def _ref(appointment: dict[str, Any]) -> str:
    identifiers = [text_of(item.get("value")) for item in objects_of(appointment.get("identifier"))]
    return next((value for value in (*identifiers, text_of(appointment.get("id"))) if value), "")


def _mode(appointment: dict[str, Any]) -> str:
    values = [value[""] for value in extensions_of(appointment, _CHANNEL)]
    codes = [code for value in values for code in codes_of_concept(value)]
    return next(iter((*codes, *words_of_concept(appointment.get("appointmentType")))), "")


def _who(appointment: dict[str, Any], kinds: tuple[str, ...], named: _Names) -> str:
    """What stands for the first participant of a kind: an NHS number, or a name."""
    for participant in objects_of(appointment.get("participant")):
        actor = participant.get("actor")
        if isinstance(actor, dict) and (found := _actor(actor, kinds, named)) is not None:
            return found
    return ""


def _actor(actor: dict[str, Any], kinds: tuple[str, ...], named: _Names) -> str | None:
    """None where the actor is of another kind."""
    reference = text_of(actor.get("reference"))
    relative = "/".join(reference.split("/")[-2:])
    kind, name = named.get(reference) or named.get(relative) or (relative.split("/")[0], "")
    if (text_of(actor.get("type")) or kind) not in kinds:
        return None
    identifier = actor.get("identifier")
    own = text_of(identifier.get("value")) if isinstance(identifier, dict) else ""
    if kinds == _PATIENTS:
        return own or name
    return name or text_of(actor.get("display")) or own


def _note_name(item: NumberedResource, resource: dict[str, Any], named: _Names) -> None:
    kind = item.kind or ""
    if kind in _PATIENTS:
        name = " / ".join(nhs_numbers(resource, london_today()))
    elif kind == "Location":
        name = text_of(resource.get("name"))
    else:
        name = _name_of_person(resource)
    for reference in (f"{kind}/{text_of(resource.get('id'))}", item.full_url):
        if reference:
            named[reference] = kind, name


def _name_of_person(resource: dict[str, Any]) -> str:
    for name in objects_of(resource.get("name")):
        whole = text_of(name.get("text")) or f"{text_of(name.get('given'))} {text_of(name.get('family'))}".strip()
        if whole:
            return whole
    person = resource.get("practitioner")
    return text_of(person.get("display")) if isinstance(person, dict) else ""
