"""The reader beside the translator: claims replies that wait, has its child read them, and records what came of it.

A thread of its own, so that no long translation holds it up. The child has the model; this loop has the database.
"""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.database import Database
from bot.messaging.heartbeats import say_alive
from bot.opinions.claiming import Claimed, anything_due, claim_opinions, give_back, give_up
from bot.opinions.head import Opinion, kept_head
from bot.opinions.raising import record_opinion
from bot.settings import Settings
from bot.translation.apart import Apart
from bot.translation.engines import EngineFailed, TimedOut

log = structlog.get_logger()

AT_ONCE = 8
"""Replies in one claim: half a second's work, so that none waits long behind the others."""
IDLE, SAY_EVERY, TRY_AGAIN = 0.5, 10.0, 30.0
MOST_LEASE = 20.0
"""Seconds a claim lasts at most: a reply that a dead reader had is read soon after."""
SECONDS = 30.0
"""How long the child may take for one claim."""
ALIVE, FAULTS = "second-opinion", ("missing", "changed", "unreadable", "died")
"""The name under which a reader says that it is at work, and why one may not be (`beat_of`)."""
COMMAND = (sys.executable, "-m", "bot.opinions.child")


def beat_of(fault: str | None) -> str:
    """The name under which a reader says how it is."""
    return ALIVE if fault is None else f"{ALIVE}:{fault}"


class Unable(Exception):
    """The child cannot read at all, and why (`FAULTS`)."""


class _Stopping(Exception):
    """Whoever runs the reader wants it to end."""


class SecondReader:
    """One reader; `run()` returns once `stop` is set, and leaves to others what it had not finished."""

    def __init__(self, db: Database, settings: Settings, child: Apart | None = None) -> None:
        self._db = db
        self._settings = settings
        self._child = child or Apart(COMMAND, SECONDS)
        self._stop = threading.Event()
        self._tried_at = -TRY_AGAIN
        self._fault: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Read until told to stop; a fault in one round is logged and the next round goes on."""
        if not self._settings.has_second_opinion:
            return
        self._stop, self._child.while_waiting = stop, self._end_if_stopping
        try:
            while not stop.is_set():
                if not self._guarded_round():
                    stop.wait(IDLE)
        finally:
            self._child.close()

    def _guarded_round(self) -> bool:
        try:
            return self.round()
        except _Stopping:
            return True
        except Exception as error:  # a database that is away comes back; the name alone, as an error may quote a text
            log.error("second-opinion-failed", error=type(error).__name__)
            return False

    def round(self) -> bool:
        """Read what is due, if anything is and the child is able to; whether there was something."""
        if not self._is_able() or not anything_due(self._db):
            return False
        claims = claim_opinions(self._db, AT_ONCE, min(MOST_LEASE, self._settings.lease_seconds))
        try:
            self._read(claims)
        except BaseException:
            give_back(self._db, claims)
            raise
        return bool(claims)

    def _is_able(self) -> bool:
        """Whether the child can read; it is asked now and then, and from time to time where it could not."""
        if time.monotonic() - self._tried_at > (SAY_EVERY if self._fault is None else TRY_AGAIN):
            self._tried_at = time.monotonic()
            self._fault = self._find_fault()
            say_alive(self._db, beat_of(self._fault))
        return self._fault is None

    def _find_fault(self) -> str | None:
        try:
            self._opinions([])
        except Unable as unable:
            log.warning("second-opinion-unable", fault=str(unable))
            return str(unable)
        except (EngineFailed, TimedOut):
            log.warning("second-opinion-unable", fault="died")
            return "died"
        return None

    def _read(self, claims: Sequence[Claimed]) -> None:
        try:
            opinions = self._opinions(claims)
        except (EngineFailed, TimedOut):
            for claim in claims:
                self._read_alone(claim)
            return
        for claim, opinion in zip(claims, opinions, strict=True):
            self._record(claim, opinion)

    def _read_alone(self, claim: Claimed) -> None:
        """Once more, in a new child: the one before may have died by itself, or of another reply."""
        if self._fault is not None:
            give_back(self._db, [claim])
            return
        try:
            [opinion] = self._opinions([claim])
        except (EngineFailed, TimedOut):
            self._blame(claim)
        else:
            self._record(claim, opinion)

    def _blame(self, claim: Claimed) -> None:
        """A reply at which the child dies is given up, or it would come back for ever; unless it dies by itself."""
        self._fault = self._find_fault()
        if self._fault is None:
            log.error("second-opinion-given-up", message_id=claim.message_id)
            give_up(self._db, claim)
        else:
            give_back(self._db, [claim])

    def _record(self, claim: Claimed, opinion: Opinion) -> None:
        try:
            ours = record_opinion(self._db, self._settings, claim, opinion, kept_head())
        except Exception as error:  # read again soon; where it can be given back, at once
            log.error("second-opinion-not-recorded", message_id=claim.message_id, error=type(error).__name__)
            give_back(self._db, [claim])
            return
        log.info("second-opinion", message_id=claim.message_id, recorded=ours)

    def _opinions(self, claims: Sequence[Claimed]) -> list[Opinion]:
        answer: Mapping[str, Any] = self._child.ask({"texts": [claim.body for claim in claims]})
        if "fault" in answer:
            raise Unable(answer["fault"])
        return [Opinion(*each) for each in answer["opinions"]]

    def _end_if_stopping(self) -> None:
        if self._stop.is_set():
            raise _Stopping
