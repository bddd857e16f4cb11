"""Bundles as dispensing systems post them."""

import itertools
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from bot.pharmacy.wire.checking import (
    LINE_ITEM_SYSTEM,
    OWNER_SYSTEM,
    PATIENT_SYSTEM,
    PRESCRIPTION_SYSTEM,
    STATUS_SYSTEM,
)

Json = dict[str, Any]
PRESCRIPTION, OTHER_PRESCRIPTION = "24F5DA-A83008-7EFE6Z", "16B2E0-A83008-81C13H"
REQUEST_ID = "60e0b220-8136-4ca5-ae46-1d97ef59d068"
ADDRESS = "/fhir/prescription-status-update"
_ENDED = ("Collected", "Dispatched", "Not Dispensed")
_count = itertools.count(1)


def a_task(
    status: str = "Ready to Collect",
    *,
    nhs_number: str = "9990000018",
    ods: str = "FA123",
    prescription: str = PRESCRIPTION,
    item: str = "6989B7BD-8DB6-428C-A593-4022E3044C00",
    at: str = "2026-11-24T09:00:00Z",
    task: str | None = None,
    said: str | None = None,
    task_status: str | None = None,
) -> Json:
    """A sound Task. `said` is its `meta.lastUpdated`."""
    made = {
        "resourceType": "Task",
        "id": task or str(UUID(int=next(_count))),
        "basedOn": [{"identifier": {"system": PRESCRIPTION_SYSTEM, "value": prescription}}],
        "status": task_status or ("completed" if status in _ENDED else "in-progress"),
        "businessStatus": {"coding": [{"system": STATUS_SYSTEM, "code": status}]},
        "intent": "order",
        "focus": {"identifier": {"system": LINE_ITEM_SYSTEM, "value": item}},
        "for": {"identifier": {"system": PATIENT_SYSTEM, "value": nhs_number}},
        "lastModified": at,
        "owner": {"identifier": {"system": OWNER_SYSTEM, "value": ods}},
    }
    return made | ({"meta": {"lastUpdated": said}} if said else {})


def entry_of(task: Json) -> Json:
    return {"fullUrl": f"urn:uuid:{task['id']}", "resource": task, "request": {"method": "POST", "url": "Task"}}


def bundle_of(*tasks: Json) -> Json:
    return {"resourceType": "Bundle", "type": "transaction", "entry": [entry_of(task) for task in tasks]}


def post(client: FlaskClient, key: str, body: Any, address: str = ADDRESS, **headers: str) -> Any:
    """Post a bundle, or any other JSON."""
    sent = {"Authorization": f"Bearer {key}", "X-Request-ID": REQUEST_ID, "Content-Type": "application/fhir+json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    content = {"data": body} if isinstance(body, bytes | str) else {"json": body}
    return client.post(address, headers=sent, **content)


def sentences(answer: Any) -> list[str]:
    """What each entry of an answer says."""
    return [entry["response"]["outcome"]["issue"][0]["diagnostics"] for entry in answer.json["entry"]]
