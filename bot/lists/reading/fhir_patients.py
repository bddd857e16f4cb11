"""One FHIR Patient as the cells of a plain list. Pure; whatever shape the JSON has, cells come out.

Sources: HL7 FHIR STU3 and R4, "Patient"; HL7 UK Core and CareConnect extensions; the Personal Demographics Service.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.lists.reading.columns import Field
from bot.lists.reading.fhir_conditions import by_number
from bot.lists.reading.fhir_values import (
    codes_of_concept,
    extensions_of,
    in_force,
    objects_of,
    plain_words,
    text_of,
    word_of,
    words_of_concept,
)
from bot.lists.reading.table import RowFault
from bot.patients.cells import shown
from bot.patients.phones import read_phone
from bot.texts.languages import find_language

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_NHS_NUMBERS = frozenset(
    ("fhir.nhs.uk/id/nhs-number", "fhir.nhs.net/id/nhs-number", "urn:oid:2.16.840.1.113883.2.1.4.1")
)
_NAME_USES = ("official", "usual", "", "temp", "nickname", "anonymous")
_PHONE_SYSTEMS = ("phone", "sms")
_PHONE_USES = ("mobile", "", "home", "work", "temp")
_REPLACED = ("replaced-by", "replace")
_DIED = ("1", "2")
"""Informal and formal, of "DEATH NOTIFICATION STATUS"; U is a notice that was removed."""
_NO_TELEPHONE = "8"
"""Of "PREFERRED CONTACT METHOD"."""


def patient_cells(patient: dict[str, Any], today: date) -> dict[Field, str]:
    """What the Patient says, by field; a field that is not there says nothing.

    :param today: the date in England; numbers whose time is over, or has not begun, are none.
    """
    return {
        **_name(patient, today),
        Field.NHS_NUMBER: " / ".join(nhs_numbers(patient, today)),
        Field.BORN: text_of(patient.get("birthDate")),
        Field.SEX: text_of(patient.get("gender")),
        Field.PHONE: _phone(patient, today),
        Field.LANGUAGE: _language(patient),
        Field.INTERPRETER: _interpreter(patient),
        Field.REGISTRATION: _registration(patient, today),
        Field.DIED: _died(patient),
        Field.CONSENT: _consent(patient),
    }


def nhs_numbers(patient: dict[str, Any], today: date) -> list[str]:
    """The NHS numbers in force, each once: one, unless the Patient is muddled."""
    found = [item for item in objects_of(patient.get("identifier")) if _system(item) in _NHS_NUMBERS]
    present = [item for item in found if item.get("use") != "old" and in_force(item, today)]
    numbers = [text_of(item.get("value")) for item in present]
    return list({by_number(number): number for number in numbers if number}.values())


def patient_fault(patient: dict[str, Any], today: date) -> RowFault | None:
    """What is wrong with the Patient as a whole."""
    for link in objects_of(patient.get("link")):
        if link.get("type") in _REPLACED:
            message = "This record was replaced by another one, so it is not used. The other one counts."
            return RowFault("patient-replaced", message, unusable=True)
    systems = sorted({text_of(item.get("system")) or "none" for item in objects_of(patient.get("identifier"))})
    if systems and not nhs_numbers(patient, today):
        here = shown(", ".join(systems))
        message = f"No NHS number in force was found. It is looked for under {NHS_NUMBER}; this Patient has {here}."
        return RowFault("no-nhs-identifier", message)
    return None


def _system(identifier: dict[str, Any]) -> str:
    system = text_of(identifier.get("system")).lower().rstrip("/")
    return system.removeprefix("https://").removeprefix("http://")


def _name(patient: dict[str, Any], today: date) -> dict[Field, str]:
    """The first that says something; a name in force before those of the past, of which the last counts."""
    names = objects_of(patient.get("name"))
    for name in (*_by_use(names, _NAME_USES, today), *sorted(names, key=_ended, reverse=True)):
        surname, given = text_of(name.get("family")), text_of(name.get("given"))
        if surname or given:
            return {Field.SURNAME: surname, Field.GIVEN_NAME: given}
        if text := text_of(name.get("text")):
            return {Field.FULL_NAME: text}
    return {}


def _ended(name: dict[str, Any]) -> str:
    period = name.get("period")
    return text_of(period.get("end")) if isinstance(period, dict) else ""


def _phone(patient: dict[str, Any], today: date) -> str:
    """The first mobile, those called so first, or else the first number of any kind; one out of use is none.

    A mobile at work is taken only where there is no other number: others may answer it.
    """
    points = [point for point in objects_of(patient.get("telecom")) if point.get("system") in _PHONE_SYSTEMS]
    present = _by_use([point for point in points if text_of(point.get("value"))], _PHONE_USES, today)
    private = [point for point in present if point.get("use") != "work"]
    mobiles = [point for point in private if read_phone(text_of(point["value"]), test_numbers=True).number]
    return next((text_of(point["value"]) for point in (*mobiles, *present)), "")


def _by_use(items: list[dict[str, Any]], uses: tuple[str, ...], today: date) -> list[dict[str, Any]]:
    present = [item for item in items if (item.get("use") or "") in uses and in_force(item, today)]
    return sorted(present, key=lambda item: (uses.index(item.get("use") or ""), _rank(item)))


def _rank(item: dict[str, Any]) -> int:
    rank = item.get("rank")
    return rank if isinstance(rank, int) else 1 << 20


def _language(patient: dict[str, Any]) -> str:
    """The preferred language, or the only one. Of several without a preferred one none is chosen."""
    spoken = [*objects_of(patient.get("communication")), *extensions_of(patient, "NHSCommunication")]
    preferred = [item for item in spoken if _is_true(item.get("preferred"))] or spoken
    languages = list(dict.fromkeys(word for item in preferred if (word := _concept(item.get("language")))))
    if len(languages) < 2:
        return "".join(languages)
    return f"{len(languages)} languages: {', '.join(languages)}"


def _concept(value: Any) -> str:
    """The first of its codes and words that is a language we know, or else the first of all."""
    if not isinstance(value, dict):
        return ""
    words = [*codes_of_concept(value), *words_of_concept(value)]
    return next((word for word in words if find_language(word)), words[0] if words else "")


def _interpreter(patient: dict[str, Any]) -> str:
    answers = [found[""] for found in extensions_of(patient, "patient-interpreterRequired")]
    answers += [found.get("interpreterRequired") for found in extensions_of(patient, "NHSCommunication")]
    stated = [word for answer in answers if (word := word_of(answer))]
    return "Y" if any(map(_is_true, stated)) else next(iter(stated), "")


def _is_true(value: Any) -> bool:
    return plain_words(word_of(value)) in ("y", "true", "1")


def _registration(patient: dict[str, Any], today: date) -> str:
    active = word_of(patient.get("active"))
    if active and not _is_true(active):
        return f"active: {active}"
    if any(_applies(removal, "effectiveTime", today) for removal in extensions_of(patient, "RemovalFromRegistration")):
        return "removed from registration"
    return next((word for found in extensions_of(patient, "RegistrationDetails") for word in _left(found, today)), "")


def _left(details: dict[str, Any], today: date) -> Iterator[str]:
    """Whether the details of a registration (CareConnect) say that the person is not, or not regularly, registered."""
    status, kind = (codes_of_concept(details.get(f"registration{name}")) for name in ("Status", "Type"))
    if status and "A" not in status:
        yield f"registration status {status[0]}"
    if kind and "R" not in kind:
        yield f"registration type {kind[0]}"
    if not _applies(details, "registrationPeriod", today):
        yield "registration ended"


def _applies(found: dict[str, Any], period: str, today: date) -> bool:
    return in_force({"period": found.get(period)}, today)


def _died(patient: dict[str, Any]) -> str:
    """A date, Y or N, or whatever stands there: what cannot be read still says that somebody died."""
    if moment := word_of(patient.get("deceasedDateTime")):
        return moment
    notices = [notice for found in extensions_of(patient, "DeathNotificationStatus") for notice in _codes_of(found)]
    return "Y" if any(notice in _DIED for notice in notices) else word_of(patient.get("deceasedBoolean"))


def _codes_of(extension: dict[str, Any]) -> list[str]:
    return [code for value in extension.values() for code in codes_of_concept(value)]


def _consent(patient: dict[str, Any]) -> str:
    """A wish for no telephone contact refuses texts; any other preference says nothing about them."""
    for found in extensions_of(patient, "ContactPreference"):
        method = found.get("PreferredContactMethod", found[""])
        words = map(plain_words, words_of_concept(method))
        if _NO_TELEPHONE in codes_of_concept(method) or any("no telephone" in word for word in words):
            return "Declined"
    return ""
