"""Waiting requests into interpreters' hours: the scarcest first, then repaired by one move. Pure.

A solver is not needed: on 300 requests this reaches 98 to 100% of the proven bound in a fraction of a second, gives the
same plan for the same input, and explains whom it leaves out (facts on booking, section 6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from bot.appointments.joint.choosing import Picture
from bot.appointments.packing.ground import Ground, Request, Starts
from bot.appointments.packing.placing import Placed, Placing
from bot.appointments.packing.reasons import why_left_out
from bot.clock import LONDON
from bot.interpreters.suiting import Busy, minutes_between

MOST_PASSES = 3


@dataclass(frozen=True)
class Placement:
    """A time that a plan has for a request (UTC), in free slots of its clinic."""

    request_id: int
    starts: datetime
    ends: datetime
    site_id: int
    clinician_id: int | None
    interpreter_id: int
    slots: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Who is placed, in order of request; of everybody else, by request, why not.

    `queue`: the requests that first come, first served would have placed. `travel_minutes`: of the interpreters,
    to and from what is planned, between visits of one day.
    """

    placements: tuple[Placement, ...]
    why: Mapping[int, str]
    queue: frozenset[int]
    travel_minutes: int


def pack(requests: Sequence[Request], pictures: Mapping[int, Picture]) -> Plan:
    """Place as many as can be; where first come, first served would place no fewer, that is the plan."""
    ground = Ground(requests, pictures)
    pairs = {request.id: ground.pairs_of(request) for request in requests}
    queue = _in_order(ground, pairs, _by_waiting(requests))
    scarcest = sorted(_by_waiting(requests), key=lambda request: _count(pairs[request.id]))
    packed = max(queue, _repaired(_in_order(ground, pairs, scarcest), scarcest), key=lambda each: len(each.placed))
    left = [request for request in requests if request.id not in packed.placed]
    return Plan(
        placements=_placements(packed),
        why={request.id: why_left_out(ground, request, pairs[request.id]) for request in left},
        queue=frozenset(queue.placed),
        travel_minutes=_travel_minutes(packed),
    )


def first_come(requests: Sequence[Request], pictures: Mapping[int, Picture]) -> tuple[Placement, ...]:
    """The yardstick: who has waited longest takes the first time that suits, and so on down the queue."""
    ground = Ground(requests, pictures)
    pairs = {request.id: ground.pairs_of(request) for request in requests}
    return _placements(_in_order(ground, pairs, _by_waiting(requests)))


def _by_waiting(requests: Sequence[Request]) -> list[Request]:
    return sorted(requests, key=lambda request: (request.since, request.id))


def _count(pairs: Mapping[int, Starts]) -> int:
    return sum(starts.bit_count() for starts in pairs.values())


def _in_order(ground: Ground, pairs: Mapping[int, Mapping[int, Starts]], requests: Sequence[Request]) -> Placing:
    placing = Placing(ground, pairs)
    for request in requests:
        placing.place(request)
    return placing


def _repaired(placing: Placing, requests: Sequence[Request]) -> Placing:
    """The same with everybody placed for whom one other can make room, until a pass places nobody."""
    for _ in range(MOST_PASSES):
        left = [request for request in requests if request.id not in placing.placed]
        if sum(placing.make_room(request) for request in left) == 0:
            break
    return placing


def _placements(placing: Placing) -> tuple[Placement, ...]:
    return tuple(_placement(placing, placing.placed[request_id]) for request_id in sorted(placing.placed))


def _placement(placing: Placing, placed: Placed) -> Placement:
    place = placing.ground.places[placed.number]
    return Placement(
        request_id=placed.request.id,
        starts=place.starts,
        ends=place.start.ends,
        site_id=place.site_id,
        clinician_id=place.clinician_id,
        interpreter_id=placed.interpreter_id,
        slots=place.start.slots,
    )


def _travel_minutes(placing: Placing) -> int:
    clinics = {placed.interpreter_id: placed.request.clinic_id for placed in placing.placed.values()}
    return sum(_on_the_way(placing, *each) for each in clinics.items())


def _on_the_way(placing: Placing, interpreter_id: int, clinic_id: int) -> int:
    """Minutes of one interpreter between visits of one day, where the plan has one of the two."""
    before = placing.ground.interpreters_of[clinic_id][interpreter_id].busy
    stops = sorted(
        [*((busy, False) for busy in before), *((busy, True) for busy in placing.planned_for(interpreter_id))],
        key=lambda stop: stop[0].starts,
    )
    return sum(
        minutes_between(other.mode, other.site_id, one, placing.ground.travel)
        for (one, new), (other, new_too) in pairwise(stops)
        if (new or new_too) and _day(one) == _day(other)
    )


def _day(busy: Busy) -> date:
    return busy.starts.astimezone(LONDON).date()
