"""Who waits, packed into interpreters' hours, against first come, first served: how many, and in which time."""

from collections.abc import Sequence
from statistics import median
from time import process_time
from typing import NamedTuple

from bot.appointments.packing.packing import first_come, pack
from tests.appointments.packing.making import LANGUAGES, Size, a_world
from tests.benchmarks.databases import Databases
from tests.benchmarks.measuring import Timed, apart
from tests.benchmarks.reporting import Section
from tests.benchmarks.sizes import Sizes

MORE, SLOWER = 1.05, 20.0
"""How many times what the queue places, and at most how many times its processor time."""
SEEDS = (7, 8, 9, 10, 11)
HEADINGS = ("list", "first come, first served", "placed", "share of it", "processor time of both", "share of it")


class One(NamedTuple):
    """A waiting list: how many each places, in how much processor time (ms)."""

    seed: int
    queue: int
    placed: int
    queue_ms: float
    ms: float


def run(made: Databases, sizes: Sizes) -> Section:
    """Each list alone, then the median of all."""
    lists = [_measured(seed, sizes.rounds) for seed in SEEDS]
    size = Size()
    text = (
        f"{size.requests} requests of people who need an interpreter, {size.interpreters} interpreters of "
        f"{len(LANGUAGES)} languages (the nth is spoken 1/n as often as the first) who work a fifth of all half "
        f"days, {size.days} days, {size.sites} sites 15 to 40 minutes apart, {size.doubles} held times of twice ten "
        "minutes; 30% ask for a woman. Both read the same and begin from nothing; the queue takes the first time that "
        "suits and the interpreter who suits best, as a search does. Processor time is that of a process of its own, "
        f"the median of {sizes.rounds} rounds."
    )
    return Section("packing", "Plan who waits", text, HEADINGS, [*map(_line, lists), _all_of(lists)])


def _measured(seed: int, rounds: int) -> One:
    placed, queue = ([apart(side, seed) for _ in range(rounds)] for side in (plan_it, queue_up))
    (ms, queue_ms) = (1000 * median(each.seconds for each in side) for side in (placed, queue))
    return One(seed, queue[0].count, placed[0].count, queue_ms, ms)


def plan_it(seed: int) -> Timed:
    """How many the plan places, in how much processor time."""
    world = a_world(seed)
    began = process_time()
    plan = pack(*world)
    return len(plan.placements), process_time() - began


def queue_up(seed: int) -> Timed:
    """How many first come, first served places."""
    world = a_world(seed)
    began = process_time()
    placements = first_come(*world)
    return len(placements), process_time() - began


def _line(one: One) -> list[str]:
    return [
        f"list {one.seed}",
        str(one.queue),
        str(one.placed),
        f"{one.placed / one.queue:.3f}",
        f"{one.queue_ms:.0f} and {one.ms:.0f} ms",
        f"{one.ms / one.queue_ms:.1f}",
    ]


def _all_of(lists: Sequence[One]) -> list[str]:
    more = median(one.placed / one.queue for one in lists)
    slower = median(one.ms / one.queue_ms for one in lists)
    return [
        "median",
        "",
        "",
        f"**{more:.3f}**, aim {MORE} {'met' if more >= MORE else 'missed'}",
        "",
        f"**{slower:.1f}**, aim at most {SLOWER:.0f} {'met' if slower <= SLOWER else 'missed'}",
    ]
