"""What a bundle is answered: a `transaction-response` with an entry for each of its own, in their order. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.pharmacy.wire.checking import Checked

Json = dict[str, Any]
CONFLICTS = {
    "system": "https://fhir.nhs.uk/CodeSystem/http-error-codes",
    "code": "REC_CONFLICT",
    "display": "409: The Receiver identified a conflict.",
}
MOST_ENTRIES = 1000
NO_REQUEST_ID = "Missing or empty x-request-id header."
NO_BUNDLE = "Request body does not have resourceType of 'Bundle' and type of 'transaction'."
TOO_LARGE = f"Request body is larger than 1 MiB or has more than {MOST_ENTRIES:,} entries."
NO_KEY = "Missing or invalid bearer token in request."
TOO_MANY = "Too many requests with this bearer token. Try again in a minute."
FAULT = "The Server has encountered an error processing the request."


@dataclass(frozen=True)
class Answer:
    """A status of HTTP and the body that goes with it."""

    status: int
    body: Json


def stored(full_urls: Iterable[str | None], now: datetime) -> Answer:
    """201: all of the bundle is kept; 200 where it has no entries."""
    issue = {"code": "success", "severity": "information", "diagnostics": "No issues detected during validation."}
    entries = [_entry("201 Created", issue, now, full_url) for full_url in full_urls]
    return Answer(201 if entries else 200, _bundle(entries))


def refused(checked: Iterable[Checked], now: datetime) -> Answer:
    """400: nothing is kept, because something is wrong with at least one entry."""
    return Answer(400, _bundle(_judged(each, now) for each in checked))


def refused_whole(diagnostics: str, now: datetime) -> Answer:
    """400: nothing is kept, for what no single entry has done."""
    return Answer(400, _bundle([_faulty(diagnostics, now)]))


def bad_ods(codes: Sequence[str], now: datetime) -> Answer:
    """400: these owners are no organisation codes."""
    listed = json.dumps(codes, separators=(",", ":"), ensure_ascii=False)
    return refused_whole(f"Received invalid ODS codes: {listed}", now)


def conflicting(checked: Sequence[Checked], places: frozenset[int], now: datetime) -> Answer:
    """409: nothing is kept, because the entries at these places are there already."""
    judged = (_conflict(each, now) if place in places else _judged(each, now) for place, each in enumerate(checked))
    return Answer(409, _bundle(judged))


def without_key(now: datetime) -> Answer:
    """401: no key, or one that opens nothing."""
    issue = {"code": "processing", "severity": "error", "diagnostics": NO_KEY}
    return Answer(401, _bundle([_entry("401 Unauthorized", issue, now)]))


def too_large(now: datetime) -> Answer:
    """413: longer than we read, or of more entries."""
    issue = {"code": "too-long", "severity": "error", "diagnostics": TOO_LARGE}
    return Answer(413, _bundle([_entry("413 Content Too Large", issue, now)]))


def too_many(now: datetime) -> Answer:
    """429: more requests with one key than we take."""
    issue = {"code": "temporarily-forbidden", "severity": "error", "diagnostics": TOO_MANY}
    return Answer(429, _bundle([_entry("429 Too Many Requests", issue, now)]))


def fault(now: datetime) -> Answer:
    """500: something went wrong on our side, and nothing is kept."""
    issue = {"code": "exception", "severity": "fatal", "diagnostics": FAULT}
    return Answer(500, _bundle([_entry("500 Internal Server Error", issue, now)]))


def _judged(checked: Checked, now: datetime) -> Json:
    if checked.problems is not None:
        return _faulty(checked.problems, now, checked.full_url)
    words = "Data not committed due to issues in other entries."
    issue = {"code": "informational", "severity": "information", "diagnostics": words}
    return _entry("200 OK", issue, now, checked.full_url)


def _faulty(diagnostics: str, now: datetime, full_url: str | None = None) -> Json:
    issue = {"code": "value", "severity": "error", "diagnostics": diagnostics}
    return _entry("400 Bad Request", issue, now, full_url)


def _conflict(checked: Checked, now: datetime) -> Json:
    words = "Request contains a task id and prescription id identical to a record already in the data store."
    issue = {"code": "duplicate", "severity": "error", "details": {"coding": [CONFLICTS]}, "diagnostics": words}
    entry = _entry("409 Conflict", issue, now)
    task = checked.said.task if checked.said else ""
    entry["response"] |= {"location": f"Task/{task}", "lastModified": _instant(now)}
    return entry


def _entry(status: str, issue: Json, now: datetime, full_url: str | None = None) -> Json:
    outcome = {"resourceType": "OperationOutcome", "meta": {"lastUpdated": _instant(now)}, "issue": [issue]}
    response: Json = {"status": status, "outcome": outcome}
    return {"response": response} if full_url is None else {"fullUrl": full_url, "response": response}


def _bundle(entries: Iterable[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": list(entries)}


def _instant(moment: datetime) -> str:
    """A FHIR instant: 2026-11-24T09:00:00.000Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
