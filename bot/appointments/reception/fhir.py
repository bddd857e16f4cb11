"""A visit as an Appointment of FHIR R4 (4.0.1) with what UK Core 1.2.0 adds, for the practice's own system.

Statuses and codes: hl7.org/fhir/R4/appointment.html; the interpreter has no code of its own there, so it is said in
words. No reason for the visit is given. A visit of a phone alone has no patient there, and does not say the phone.
"""

from typing import Any

from bot.appointments.reception.day_view import DayVisit
from bot.tables.appointments import InterpreterState, VisitState
from bot.tables.interpreters import Mode
from bot.tables.organisations import Practice
from bot.tables.patients import Patient

_STATUS = {
    VisitState.BOOKED: "booked",
    VisitState.ARRIVED: "arrived",
    VisitState.ATTENDED: "fulfilled",
    VisitState.DID_NOT_ATTEND: "noshow",
    VisitState.CANCELLED: "cancelled",
}
_CHANNEL = {Mode.IN_PERSON: "In-person", Mode.TELEPHONE: "Telephone", Mode.VIDEO: "Video"}
_UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition"
_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"


def as_appointment(one: DayVisit, practice: Practice) -> dict[str, Any]:
    """The visit as JSON; times are in UTC."""
    visit = one.visit
    appointment: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": visit.code,
        "meta": {"versionId": str(visit.sequence), "lastUpdated": visit.changed_at.isoformat()},
        "extension": [_delivery_channel(Mode(visit.mode)), _booking_organisation(practice)],
        "identifier": [{"value": value} for value in (visit.code, visit.external_ref) if value],
        "status": _STATUS[VisitState(visit.state)],
        "start": visit.starts.isoformat(),
        "end": visit.ends.isoformat(),
        "minutesDuration": one.minutes,
        "created": visit.made_at.isoformat(),
        "participant": [*_participants(one)],
    }
    if visit.state == VisitState.CANCELLED:
        appointment["cancelationReason"] = _given_up(visit.given_up_by)
    return appointment


def _participants(one: DayVisit) -> list[dict[str, Any]]:
    found = [_patient(one, one.patient)] if one.patient else []
    if one.clinician:
        found.append(_participant(one.clinician.name, one.clinician.code))
    if one.site:
        found.append(_participant(f"{one.site.name}, {one.site.address}", one.site.code))
    if one.visit.interpreter_state != InterpreterState.NOT_NEEDED:
        found.append(_interpreter(one))
    return found


def _patient(one: DayVisit, patient: Patient) -> dict[str, Any]:
    needed = one.visit.interpreter_state != InterpreterState.NOT_NEEDED
    identifier = {"system": _NHS_NUMBER, "value": patient.nhs_number}
    actor: dict[str, Any] = {"display": one.name, "identifier": identifier}
    needs = {"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": needed}
    return {"actor": actor | {"extension": [needs]}, "status": "accepted", "required": "required"}


def _participant(display: str, code: str) -> dict[str, Any]:
    return {"actor": {"display": display, "identifier": {"value": code}}, "status": "accepted", "required": "required"}


def _interpreter(one: DayVisit) -> dict[str, Any]:
    there = one.visit.interpreter_state == InterpreterState.BOOKED
    code = one.interpreter.code if one.interpreter else "not yet known"
    return {
        "type": [{"text": "interpreter"}],
        "actor": {"display": code},
        "status": "accepted" if there else "needs-action",
        "required": "required",
    }


def _delivery_channel(mode: Mode) -> dict[str, Any]:
    coding = {"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-DeliveryChannel", "code": _CHANNEL[mode]}
    return {
        "url": f"{_UK_CORE}/Extension-UKCore-DeliveryChannel",
        "valueCodeableConcept": {"coding": [coding]},
    }


def _booking_organisation(practice: Practice) -> dict[str, Any]:
    reference = {"display": practice.name, "identifier": {"value": practice.code}}
    return {"url": f"{_UK_CORE}/Extension-UKCore-BookingOrganization", "valueReference": reference}


def _given_up(by: str | None) -> dict[str, Any]:
    system = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
    return {"coding": [{"system": system, "code": "pat" if by == "person" else "prov"}]}
