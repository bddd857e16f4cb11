"""One FHIR Patient as the cells of a plain list. Pure; whatever shape the JSON has, cells come out."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.lists.reading.columns import Field
from bot.patients.phones import read_phone
from bot.texts.languages import find_language

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_INTERPRETER = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
_COMMUNICATION = (
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication",
    "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-NHSCommunication-1",
)
_NAME_USES = ("official", "usual", "", "temp", "nickname", "anonymous")
_PHONE_SYSTEMS = ("phone", "sms")
_PHONE_USES = ("mobile", "", "home", "work", "temp")


def patient_cells(patient: dict[str, Any], today: date) -> dict[Field, str]:
    """What the Patient says, by field; a field that is not there says nothing.

    :param today: the date in England; names and numbers whose time is over, or has not begun, are none.
    """
    surname, given = _name(patient, today)
    return {
        Field.NHS_NUMBER: _nhs_number(patient),
        Field.SURNAME: surname,
        Field.GIVEN_NAME: given,
        Field.BORN: _text(patient.get("birthDate")),
        Field.SEX: _text(patient.get("gender")),
        Field.PHONE: _phone(patient, today),
        Field.LANGUAGE: _language(patient),
        Field.INTERPRETER: _interpreter(patient),
        Field.REGISTRATION: "inactive" if patient.get("active") is False else "",
        Field.DIED: _died(patient),
    }


def _nhs_number(patient: dict[str, Any]) -> str:
    for identifier in _objects(patient.get("identifier")):
        if identifier.get("system") == NHS_NUMBER and identifier.get("use") != "old":
            return _text(identifier.get("value"))
    return ""


def _name(patient: dict[str, Any], today: date) -> tuple[str, str]:
    for name in _by_use(_objects(patient.get("name")), _NAME_USES, today):
        given = name.get("given")
        first = _text(given[0]) if isinstance(given, list) and given else _text(given)
        if name.get("family") or first:
            return _text(name.get("family")), first
        if text := _text(name.get("text")):
            first, _, family = text.rpartition(" ")
            return family, first
    return "", ""


def _phone(patient: dict[str, Any], today: date) -> str:
    """The first mobile, those called so first, or else the first number of any kind; one out of use is none.

    A mobile at work is taken only where there is no other number: others may answer it.
    """
    points = [point for point in _objects(patient.get("telecom")) if point.get("system") in _PHONE_SYSTEMS]
    present = _by_use([point for point in points if _text(point.get("value"))], _PHONE_USES, today)
    private = [point for point in present if point.get("use") != "work"]
    mobiles = [point for point in private if read_phone(_text(point["value"]), test_numbers=True).number]
    return next((_text(point["value"]) for point in (*mobiles, *present)), "")


def _by_use(items: list[dict[str, Any]], uses: tuple[str, ...], today: date) -> list[dict[str, Any]]:
    present = [item for item in items if (item.get("use") or "") in uses and _in_force(item, today)]
    return sorted(present, key=lambda item: (uses.index(item.get("use") or ""), _rank(item)))


def _in_force(item: dict[str, Any], today: date) -> bool:
    """Whether today is within the item's period, both ends of which may be a year or a month alone."""
    period = item.get("period")
    if not isinstance(period, dict):
        return True
    start, end = _text(period.get("start"))[:10], _text(period.get("end"))[:10]
    day = today.isoformat()
    return start <= day[: len(start)] and (not end or end >= day[: len(end)])


def _rank(item: dict[str, Any]) -> int:
    rank = item.get("rank")
    return rank if isinstance(rank, int) else 1 << 20


def _language(patient: dict[str, Any]) -> str:
    """The preferred language, or the only one. Of several without a preferred one none is chosen."""
    spoken = [*_objects(patient.get("communication")), *(_flat(found) for found in _extensions(patient))]
    preferred = [item for item in spoken if item.get("preferred") is True] or spoken
    languages = list(dict.fromkeys(word for item in preferred if (word := _concept(item.get("language")))))
    if len(languages) < 2:
        return "".join(languages)
    return f"{len(languages)} languages: {', '.join(languages)}"


def _concept(value: Any) -> str:
    """The first of its codes and words that is a language we know, or else the first of all."""
    if not isinstance(value, dict):
        return ""
    codings = _objects(value.get("coding"))
    words = [_text(coding.get(name)) for name in ("code", "display") for coding in codings]
    words = [word for word in (*words, _text(value.get("text"))) if word]
    return next((word for word in words if find_language(word)), words[0] if words else "")


def _interpreter(patient: dict[str, Any]) -> str:
    answers = [found.get("valueBoolean") for found in _extension(patient, _INTERPRETER)]
    answers += [_flat(found).get("interpreterRequired") for found in _extensions(patient)]
    stated = {answer for answer in answers if isinstance(answer, bool)}
    return ("Y" if True in stated else "N") if stated else ""


def _extensions(patient: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for url in _COMMUNICATION:
        yield from _extension(patient, url)


def _extension(patient: dict[str, Any], url: str) -> list[dict[str, Any]]:
    return [found for found in _objects(patient.get("extension")) if found.get("url") == url]


def _flat(extension: dict[str, Any]) -> dict[str, Any]:
    """A complex extension as name and value."""
    flat: dict[str, Any] = {}
    for part in _objects(extension.get("extension")):
        values = [value for name, value in part.items() if name.startswith("value")]
        if values and isinstance(part.get("url"), str):
            flat[part["url"]] = values[0]
    return flat


def _died(patient: dict[str, Any]) -> str:
    if moment := _text(patient.get("deceasedDateTime")):
        return moment
    died = patient.get("deceasedBoolean")
    return ("Y" if died else "N") if isinstance(died, bool) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
