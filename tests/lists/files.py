"""Files of the other kinds for tests: workbooks, and FHIR."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
INTERPRETER = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"


def workbook(*rows: Sequence[Any], titles: Sequence[str] = ("Sheet1",)) -> bytes:
    """A workbook whose last sheet has these rows."""
    book = Workbook()
    book.remove(book.active)
    for title in titles:
        sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return target.getvalue()


def with_member(content: bytes, name: str, replaced: bytes) -> bytes:
    """The same archive with one member replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        members = {member: packed.read(member) for member in packed.namelist()}
    return archive(members | {name: replaced})


def patient(number: str = "9990000077", born: str = "1960-05-12", **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "resourceType": "Patient",
        "id": number,
        "identifier": [{"system": NHS_NUMBER, "value": number}],
        "name": [{"use": "official", "family": "Example", "given": ["Alex"]}],
        "gender": "female",
        "birthDate": born,
        "telecom": [{"system": "phone", "use": "mobile", "value": "07700 900123"}],
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "ur"}]}, "preferred": True}],
        "extension": [{"url": INTERPRETER, "valueBoolean": True}],
    }
    return values | changes


def condition(subject: Any, code: str = "195967001", **changes: Any) -> dict[str, Any]:
    coding = {"system": "http://snomed.info/sct", "code": code}
    values: dict[str, Any] = {"resourceType": "Condition", "code": {"coding": [coding]}}
    if subject is not None:
        values["subject"] = subject
    return values | changes


def bundle(*resources: dict[str, Any], **changes: Any) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries} | changes
