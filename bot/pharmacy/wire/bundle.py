"""A bundle as a whole: how large it may be, what makes it one, and what it is answered if it is not. Pure."""

from collections.abc import Sequence, Set
from datetime import datetime

from bot.pharmacy.wire.answers import (
    MOST_ENTRIES,
    NO_BUNDLE,
    NO_REQUEST_ID,
    Answer,
    bad_ods,
    refused,
    refused_whole,
    stored,
    too_large,
)
from bot.pharmacy.wire.checking import Checked, check_entry
from bot.pharmacy.wire.json_values import at, is_missing, read_json

MOST_BYTES = 1024 * 1024


def read_bundle(body: bytes, request_id: str | None, codes: Set[str], now: datetime) -> Sequence[Checked] | Answer:
    """The entries of a bundle, all of them sound, or what it is answered.

    :param request_id: the header X-Request-ID.
    :param codes: the ODS codes that the sender's key speaks for.
    :param now: UTC.
    """
    if not (request_id or "").strip():
        return refused_whole(NO_REQUEST_ID, now)
    entries = _entries(read_json(body))
    if entries is None:
        return refused_whole(NO_BUNDLE, now)
    if not entries:
        return stored([], now)
    if len(entries) > MOST_ENTRIES:
        return too_large(now)
    return _checked(entries, codes, now)


def _entries(bundle: object) -> list[object] | None:
    if at(bundle, "resourceType") != "Bundle" or at(bundle, "type") != "transaction":
        return None
    entries = at(bundle, "entry")
    if is_missing(entries):
        return []
    return entries if isinstance(entries, list) else None


def _checked(entries: Sequence[object], codes: Set[str], now: datetime) -> Sequence[Checked] | Answer:
    checked = [check_entry(entry, codes, now) for entry in entries]
    if any(each.problems is not None for each in checked):
        return refused(checked, now)
    wrong = [each.bad_ods for each in checked if each.bad_ods is not None]
    return bad_ods(wrong, now) if wrong else checked
