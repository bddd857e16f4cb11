"""What a demo says of pharmacies as it starts to serve: the key of one, and what to type with it."""

import json
from typing import Any

from sqlmodel import Session, col, select

from bot.patients.person_codes import show_code
from bot.pharmacy.organising.demo import PHARMACY, demo_key
from bot.pharmacy.organising.keys import key_of
from bot.pharmacy.organising.pharmacies import pharmacy_by_code
from bot.pharmacy.wire.checking import (
    LINE_ITEM_SYSTEM,
    OWNER_SYSTEM,
    PATIENT_SYSTEM,
    PRESCRIPTION_SYSTEM,
    STATUS_SYSTEM,
)
from bot.settings import Settings
from bot.tables.patients import Patient, PersonCode

_NUMBER = "24F5DA-A83008-7EFE6Z"


def first_words(session: Session, settings: Settings) -> list[str]:
    """The demo pharmacy's key, and a line for each of its two ways in; nothing where the demo has none."""
    key = str(demo_key(settings))
    if key_of(session, f"Bearer {key}") is None:
        return []
    pharmacy = pharmacy_by_code(session, PHARMACY)
    lines = [f"{pharmacy.name}'s system has the key {key}  (docs/pharmacies.md says more)"]
    for code, person in _somebody(session):
        lines += [
            f"It is ready, by the JSON API: {_posting(settings, '/api/v1/notices', key)} "
            f"-H 'Content-Type: application/json' -d '{_notice(show_code(code))}'",
            f"By the NHS's wire, gathered for a while: {_posting(settings, '/fhir/prescription-status-update', key)} "
            f"-H 'Content-Type: application/fhir+json' -H \"X-Request-ID: $(date +%s)\" "
            f"-d \"$(ID=try-$(date +%s); echo '{_bundle(pharmacy.ods, person.nhs_number)}' | "
            'sed "s/TASK/$ID/g; s/NOW/$(date -u +%FT%TZ)/")"',
        ]
    return lines


def _somebody(session: Session) -> list[tuple[str, Patient]]:
    """The first person with a code, if there is one."""
    coded = (
        select(PersonCode.code, Patient)
        .join(Patient, col(Patient.id) == col(PersonCode.patient_id))
        .where(col(PersonCode.replaced_at).is_(None))
    )
    return list(session.exec(coded.order_by(col(Patient.id)).limit(1)))


def _posting(settings: Settings, path: str, key: str) -> str:
    return f"curl {settings.base_url}{path} -H 'Authorization: Bearer {key}'"


def _notice(code: str) -> str:
    return json.dumps({"kind": "ready", "person": {"code": code}})


def _bundle(ods: str, nhs_number: str) -> str:
    """One Task; TASK and NOW stand for a new id and the moment."""
    task: dict[str, Any] = {
        "resourceType": "Task",
        "id": "TASK",
        "intent": "order",
        "status": "in-progress",
        "basedOn": [{"identifier": _identifier(PRESCRIPTION_SYSTEM, _NUMBER)}],
        "businessStatus": {"coding": [{"system": STATUS_SYSTEM, "code": "Ready to Collect"}]},
        "focus": {"identifier": _identifier(LINE_ITEM_SYSTEM, "TASK")},
        "for": {"identifier": _identifier(PATIENT_SYSTEM, nhs_number)},
        "owner": {"identifier": _identifier(OWNER_SYSTEM, ods)},
        "lastModified": "NOW",
    }
    entry = {"fullUrl": "urn:uuid:TASK", "resource": task, "request": {"method": "POST", "url": "Task"}}
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, separators=(",", ":"))


def _identifier(system: str, value: str) -> dict[str, str]:
    return {"system": system, "value": value}
