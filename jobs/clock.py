"""The clock: wakes the jobs up, in UTC, in a process of its own or inside `serve`."""

import signal
import threading
import time
from datetime import timedelta
from types import FrameType
from typing import Any

import click
import structlog
from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.background import BackgroundScheduler

from bot.capability import Job, in_use
from bot.clock import utc_now
from bot.console import Console, need_postgresql, need_schema, pass_console
from bot.database import Database
from bot.logs import set_up_logging
from bot.settings import Settings
from jobs.periodic import run_job

log = structlog.get_logger("clock")

SET_BY, LOOK_EVERY = 5.0, 5.0
"""Seconds by which the clock on the wall must have been moved to count as set, and between two looks at it."""
TWILIO_IS_ASKED_AFTER = timedelta(seconds=10)
"""After the start, when simulated phones are up as well."""


def start_clock(db: Database, settings: Settings) -> Any:
    """Start the scheduler's own thread for the jobs of every capability; `shutdown()` of what is given ends it."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60}
    )
    soon = utc_now() + TWILIO_IS_ASKED_AFTER
    for job in in_use().jobs:
        first = {"next_run_time": soon} if job.asks_twilio else {}
        scheduler.add_job(_run, "interval", seconds=job.every, args=(db, settings, job), id=job.name, **first)
    scheduler.start()
    _watch_the_wall(scheduler)
    for job in in_use().jobs:
        if not job.asks_twilio:
            _run(db, settings, job)
    return scheduler


class Wall:
    """The clock on the wall, held against one that only goes forward."""

    def __init__(self) -> None:
        self._ahead = self._difference()

    def _difference(self) -> float:
        return time.time() - time.monotonic()

    def was_set(self) -> bool:
        """Whether somebody has set it since this was last asked."""
        before, self._ahead = self._ahead, self._difference()
        return abs(self._ahead - before) > SET_BY


def wake_when_set(scheduler: Any, wall: Wall) -> None:
    """Run every job now if the clock was set: one set back an hour would leave them asleep for that hour."""
    if wall.was_set():
        log.warning("clock-was-set")
        for job in scheduler.get_jobs():
            job.modify(next_run_time=utc_now())


def _watch_the_wall(scheduler: Any) -> None:
    stop, wall = threading.Event(), Wall()
    scheduler.add_listener(lambda _event: stop.set(), EVENT_SCHEDULER_SHUTDOWN)

    def watch() -> None:
        while not stop.wait(LOOK_EVERY):
            wake_when_set(scheduler, wall)

    threading.Thread(target=watch, name="wall", daemon=True).start()


def _run(db: Database, settings: Settings, job: Job) -> None:
    try:
        run_job(db, settings, job)
    except Exception as error:  # a database that is away comes back
        log.error("job-failed", job=job.name, error=type(error).__name__)


@click.command()
@pass_console
def clock(console: Console) -> None:
    """Run the jobs; any number of clocks may run."""
    need_postgresql(console.settings, "clock")
    need_schema(console.database)
    set_up_logging(console.settings)
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    scheduler = start_clock(console.database, console.settings)
    stop.wait()
    scheduler.shutdown()
