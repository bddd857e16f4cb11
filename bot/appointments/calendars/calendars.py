"""Calendars as files (RFC 5545), for other people's programs to subscribe to. Pure.

Written by hand: what classic Outlook, Google and Apple read is a small part of the format, and the zone has to be two
rules with BYDAY, for some of them take a list of dates as UTC.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.clock import LONDON

_LINE = 75  # octets
_EOL = "\r\n"
_HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Easy to Reach//Visits//EN",
    "CALSCALE:GREGORIAN",
    "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
    "X-PUBLISHED-TTL:PT15M",
)
_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/London",
    "BEGIN:STANDARD",
    "DTSTART:19961027T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0000",
    "TZNAME:GMT",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:19970330T010000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0100",
    "TZNAME:BST",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
)


@dataclass(frozen=True)
class Event:
    """One entry of a calendar. Times are aware; `uid` stays for ever, `sequence` goes up with what it shows.

    `off`: it will not take place, and stays for a while so that programs take it out. `changed_at`: since when this
    is so.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts: datetime
    ends: datetime
    title: str
    place: str = ""
    words: str = ""
    off: bool = False


def write_calendar(name: str, events: Iterable[Event]) -> bytes:
    """The file; the same events make the same octets."""
    lines = [*_HEAD, f"X-WR-CALNAME:{_escaped(name)}", *_ZONE]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}{_EOL}" for line in lines).encode()


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(event.uid)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{_utc(event.changed_at)}"
    yield f"DTSTART{_moment(event.starts)}"
    yield f"DTEND{_moment(event.ends)}"
    yield f"SUMMARY:{_escaped(event.title)}"
    if event.place:
        yield f"LOCATION:{_escaped(event.place)}"
    if event.words:
        yield f"DESCRIPTION:{_escaped(event.words)}"
    yield f"STATUS:{'CANCELLED' if event.off else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if event.off else 'OPAQUE'}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _moment(moment: datetime) -> str:
    """On the wall in London; a time that comes twice in the night of October means the first, the second is in UTC."""
    wall = moment.astimezone(LONDON)
    return f":{_utc(moment)}" if wall.fold else f";TZID=Europe/London:{wall:%Y%m%dT%H%M%S}"


def _escaped(text: str) -> str:
    """Words as a value; a line break within them stays one, other signs that cannot be seen go."""
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\r", "\n"), ("\n", "\\n")):
        text = text.replace(sign, written)
    return "".join(char for char in text if char.isprintable())


def _folded(line: str) -> str:
    """A line in pieces of at most 75 octets, no letter torn apart."""
    if len(line) * 4 <= _LINE or len(line.encode()) <= _LINE:
        return line
    pieces, piece, size = [], "", 0
    for char in line:
        width = len(char.encode())
        if size + width > _LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + char, size + width
    return _EOL.join([*pieces, piece])
