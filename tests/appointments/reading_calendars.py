"""The lines of a calendar's file put together again: what tests look at in a feed."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

_UNESCAPED = {"n": "\n", "N": "\n"}


def read_calendar(content: bytes) -> list[dict[str, Any]]:
    """The events of a file: each value by its name, and `starts` and `ends` in UTC."""
    assert content.endswith(b"\r\n")
    lines = content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    events: list[dict[str, Any]] = []
    for line in lines:
        name, _, value = line.partition(":")
        assert re.fullmatch(r"[A-Z-]+(;[A-Z]+=[^;:]+)*", name), line
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and line != "END:VEVENT":
            events[-1][name.partition(";")[0]] = _plain(value)
            if name.startswith(("DTSTART", "DTEND")):
                events[-1]["starts" if name.startswith("DTSTART") else "ends"] = _moment(name, value)
    return events


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: _UNESCAPED.get(match[1], match[1]), value)


def _moment(name: str, value: str) -> datetime:
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%S%z").astimezone(UTC)
    zone = ZoneInfo(name.partition("TZID=")[2])
    return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC)
