"""Made-up waiting lists for the pure half of the plan: clinics with free slots, interpreters, and who waits."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.appointments.joint.choosing import Asked, FreeSlot, Picture, Place, SeenBy
from bot.appointments.packing.ground import Request
from bot.clock import LONDON
from bot.interpreters.suiting import IN_PERSON, Busy, Candidate, Travel

MONDAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 27, 19, tzinfo=UTC)
SITES = 8
LANGUAGES = ("ur", "bn", "pl", "ro", "ar", "pt", "gu", "so", "fa", "tr", "ti", "am")
"""The first is spoken twice as often as the second, three times as often as the third, and so on."""
_WEIGHTS = [1 / place for place in range(1, len(LANGUAGES) + 1)]
_HALVES = ((9, 12), (13, 17))
World = tuple[Sequence[Request], Mapping[int, Picture]]


@dataclass(frozen=True)
class Size:
    """How many requests, interpreters, days and free doubles; of how many half days an interpreter works."""

    requests: int = 300
    interpreters: int = 60
    days: int = 5
    doubles: int = 300
    sites: int = SITES
    works: float = 0.2


def a_world(seed: int, size: Size = Size()) -> World:
    """The waiting list that the facts on booking measured, section 6: a third ask for a woman, travel 15 to 40."""
    chance = random.Random(seed)
    travel = _travel(chance, size.sites)
    interpreters = [_interpreter(chance, number, size) for number in range(1, size.interpreters + 1)]
    pictures = {
        clinic: _picture(chance, clinic, _share(size, clinic), size.days, interpreters, travel)
        for clinic in range(1, size.sites + 1)
    }
    return [_request(chance, number, size) for number in range(1, size.requests + 1)], pictures


def asks(language: str = "ur", clinician_sex: str | None = None, interpreter_sex: str | None = None) -> Asked:
    """An interpreted visit in two slots."""
    return Asked(True, True, language, clinician_sex, interpreter_sex, IN_PERSON, NOW)


def at(clock: str, day: int = 0) -> datetime:
    """That time in London, so many days after the Monday."""
    moment = datetime.combine(MONDAY + timedelta(days=day), time.fromisoformat(clock), tzinfo=LONDON)
    return moment.astimezone(UTC)


def slots(first: int, clinician: int, clock: str, count: int, day: int = 0, kept: str | None = "") -> list[FreeSlot]:
    """So many free slots of ten minutes, one after the other, numbered from `first`."""
    ten, begins = timedelta(minutes=10), at(clock, day)
    return [
        FreeSlot(first + n, clinician, clinician, begins + n * ten, begins + (n + 1) * ten, kept) for n in range(count)
    ]


def a_picture(clinic: int, free: Sequence[FreeSlot], interpreters: Sequence[Candidate]) -> Picture:
    """A clinic of women at a site of its own, half an hour from every other."""
    seen_by = {slot.clinician_id or 0: SeenBy(slot.clinician_id or 0, "DR", "A Nurse", "F") for slot in free}
    site = Place(clinic, f"SITE-{clinic}", "A Site", "1 Road")
    return Picture(clinic, site, free, seen_by, interpreters, half_an_hour, ())


def half_an_hour(one: int | None, other: int | None) -> int:
    return 0 if one == other else 30


def an_interpreter(
    number: int, *languages: str, opens: str = "09:00", closes: str = "12:00", **more: object
) -> Candidate:
    """Somebody who works those hours on every day, for the language of `asks` where none is said."""
    hours = tuple((day, time.fromisoformat(opens), time.fromisoformat(closes)) for day in range(7))
    values: dict[str, object] = {
        "id": number,
        "code": f"I{number:03}",
        "name": "Somebody",
        "sex": "F",
        "languages": frozenset(languages or ("ur",)),
        "notice": {IN_PERSON: 0},
        "hours": hours,
        "away": (),
        "linked": True,
    }
    return Candidate(**(values | more))  # type: ignore[arg-type]


def waits(number: int, clinic: int = 1, asked: Asked | None = None, **more: object) -> Request:
    """Who has waited the longer, the smaller the number."""
    values: dict[str, object] = {
        "id": number,
        "person": number,
        "clinic_id": clinic,
        "since": NOW - timedelta(hours=1000 - number),
        "asked": asked or asks(),
    }
    return Request(**(values | more))  # type: ignore[arg-type]


def busy(clock: str, minutes: int = 20, site: int = 1, day: int = 0) -> Busy:
    begins = at(clock, day)
    return Busy(begins, begins + timedelta(minutes=minutes), site, IN_PERSON)


def _travel(chance: random.Random, sites: int) -> Travel:
    pairs = [(one, other) for one in range(1, sites + 1) for other in range(one + 1, sites + 1)]
    minutes = {pair: chance.randint(15, 40) for pair in pairs}

    def between(one: int | None, other: int | None) -> int:
        return 0 if one == other else minutes[min(one or 0, other or 0), max(one or 0, other or 0)]

    return between


def _share(size: Size, clinic: int) -> int:
    return size.doubles // size.sites + (clinic <= size.doubles % size.sites)


def _interpreter(chance: random.Random, number: int, size: Size) -> Candidate:
    hours = tuple(
        (day, time(opens), time(closes))
        for day in range(size.days)
        for opens, closes in _HALVES
        if chance.random() < size.works
    )
    own = {LANGUAGES[number - 1]} if number <= len(LANGUAGES) else set()
    languages = own | set(chance.choices(LANGUAGES, _WEIGHTS, k=chance.choice((1, 2))))
    return an_interpreter(number, *languages, hours=hours, sex=chance.choice("FM"))


def _picture(
    chance: random.Random, clinic: int, doubles: int, days: int, interpreters: Sequence[Candidate], travel: Travel
) -> Picture:
    """Sessions of six doubles at most, each of a clinician of its own."""
    free: list[FreeSlot] = []
    seen_by: dict[int, SeenBy] = {}
    for first in range(0, doubles, 6):
        clinician = 1000 * clinic + first
        seen_by[clinician] = SeenBy(clinician, f"C{clinician}", "A Clinician", "F" if chance.random() < 0.6 else "M")
        clock, day = chance.choice(("09:00", "10:00", "13:00", "14:00")), chance.randrange(days)
        free += slots(2 * clinician, clinician, clock, 2 * min(6, doubles - first), day)
    site = Place(clinic, f"SITE-{clinic}", "A Site", "1 Road")
    return Picture(clinic, site, free, seen_by, interpreters, travel, ())


def _request(chance: random.Random, number: int, size: Size) -> Request:
    woman = "F" if chance.random() < 0.3 else None
    asked = asks(chance.choices(LANGUAGES, _WEIGHTS)[0], clinician_sex=woman)
    since = NOW - timedelta(hours=chance.randint(1, 2000))
    return waits(number, number % size.sites + 1, asked, since=since)
