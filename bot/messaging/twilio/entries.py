"""An entry of Twilio's list of messages, read forgivingly: a server that speaks its wire may leave fields out.

A text that is there and is not recognised would go twice, so an entry counts unless what it says rules it out.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

RECEIVED = ("received", "receiving")
LARGEST_CODE = 999_999


def text_of(entry: Mapping[str, Any], field: str) -> str | None:
    """A field as text; None when it is missing or empty."""
    value = entry.get(field)
    return str(value) if value not in (None, "") else None


def code_of(value: object) -> int | None:
    """An error code, also where it is written as text; None when there is none that can be one of Twilio's."""
    written = str(value)
    if not (written.isascii() and written.isdecimal()) or not 0 < int(written[:9]) <= LARGEST_CODE:
        return None
    return int(written[:9])


def moment_of(entry: Mapping[str, Any]) -> datetime | None:
    """When it was made (UTC), or the earliest moment known after that; None when it has no date that can be read."""
    for field in ("date_created", "date_sent", "date_updated"):
        moment = _read_moment(text_of(entry, field))
        if moment is not None:
            return moment
    return None


def is_inbound(entry: Mapping[str, Any]) -> bool:
    """Whether a person sent it to us."""
    direction = text_of(entry, "direction")
    return direction.startswith("in") if direction else text_of(entry, "status") in RECEIVED


def may_be(entry: Mapping[str, Any], to: str, body: str, parts: int, since: datetime) -> bool:
    """Whether this can be our text to that phone, made since then.

    Words that Twilio was told not to keep are compared by the number of parts, if it knows that already.
    """
    made = moment_of(entry)
    phone = text_of(entry, "to")
    if is_inbound(entry) or (phone and _digits(phone) != _digits(to)) or (made is not None and made < since):
        return False
    words = text_of(entry, "body")
    if words is not None:
        return words == body
    return code_of(entry.get("num_segments")) in (parts, None)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def _read_moment(written: str | None) -> datetime | None:
    """RFC 2822 in any zone, or ISO 8601; without a zone it is UTC."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(written or "")
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError):
            continue
    return None
