"""What is wrong with an entry of a bundle: the rules of NHS England's API, in its order and in its sentences. Pure.

Source: NHSDigital/eps-prescription-status-update-api, packages/specification and packages/updatePrescriptionStatus.
Two sentences are ours and come last: a line item that cannot be kept, and an owner the key does not speak for.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.pharmacy.wire.json_values import at, is_missing, shown
from bot.pharmacy.wire.statuses import COMPLETED, ENDS, GOES_ON, IN_PROGRESS, TASK_STATUSES, BusinessStatus, read_status
from bot.pharmacy.wire.values import is_name, is_nhs_number, is_prescription_number, read_moment, read_ods

AHEAD = timedelta(hours=24)
"""How far ahead a moment may be: clocks are wrong by hours."""
SAID_AHEAD = timedelta(hours=999)
"""How far ahead it may be that something is ready, where `meta.lastUpdated` says when that was said."""
LONGEST_NAME = 100
NHS_ID, NHS_CODES = "https://fhir.nhs.uk/Id", "https://fhir.nhs.uk/CodeSystem"

LINE_ITEM, LINE_ITEM_SYSTEM = ("focus", "identifier"), f"{NHS_ID}/prescription-order-item-number"
PATIENT, PATIENT_SYSTEM = ("for", "identifier"), f"{NHS_ID}/nhs-number"
OWNER, OWNER_SYSTEM = ("owner", "identifier"), f"{NHS_ID}/ods-organization-code"
PRESCRIPTION, PRESCRIPTION_SYSTEM = ("basedOn", 0, "identifier"), f"{NHS_ID}/prescription-order-number"
STATUS, STATUS_SYSTEM = ("businessStatus", "coding", 0), f"{NHS_CODES}/task-businessStatus-nppt"

_ENTRY_NEEDS = {"FullUrl": "fullUrl", "Resource": "resource"}
_TASK_NEEDS: dict[str, tuple[str | int, ...]] = {
    "LastModified": ("lastModified",),
    "LineItemID": (*LINE_ITEM, "value"),
    "PatientNHSNumber": (*PATIENT, "value"),
    "PharmacyODSCode": (*OWNER, "value"),
    "PrescriptionID": (*PRESCRIPTION, "value"),
    "Status": (*STATUS, "code"),
    "TaskID": ("id",),
    "TerminalStatus": ("status",),
}
_SYSTEMS: dict[str, tuple[tuple[str | int, ...], str]] = {
    "LineItemID": (LINE_ITEM, LINE_ITEM_SYSTEM),
    "PatientNHSNumber": (PATIENT, PATIENT_SYSTEM),
    "PharmacyODSCode": (OWNER, OWNER_SYSTEM),
    "PrescriptionID": (PRESCRIPTION, PRESCRIPTION_SYSTEM),
    "Status": (STATUS, STATUS_SYSTEM),
}


@dataclass(frozen=True)
class Said:
    """A sound Task: what a pharmacy says of one item of a prescription. Times are UTC.

    `moment` orders what is said of an item; `counts_from` is when it is so, which may be ahead of `moment`.
    """

    task: str
    prescription: str
    item: str
    nhs_number: str
    ods: str
    status: BusinessStatus
    ended: bool
    moment: datetime
    counts_from: datetime
    last_modified: str


@dataclass(frozen=True)
class Checked:
    """An entry with what is wrong with it, or what it says. `ods` is its owner as it was written, if that is no code.

    `full_url` is what its answer carries: as it came, if it is text.
    """

    full_url: str | None
    problems: str | None = None
    bad_ods: str | None = None
    said: Said | None = None


def check_entry(entry: object, codes: Set[str], now: datetime) -> Checked:
    """Hold an entry against every rule.

    :param codes: the ODS codes that the sender's key speaks for.
    :param now: UTC.
    """
    address = at(entry, "fullUrl")
    full_url = address if isinstance(address, str) and address else None
    if missing := _missing_fields(entry):
        return Checked(full_url, f"Missing required field(s) - {', '.join(missing)}.")
    task = at(entry, "resource")
    found = [_address(address, task), *(rule(task, now) for rule in _RULES), _owner(task, codes)]
    if problems := " ".join(filter(None, found)):
        return Checked(full_url, problems)
    owner = at(task, *OWNER, "value")
    if read_ods(owner) is None:
        return Checked(full_url, bad_ods=shown(owner).upper().strip())
    return Checked(full_url, said=_said(task, now))


def _missing_fields(entry: object) -> list[str]:
    missing = [name for name, field in _ENTRY_NEEDS.items() if is_missing(at(entry, field))]
    if "Resource" not in missing:
        task = at(entry, "resource")
        missing += [name for name, path in _TASK_NEEDS.items() if is_missing(at(task, *path))]
    return missing


def _address(full_url: object, task: object) -> str | None:
    name = at(task, "id")
    fits = is_name(name, LONGEST_NAME) and full_url == f"urn:uuid:{name}"
    return None if fits else "Invalid entry fullUrl or task id."


def _task_status(task: object, _now: datetime) -> str | None:
    status = at(task, "status")
    return None if status in TASK_STATUSES else f"Unsupported Task.status '{shown(status)}'."


def _business_status(task: object, _now: datetime) -> str | None:
    return None if read_status(at(task, *STATUS, "code")) else "Invalid business status."


def _last_modified(task: object, now: datetime) -> str | None:
    ahead = AHEAD if is_missing(at(task, "meta", "lastUpdated")) else SAID_AHEAD
    return _moment("lastModified", at(task, "lastModified"), now + ahead)


def _last_updated(task: object, now: datetime) -> str | None:
    written = at(task, "meta", "lastUpdated")
    return None if is_missing(written) else _moment("meta.lastUpdated", written, now + AHEAD)


def _moment(field: str, written: object, latest: datetime) -> str | None:
    moment = read_moment(written)
    if moment is None:
        return f"Date format provided for {field} is invalid."
    return f"Invalid {field} value provided." if moment > latest else None


def _nhs_number(task: object, _now: datetime) -> str | None:
    return None if is_nhs_number(at(task, *PATIENT, "value")) else "NHS number is invalid."


def _prescription(task: object, _now: datetime) -> str | None:
    return None if is_prescription_number(at(task, *PRESCRIPTION, "value")) else "Prescription ID is invalid."


def _resource_type(task: object, _now: datetime) -> str | None:
    return None if at(task, "resourceType") == "Task" else "Resource's resourceType is not 'Task'."


def _statuses_together(task: object, _now: datetime) -> str | None:
    status, written = at(task, "status"), at(task, *STATUS, "code")
    business = read_status(written)
    if business is None:
        return f"Unsupported Task.businessStatus '{shown(written)}'."
    both = f"Task.status field set to '{shown(status)}' but Task.businessStatus value of '{shown(written)}'"
    if status == COMPLETED and business not in ENDS:
        return f"{both} requires follow up action."
    if status == IN_PROGRESS and business not in GOES_ON:
        return f"{both} has no possible follow up action."
    return None


def _code_systems(task: object, _now: datetime) -> str | None:
    wrong = [name for name, (path, system) in _SYSTEMS.items() if at(task, *path, "system") != system]
    return f"Invalid CodeSystem(s) - {', '.join(wrong)}." if wrong else None


def _line_item(task: object, _now: datetime) -> str | None:
    written = at(task, *LINE_ITEM, "value")
    fits = isinstance(written, str) and is_name(written.upper(), LONGEST_NAME)  # capitals may be more letters
    return None if fits else "Line item ID is invalid."


_RULES: tuple[Callable[[object, datetime], str | None], ...] = (
    *(_task_status, _business_status, _last_modified, _last_updated, _nhs_number, _prescription, _resource_type),
    *(_statuses_together, _code_systems, _line_item),
)
"""In the order in which their sentences stand."""


def _owner(task: object, codes: Set[str]) -> str | None:
    """One that is no code at all has an answer of its own."""
    ods = read_ods(at(task, *OWNER, "value"))
    return None if ods is None or ods in codes else f"The key does not speak for Task.owner '{ods}'."


def _said(task: object, now: datetime) -> Said:
    last_modified = at(task, "lastModified")
    ready, said = read_moment(last_modified), read_moment(at(task, "meta", "lastUpdated"))
    assert ready is not None  # noqa: S101 - a rule above
    business = read_status(at(task, *STATUS, "code"))
    assert business is not None  # noqa: S101 - likewise
    return Said(
        task=str(at(task, "id")),
        prescription=str(at(task, *PRESCRIPTION, "value")).upper(),
        item=str(at(task, *LINE_ITEM, "value")).upper(),
        nhs_number=str(at(task, *PATIENT, "value")),
        ods=read_ods(at(task, *OWNER, "value")) or "",
        status=business,
        ended=at(task, "status") == COMPLETED,
        moment=said or ready,
        counts_from=ready if said else min(ready, now),
        last_modified=str(last_modified)[:64],
    )
