"""Calendars as files (RFC 5545), for other people's programs to subscribe to. Pure.

The zone is our own: icalendar writes one as a list of dates, which classic Outlook does not read, and shows bare UTC
then. Two rules with BYDAY are understood by all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import icalendar
from icalendar import Calendar, vDatetime, vInt, vText

from bot.clock import LONDON

_ZONE = icalendar.Timezone.from_ical(
    "\r\n".join(
        (
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
    )
)

_ON = vText("CONFIRMED"), vText("OPAQUE")
_OFF = vText("CANCELLED"), vText("TRANSPARENT")
_PRIVATE = vText("PRIVATE")


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
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Easy to Reach//Visits//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-published-ttl", "PT15M")
    calendar.add("x-wr-calname", _words(name))
    calendar.add_component(_ZONE)
    for event in events:
        calendar.add_component(_entry(event))
    written: bytes = calendar.to_ical(sorted=False)
    return written


def _entry(event: Event) -> icalendar.Event:
    entry = icalendar.Event()
    entry["uid"] = _words(event.uid)
    entry["sequence"] = vInt(event.sequence)
    entry["dtstamp"] = vDatetime(event.changed_at.astimezone(UTC))
    entry["dtstart"], entry["dtend"] = _moment(event.starts), _moment(event.ends)
    entry["summary"] = _words(event.title)
    for name, value in (("location", event.place), ("description", event.words)):
        if value:
            entry[name] = _words(value)
    entry["status"], entry["transp"] = _OFF if event.off else _ON
    entry["class"] = _PRIVATE
    return entry


def _moment(moment: datetime) -> vDatetime:
    """On the wall in London; a time that comes twice in the night of October means the first, the second is in UTC."""
    wall = moment.astimezone(LONDON)
    return vDatetime(moment.astimezone(UTC) if wall.fold else wall)


@lru_cache(maxsize=1024)
def _words(text: str) -> vText:
    """Words as a value: a line break within them stays one, other signs that cannot be seen go.

    Titles and places come again from entry to entry.
    """
    if text.isprintable():
        return vText(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return vText("\n".join("".join(filter(str.isprintable, line)) for line in lines))
