"""Timing side by side: both sides run in turn, each in a process of its own, so that noise meets both alike."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bot.capabilities import CAPABILITIES
from bot.capability import use

Timed = tuple[int, float]
"""How many things were done, in how many seconds."""


@dataclass(frozen=True)
class Sample:
    """One run of one side. `peak_mb` is the most memory its process ever held."""

    count: int
    seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


@dataclass
class Stopwatch:
    """`seconds` is known once the block has ended."""

    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    watch, began = Stopwatch(), time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - began


def apart(job: Callable[..., Timed], *args: Any) -> Sample:
    """Run a job in a fresh process; only what the job itself times counts, not its imports."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, job, args).result()


def _measured(job: Callable[..., Timed], args: Sequence[Any]) -> Sample:
    use(CAPABILITIES)
    count, seconds = job(*args)
    return Sample(count, seconds, peak_mb("self"))


def peak_mb(process: int | str) -> float:
    """The most memory a process has held so far, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


@dataclass(frozen=True)
class Figure:
    """Our speed as a share of a baseline's, round by round."""

    what: str
    size: str
    database: str
    baseline: str
    ours: Sequence[Sample]
    theirs: Sequence[Sample]
    aim: float | None = None

    @property
    def ratios(self) -> list[float]:
        return [ours.rate / theirs.rate for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)


def side_by_side(
    rounds: int, ours: Callable[[int], Sample], theirs: Callable[[int], Sample]
) -> tuple[list[Sample], list[Sample]]:
    """Both sides in turn, whoever began last time goes second; each is told the number of the round."""
    results: tuple[list[Sample], list[Sample]] = ([], [])
    for number in range(rounds):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for side in order:
            results[side].append((ours, theirs)[side](number))
    return results
