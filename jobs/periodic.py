"""What the clock does: the jobs that capabilities declare, one run at a time over all machines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from zlib import crc32

from sqlalchemy import text

from bot.capability import Job, imported
from bot.database import Database
from bot.messaging.heartbeats import JOB, say_alive
from bot.settings import Settings

NOTED_FROM = 30
"""Seconds: of a job with a shorter pause, its last run is not worth a write of its own."""


def run_job(db: Database, settings: Settings, job: Job) -> None:
    """Run a job unless another machine is at it: that would be harmless, and a waste."""
    verb: Callable[[Database, Settings], object] = imported(job.runs)
    with _nobody_else(db, job.name) as alone:
        if alone:
            verb(db, settings)
            if job.every >= NOTED_FROM:
                say_alive(db, f"{JOB}{job.name}")


@contextmanager
def _nobody_else(db: Database, name: str) -> Iterator[bool]:
    if db.is_sqlite:
        yield True
        return
    with db.read() as session:
        statement = text("SELECT pg_try_advisory_xact_lock(:key)")
        yield bool(session.connection().execute(statement, {"key": crc32(name.encode())}).scalar())
