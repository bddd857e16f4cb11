"""FHIR R4 Schedules and Slots (UK Core, as BaRS has them) to rows of slots. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.appointments.timetable.slot_files import LONGEST_REFERENCE, SlotRow, read_status, set_times
from bot.lists.reading.fhir_reading import NumberedResource, resources
from bot.lists.reading.fhir_values import codes_of_concept, extensions_of, objects_of, text_of, words_of_concept
from bot.patients.cells import shown
from bot.refusals import Refused

_EXPORT = "Export Schedule and Slot as FHIR R4 JSON: one Bundle, or one resource a line (NDJSON)."
_PEOPLE = ("Practitioner", "PractitionerRole")
_CHANNEL = "DeliveryChannel"

_Known = dict[str, dict[str, Any]]
"""Resources by every reference to them."""


def read_fhir(content: bytes) -> list[SlotRow]:
    """The Slots of a file as rows, by the numbers of their entries.

    :raises Refused: it is not FHIR as JSON, or has no Slot.
    """
    known: _Known = {}
    slots: list[NumberedResource] = []
    faults: list[SlotRow] = []
    for item in _resources(content):
        if item.fault:
            faults.append(_faulty(item))
        elif item.kind == "Slot" and item.resource is not None and not item.deleted:
            slots.append(item)
        elif item.resource is not None:
            known |= dict.fromkeys(_references(item), item.resource)
    if not slots:
        raise Refused("no-slots", f"There is no Slot in this file. {_EXPORT}")
    return faults + [_row(item, known) for item in _newest(slots)]


def _resources(content: bytes) -> Iterator[NumberedResource]:
    try:
        yield from resources(content)
    except Refused as refused:
        raise Refused(refused.code, f"The file cannot be read to its end as FHIR. {_EXPORT}") from None


def _faulty(item: NumberedResource) -> SlotRow:
    row = SlotRow(item.number)
    if item.fault:
        row.reject("", item.fault.code, item.fault.message)
    return row


def _newest(slots: list[NumberedResource]) -> Iterator[NumberedResource]:
    """Of the versions of one slot, in a file that tells of changes, the newest."""
    newest: dict[str, NumberedResource] = {}
    for item in slots:
        if item.key and (item.key not in newest or item.is_newer_than(newest[item.key])):
            newest[item.key] = item
    return (item for item in slots if item.key is None or newest[item.key] is item)


def _references(item: NumberedResource) -> list[str]:
    name = text_of((item.resource or {}).get("id"))
    return [reference for reference in (f"{item.kind}/{name}" if name else "", item.full_url) if reference]


def _row(item: NumberedResource, known: _Known) -> SlotRow:
    slot = item.resource or {}
    row = SlotRow(item.number, sure=False, reference=_reference_of(slot))
    schedule = _referred(slot.get("schedule"), known)
    if schedule is None:
        row.reject("schedule", "no-schedule", "Its Schedule is not in this file, so we cannot know whose time it is.")
    else:
        row.schedule = text_of((slot.get("schedule") or {}).get("reference"))
        row.clinician = _words_of_actors(schedule, known, people=True)
        row.clinic = [*_words_of_actors(schedule, known, people=False), *_words_of(schedule), *_words_of(slot)]
    _read_times(row, slot)
    read_status(row, "status", text_of(slot.get("status")))
    _refuse_other_channels(row, slot, schedule or {})
    return row


def _reference_of(slot: dict[str, Any]) -> str:
    """Its id, else an identifier. A long one tells by its end."""
    identifiers = [text_of(item.get("value")) for item in objects_of(slot.get("identifier"))]
    found = next((value for value in (text_of(slot.get("id")), *identifiers) if value), "")
    return found[-LONGEST_REFERENCE:]


def _referred(reference: Any, known: _Known) -> dict[str, Any] | None:
    written = text_of(reference.get("reference")) if isinstance(reference, dict) else ""
    return known.get(written) or known.get("/".join(written.split("/_history/")[0].split("/")[-2:]))


def _words_of_actors(schedule: dict[str, Any], known: _Known, *, people: bool) -> list[str]:
    """Everything by which the clinicians, or else the places and services, of a Schedule are called."""
    words: list[str] = []
    for actor in objects_of(schedule.get("actor")):
        reference = text_of(actor.get("reference"))
        resource = _referred(actor, known) or {}
        kind = text_of(actor.get("type")) or text_of(resource.get("resourceType")) or _kind_of(reference)
        if (kind in _PEOPLE) is people:
            words += [*_values(actor.get("identifier")), text_of(actor.get("display"))]
            words += [*_words_of(resource), *_names_of(resource), reference.split("/")[-1]]
    return [word for word in words if word]


def _kind_of(reference: str) -> str:
    return reference.split("/")[-2] if "/" in reference else ""


def _values(identifier: Any) -> list[str]:
    return [text_of(item.get("value")) for item in objects_of(identifier)]


def _words_of(resource: dict[str, Any]) -> list[str]:
    words = [*_values(resource.get("identifier")), text_of(resource.get("id"))]
    for name in ("serviceType", "serviceCategory", "specialty", "appointmentType"):
        words += [*codes_of_concept(resource.get(name)), *words_of_concept(resource.get(name))]
    return [word for word in words if word]


def _names_of(resource: dict[str, Any]) -> list[str]:
    name = resource.get("name")
    if isinstance(name, str):
        return [name.strip()]
    return [_name_of(item) for item in objects_of(name)]


def _name_of(name: dict[str, Any]) -> str:
    parts = (text_of(name.get("prefix")), text_of(name.get("given")), text_of(name.get("family")))
    return text_of(name.get("text")) or " ".join(part for part in parts if part)


def _read_times(row: SlotRow, slot: dict[str, Any]) -> None:
    found: list[datetime] = []
    for name in ("start", "end"):
        written = text_of(slot.get(name))
        moment = _instant(written)
        if moment is None:
            row.reject(name, "bad-time", f"{shown(written) or 'Nothing'} is not a time. Write an instant of FHIR.")
            return
        if moment.tzinfo is None:
            row.reject(name, "no-zone", f"{shown(written)} does not say its zone. Write it as 2026-11-24T09:30:00Z.")
            return
        found.append(moment)
    set_times(row, found[0], found[1], "start", "end")


def _instant(written: str) -> datetime | None:
    """None also for a year that is none of ours, such as the last a computer knows: not every zone has it."""
    try:
        moment = datetime.fromisoformat(written) if "T" in written else None
    except ValueError:
        return None
    return moment if moment is not None and 2000 <= moment.year < 2100 else None


def _refuse_other_channels(row: SlotRow, slot: dict[str, Any], schedule: dict[str, Any]) -> None:
    """Whoever is booked here comes, so a slot in which the practice rings people is none of ours."""
    channels = {
        code.casefold()
        for resource in (slot, schedule)
        for extension in extensions_of(resource, _CHANNEL)
        for code in codes_of_concept(extension.get(""))
    }
    if channels and "in-person" not in channels:
        message = "It is by telephone or video. Take in the slots in which people come to the practice."
        row.reject("extension", "not-in-person", message)
