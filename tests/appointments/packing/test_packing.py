"""The plan of who waits: what always holds of it, why somebody stays out, and how near it comes to the best."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.appointments.joint.choosing import FreeSlot, Picture, need_of
from bot.appointments.packing.ground import Ground, Request, numbers_in
from bot.appointments.packing.packing import Placement, Plan, first_come, pack
from bot.appointments.packing.placing import Placing
from bot.interpreters.suiting import IN_PERSON, Busy, Candidate, first_failing
from tests.appointments.packing.making import (
    NOW,
    Size,
    World,
    a_picture,
    a_world,
    an_interpreter,
    asks,
    at,
    busy,
    slots,
    waits,
)

SMALL = Size(requests=24, interpreters=8, days=2, doubles=20, sites=3, works=0.5)
TINY = Size(requests=6, interpreters=3, days=1, doubles=5, sites=2, works=0.7)
SEEDS = st.integers(0, 2**32)


def mixed(seed: int, size: Size = SMALL) -> World:
    """Some want no double, are seen elsewhere, wait twice or do not want everybody; interpreters have other visits."""
    chance = random.Random(seed)
    requests, pictures = a_world(seed, size)
    others = {each.id: _others(chance, size) for each in pictures[1].candidates}
    interpreters = [replace(each, busy=others[each.id]) for each in pictures[1].candidates]
    changed = [_changed(chance, request) for request in requests]
    return changed, {clinic: replace(picture, candidates=interpreters) for clinic, picture in pictures.items()}


def _others(chance: random.Random, size: Size) -> tuple[Busy, ...]:
    clock = chance.choice(("08:30", "09:40", "13:20", "14:00"))
    return tuple(busy(clock, 20, chance.randint(1, size.sites)) for _ in range(chance.choice((0, 0, 1))))


def _changed(chance: random.Random, request: Request) -> Request:
    elsewhere = ((at("09:30"), at("10:10")),) if chance.random() < 0.2 else ()
    return replace(
        request,
        asked=replace(request.asked, double=chance.random() < 0.8),
        theirs=elsewhere,
        person=chance.choice((request.id, request.id, 1)),
        unwanted=frozenset({chance.randint(1, 8)}),
    )


def check(world: World, placements: Sequence[Placement]) -> None:
    """Nobody is in two places, everybody can do what is planned, and slots are free and of one session."""
    requests, pictures = {request.id: request for request in world[0]}, world[1]
    assert len({each.request_id for each in placements}) == len(placements)
    taken = [slot for each in placements for slot in each.slots]
    assert len(set(taken)) == len(taken), "a slot is given twice"
    for each in placements:
        request = requests[each.request_id]
        free = [slot for slot in pictures[request.clinic_id].slots if slot.id in each.slots]
        assert [slot.starts for slot in free] == [each.starts, *(slot.ends for slot in free[:-1])]
        assert (free[-1].ends, len(free)) == (each.ends, 2 if request.asked.double else 1)
        assert not any(begins < each.ends and each.starts < ends for begins, ends in request.theirs)
        assert each.interpreter_id not in request.unwanted
        _can_come(world, each, [other for other in placements if other is not each])
    for one, other in combinations(placements, 2):
        if one.starts < other.ends and other.starts < one.ends:
            assert one.clinician_id != other.clinician_id
            assert requests[one.request_id].person != requests[other.request_id].person


def _can_come(world: World, placement: Placement, others: Sequence[Placement]) -> None:
    """Everything a search asks of an interpreter, with the rest of the plan as what they do else."""
    request = next(each for each in world[0] if each.id == placement.request_id)
    [candidate] = [each for each in world[1][request.clinic_id].candidates if each.id == placement.interpreter_id]
    theirs = [each for each in others if each.interpreter_id == placement.interpreter_id]
    planned = (Busy(each.starts, each.ends, each.site_id, IN_PERSON) for each in theirs)
    whole = replace(candidate, busy=(*candidate.busy, *planned))
    need = need_of(request.asked, placement.starts, placement.ends, placement.site_id)
    assert first_failing(need, whole, world[1][request.clinic_id].travel) is None


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_nobody_is_in_two_places_and_everybody_suits(seed: int) -> None:
    world = mixed(seed)
    plan = pack(*world)
    check(world, plan.placements)
    check(world, first_come(*world))
    placed = {each.request_id for each in plan.placements}
    assert placed | plan.why.keys() == {request.id for request in world[0]}
    assert not placed & plan.why.keys()


@given(SEEDS, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_plan_is_the_same_however_the_same_is_told(seed: int, chance: random.Random) -> None:
    requests, pictures = mixed(seed)
    assert pack(_shuffled(requests, chance), _told_otherwise(pictures, chance)) == pack(requests, pictures)


def _shuffled(items: Sequence[Any], chance: random.Random) -> list[Any]:
    return chance.sample(items, len(items))


def _told_otherwise(pictures: Mapping[int, Picture], chance: random.Random) -> dict[int, Picture]:
    return {
        clinic: replace(
            pictures[clinic],
            slots=_shuffled(pictures[clinic].slots, chance),
            candidates=_shuffled(pictures[clinic].candidates, chance),
        )
        for clinic in _shuffled(list(pictures), chance)
    }


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_never_fewer_are_placed_than_first_come_first_served(seed: int) -> None:
    world = mixed(seed)
    plan, queue = pack(*world), first_come(*world)
    assert len(plan.placements) >= len(queue)
    assert plan.queue == {each.request_id for each in queue}


def test_on_little_ones_it_comes_near_to_the_best_there_is() -> None:
    worlds = [mixed(seed, TINY) for seed in range(60)]
    ours = [len(pack(*world).placements) for world in worlds]
    best = [the_most(world) for world in worlds]
    assert all(one - 1 <= other <= one for one, other in zip(best, ours, strict=True))
    assert sum(ours) >= 0.98 * sum(best)


def the_most(world: World) -> int:
    """How many can be placed at most, by trying everything."""
    ground = Ground(*world)
    pairs = {request.id: ground.pairs_of(request) for request in world[0]}
    return _most(Placing(ground, pairs), list(world[0]))


def _most(placing: Placing, requests: Sequence[Request], so_far: int = 0, known: int = 0) -> int:
    if so_far + len(requests) <= known or not requests:
        return max(known, so_far)
    first, *others = requests
    for interpreter_id, number in _choices(placing, first):
        placing.take(first, number, interpreter_id)
        known = _most(placing, others, so_far + 1, known)
        placing.give_back(placing.placed[first.id])
    return _most(placing, others, so_far, known)


def _choices(placing: Placing, request: Request) -> Iterator[tuple[int, int]]:
    for interpreter_id, starts in placing.free_for(request).items():
        yield from ((interpreter_id, number) for number in numbers_in(starts))


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_what_is_free_is_the_same_whatever_was_tried_before(seed: int) -> None:
    world = mixed(seed)
    ground = Ground(*world)
    pairs = {request.id: ground.pairs_of(request) for request in world[0]}
    tried, fresh = Placing(ground, pairs), Placing(ground, pairs)
    for request in world[0]:
        tried.place(request)
    for placed in list(tried.placed.values())[::2]:
        tried.give_back(placed)
    for placed in tried.placed.values():
        fresh.take(placed.request, placed.number, placed.interpreter_id)
    assert [tried.free_for(request) for request in world[0]] == [fresh.free_for(request) for request in world[0]]


def plan_of(requests: Sequence[Request], free: Sequence[FreeSlot], *interpreters: Candidate) -> Plan:
    return pack(requests, {1: a_picture(1, free, interpreters)})


def test_who_can_come_at_few_times_is_placed_first() -> None:
    rare, usual = an_interpreter(1, "ti", closes="09:20"), an_interpreter(2, "ur", closes="10:00")
    requests = [waits(1, asked=asks("ur")), waits(2, asked=asks("ti"))]
    world = requests, {1: a_picture(1, slots(1, 7, "09:00", 4), [rare, usual])}
    assert [each.request_id for each in first_come(*world)] == [1]
    assert [(each.request_id, each.starts) for each in pack(*world).placements] == [(1, at("09:20")), (2, at("09:00"))]


def test_one_moves_so_that_another_fits() -> None:
    """All three have two times, so who has waited longest takes the first, which the last of them needs."""
    urdu = an_interpreter(1, "ur", closes="09:50")
    tigrinya = an_interpreter(2, "ti", away=((at("09:20"), at("10:00")),), closes="10:20")
    free = [*slots(1, 7, "09:00", 2), *slots(11, 8, "09:30", 2), *slots(21, 9, "10:00", 2)]
    requests = [waits(1), waits(2, asked=asks("ti")), waits(3, asked=asks("ti"))]
    plan = plan_of(requests, free, urdu, tigrinya)
    assert plan.queue == {1, 2}
    assert [each.starts for each in plan.placements] == [at("09:30"), at("10:00"), at("09:00")]


def test_of_two_alike_the_one_who_has_waited_longer_is_placed() -> None:
    plan = plan_of([waits(2), waits(1)], slots(1, 7, "09:00", 2), an_interpreter(1))
    assert [each.request_id for each in plan.placements] == [1]
    assert plan.why == {2: "others-first"}
    same_time = [waits(2, since=NOW), waits(1, since=NOW)]
    assert [each.request_id for each in plan_of(same_time, slots(1, 7, "09:00", 2), an_interpreter(1)).placements] == [
        1
    ]


def test_where_a_queue_does_as_well_the_queue_it_is() -> None:
    both, urdu = an_interpreter(1, "ur", "ti"), an_interpreter(2, "ur")
    plan = plan_of([waits(1), waits(2, asked=asks("ti"))], slots(1, 7, "09:00", 2), both, urdu)
    assert [each.request_id for each in plan.placements] == [1], "though the other could come at fewer times"


def test_an_interpreter_is_given_time_to_travel() -> None:
    free = {1: slots(1, 7, "09:00", 2), 2: [*slots(11, 8, "09:20", 2), *slots(21, 9, "09:50", 2)]}
    pictures = {site: a_picture(site, some, [an_interpreter(1)]) for site, some in free.items()}
    plan = pack([waits(1, 1), waits(2, 2)], pictures)
    assert [each.starts for each in plan.placements] == [at("09:00"), at("09:50")]
    assert plan.travel_minutes == 30


def test_the_way_from_a_visit_that_is_booked_counts_too() -> None:
    free = slots(1, 7, "09:30", 8)
    plan = plan_of([waits(1)], free, an_interpreter(1, busy=(busy("09:10", site=2), busy("09:00", site=3, day=1))))
    assert [each.starts for each in plan.placements] == [at("10:10")]
    assert plan.travel_minutes == 30


def test_nobody_is_seen_twice_at_a_time() -> None:
    pictures = {site: a_picture(site, slots(10 * site, site, "09:00", 2), [an_interpreter(site)]) for site in (1, 2)}
    plan = pack([waits(1, 1, person=5), waits(2, 2, person=5)], pictures)
    assert plan.why == {2: "others-first"}
    elsewhere = waits(1, theirs=((at("09:10"), at("09:30")),))
    assert plan_of([elsewhere], slots(1, 7, "09:00", 2), an_interpreter(1)).why == {1: "nothing-free"}


def test_who_has_interpreted_for_the_person_before_comes_again() -> None:
    both = an_interpreter(1), an_interpreter(2)
    [placed] = plan_of([waits(1, known=frozenset({2}))], slots(1, 7, "09:00", 2), *both).placements
    assert placed.interpreter_id == 2


URDU = an_interpreter(1)


@pytest.mark.parametrize(
    ("request_", "free", "interpreter", "why"),
    [
        (waits(1), [], URDU, "nothing-free"),
        (waits(1, asked=asks(clinician_sex="M")), slots(1, 7, "09:00", 2), URDU, "clinician-sex"),
        (waits(1), slots(1, 7, "09:00", 2, kept="pl"), URDU, "held"),
        (waits(1), slots(1, 7, "09:00", 1), URDU, "no-double"),
        (waits(1, asked=asks("pl")), slots(1, 7, "09:00", 2), URDU, "language"),
        (waits(1, asked=asks(interpreter_sex="M")), slots(1, 7, "09:00", 2), URDU, "sex"),
        (waits(1), slots(1, 7, "09:00", 2), replace(URDU, notice={"telephone": 0}), "mode"),
        (waits(1), slots(1, 7, "09:00", 2), replace(URDU, notice={IN_PERSON: 200}), "notice"),
        (waits(1), slots(1, 7, "13:00", 2), URDU, "hours"),
        (waits(1), slots(1, 7, "09:00", 2), replace(URDU, away=((at("08:00"), at("09:10")),)), "hours"),
        (waits(1), slots(1, 7, "09:00", 2), replace(URDU, busy=(busy("09:10"),)), "hours"),
        (waits(1), slots(1, 7, "09:00", 2), replace(URDU, busy=(busy("09:40", site=2),)), "travel"),
        (waits(1, unwanted=frozenset({1})), slots(1, 7, "09:00", 2), URDU, "blocked"),
        (waits(1), slots(1, 7, "09:00", 2), replace(URDU, linked=False), "agency"),
    ],
)
def test_who_stays_out_is_told_the_rule(
    request_: Request, free: list[FreeSlot], interpreter: Candidate, why: str
) -> None:
    assert plan_of([request_], free, interpreter).why == {1: why}


def test_an_empty_list_is_an_empty_plan() -> None:
    assert pack([], {}) == Plan((), {}, frozenset(), 0)


def test_a_week_of_three_hundred_beats_the_queue_by_a_twentieth() -> None:
    world = a_world(7)
    plan = pack(*world)
    assert len(plan.placements) >= 1.05 * len(plan.queue)
    assert len(world[0]) == 300
    assert sum(len(picture.slots) for picture in world[1].values()) == 600
