"""What the clock does: each job a short function that calls a verb. Rows decide; a second run changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

from sqlalchemy import text

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.sending import say_alive
from bot.people.forgetting import forget_unconfirmed_lists
from bot.people.phone_safety import refresh_every_practice
from bot.replies.questions import expire_questions


@dataclass(frozen=True)
class Job:
    """A job's name, its pause in seconds, and what it does."""

    name: str
    every: float
    run: Callable[[Database], object]


def close_expired_questions(db: Database) -> None:
    """A question nobody answered in its time is not open any more."""
    with db.write() as session:
        expire_questions(session, utc_now())


def beat(db: Database) -> None:
    """The clock is alive."""
    say_alive(db, "clock")


JOBS = (
    Job("beat", 5, beat),
    Job("close-expired-questions", 60, close_expired_questions),
    Job("forget-unconfirmed-lists", 600, forget_unconfirmed_lists),
    Job("refresh-phone-safety", 6 * 3600, refresh_every_practice),
)


def run_job(db: Database, job: Job) -> None:
    """Run a job unless another machine is at it: that would be harmless, and a waste."""
    with _nobody_else(db, job.name) as alone:
        if alone:
            job.run(db)


@contextmanager
def _nobody_else(db: Database, name: str) -> Iterator[bool]:
    if db.is_sqlite:
        yield True
        return
    with db.read() as session:
        statement = text("SELECT pg_try_advisory_xact_lock(:key)")
        yield bool(session.connection().execute(statement, {"key": crc32(name.encode())}).scalar())
