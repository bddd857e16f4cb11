"""What the clock does: each job a short function that calls a verb. Rows decide; a second run changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

from sqlalchemy import text

from bot.attention.escalation import escalate_unopened
from bot.clock import utc_now
from bot.conversations.missed import ask_after_silent_texts, receive_missed_texts
from bot.database import Database
from bot.lists.importing import forget_unconfirmed_lists
from bot.messaging.questions import expire_questions
from bot.messaging.sending import say_alive
from bot.messaging.twilio.gateway import Gateway
from bot.operations.readiness import JOB, last_runs
from bot.operations.retention import erase_old_words, forget_old_referrals, forget_sign_ins, forget_status_events
from bot.patients.kept_opt_outs import forget_phones_of_those_gone
from bot.patients.phone_safety import refresh_every_practice
from bot.settings import load_settings

NOTED_FROM = 30
"""Seconds: of a job with a shorter pause, its last run is not worth a write of its own."""
RECEIVE_MISSED = "receive-missed-texts"
LOOK_BACK = timedelta(hours=1)
"""How far one look at Twilio's list reaches into the time of the one before."""
LONGEST_ABSENCE = timedelta(days=7)


@dataclass(frozen=True)
class Job:
    """A job's name, its pause in seconds, and what it does; one that `asks_twilio` holds nothing up at the start."""

    name: str
    every: float
    run: Callable[[Database], object]
    asks_twilio: bool = False


def close_expired_questions(db: Database) -> None:
    """A question nobody answered in its time is not open any more."""
    with db.write() as session:
        expire_questions(session, utc_now())


def beat(db: Database) -> None:
    """The clock is alive."""
    say_alive(db, "clock")


def forget_phones(db: Database) -> None:
    """Numbers of people who have left are kept as hashes under the key of the settings."""
    forget_phones_of_those_gone(db, load_settings())


def receive_missed(db: Database) -> None:
    """What people wrote since shortly before this job last ended well, a week ago at most.

    The first time it only notes that it was there: what came before the service did is not the service's.
    """
    with db.read() as session:
        last = last_runs(session).get(JOB + RECEIVE_MISSED)
    if last is not None:
        settings = load_settings()
        since = max(last - LOOK_BACK, utc_now() - LONGEST_ABSENCE)
        receive_missed_texts(db, settings, Gateway(settings), since)


def ask_after_silent(db: Database) -> None:
    """Texts of which no callback has told the end."""
    ask_after_silent_texts(db, Gateway(load_settings()))


JOBS = (
    Job("beat", 5, beat),
    Job("close-expired-questions", 60, close_expired_questions),
    Job("forget-unconfirmed-lists", 600, forget_unconfirmed_lists),
    Job("refresh-phone-safety", 6 * 3600, refresh_every_practice),
    Job("escalate-unopened", 30, escalate_unopened),
    Job("erase-old-words", 3600, erase_old_words),
    Job("forget-status-events", 3600, forget_status_events),
    Job("forget-sign-ins", 3600, forget_sign_ins),
    Job("forget-phones-of-those-gone", 6 * 3600, forget_phones),
    Job("forget-old-referrals", 24 * 3600, forget_old_referrals),
    Job(RECEIVE_MISSED, 300, receive_missed, asks_twilio=True),
    Job("ask-after-silent-texts", 3600, ask_after_silent, asks_twilio=True),
)
"""A job whose pause is longer than a process lives still runs: every clock runs all of them at or after its start."""


def run_job(db: Database, job: Job) -> None:
    """Run a job unless another machine is at it: that would be harmless, and a waste."""
    with _nobody_else(db, job.name) as alone:
        if alone:
            job.run(db)
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
