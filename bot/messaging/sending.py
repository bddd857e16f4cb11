"""The sender: claims what is due, posts it from a pool of threads, and commits what came of it together."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.claiming import Claim, anything_due, claim_due_messages
from bot.messaging.heartbeats import say_alive
from bot.messaging.outcomes import record_outcomes
from bot.messaging.reconciling import reconcile
from bot.messaging.twilio.gateway import Gateway, SendResult
from bot.settings import Settings
from bot.tables.messaging import Outcome

log = structlog.get_logger()

KEPT_FOR_URGENT = 2
"""Places of a worker that outreach never takes, so that an emergency text does not wait behind it."""
COMMIT_WITHIN = 0.05
IDLE = 0.2
HEARTBEAT_EVERY = 5.0
QUICK_POST = 0.5
"""While POSTs end within so many seconds, the next texts are claimed before a place is free."""
UNCOMMITTED = 4
"""Texts in hand for each place, at most: beyond that the worker waits until outcomes are committed."""

Ended = tuple[Claim, SendResult]


class SendingLoop:
    """One worker. `run()` returns once `stop` is set and everything in hand has been committed.

    A place is a thread that posts. Claims made ahead wait for one no longer than a quick POST takes, since what
    was checked for them must still hold when they go; when Twilio is slow nothing is claimed ahead.
    """

    def __init__(self, db: Database, settings: Settings, *, concurrency: int = 8) -> None:
        self._db = db
        self._settings = settings
        self._places = concurrency
        self._gateway = Gateway(settings, pool=concurrency + KEPT_FOR_URGENT)
        self._ahead = 0
        self._posting = {False: 0, True: 0}
        self._in_hand = 0
        self._claimed_at = 0.0
        self._found_some = False
        self._lock = threading.Lock()
        self._ended: queue.Queue[Ended | None] = queue.Queue()
        self._freed = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop; a fault in one round is logged and the next round goes on."""
        settler = threading.Thread(target=self._settle, name="settler")
        finder = threading.Thread(target=self._look_up, args=(stop,), name="reconciler")
        settler.start()
        finder.start()
        with ThreadPoolExecutor(self._places, "post") as usual, ThreadPoolExecutor(KEPT_FOR_URGENT, "urgent") as kept:
            while not stop.is_set():
                if not self._round(usual, kept):
                    self._freed.wait(IDLE)
                    self._freed.clear()
        self._ended.put(None)
        settler.join()
        finder.join()

    def _round(self, usual: ThreadPoolExecutor, kept: ThreadPoolExecutor) -> bool:
        free = self._free()
        if free < self._places // 2 and time.monotonic() - self._claimed_at < IDLE:
            return False  # a claim costs the same for one as for many: wait for more places
        self._claimed_at = time.monotonic()
        try:
            claims = self._claim(free)
        except Exception as error:  # a database that is away comes back
            log.error("claim-failed", error=type(error).__name__)
            return False
        for claim in claims:
            self._post(claim, usual, kept)
        return bool(claims)

    def _free(self) -> int:
        """How many ordinary texts may be claimed now; below 1 only urgent ones."""
        with self._lock:
            uncommitted = UNCOMMITTED * self._places - self._in_hand
            return min(self._places + self._ahead - self._posting[False], uncommitted)

    def _claim(self, free: int) -> list[Claim]:
        limit = free if free > 0 else KEPT_FOR_URGENT - self._posting[True]
        if limit <= 0 or not (self._found_some or anything_due(self._db, self._settings, utc_now())):
            return []
        claims = claim_due_messages(self._db, self._settings, limit, urgent_only=free <= 0)
        self._found_some = bool(claims)
        return claims

    def _post(self, claim: Claim, usual: ThreadPoolExecutor, kept: ThreadPoolExecutor) -> None:
        with self._lock:
            in_kept_place = claim.urgent and self._posting[True] < KEPT_FOR_URGENT
            self._posting[in_kept_place] += 1
            self._in_hand += 1
        future = (kept if in_kept_place else usual).submit(self._send, claim)
        future.add_done_callback(self._keep(claim, in_kept_place))

    def _send(self, claim: Claim) -> SendResult:
        began = time.monotonic()
        try:
            return self._gateway.send(claim)
        finally:
            self._ahead = self._places if time.monotonic() - began < QUICK_POST else 0

    def _keep(self, claim: Claim, in_kept_place: bool) -> Callable[[Future[SendResult]], None]:
        def ended(future: Future[SendResult]) -> None:
            with self._lock:
                self._posting[in_kept_place] -= 1
            self._freed.set()
            error = future.exception()
            if error:
                log.error("post-failed", message_id=claim.message_id, error=type(error).__name__)
            self._ended.put((claim, SendResult(Outcome.UNKNOWN) if error else future.result()))

        return ended

    def _settle(self) -> None:
        while (first := self._ended.get()) is not None:
            group, last = self._gather(first)
            self._commit(group)
            with self._lock:
                self._in_hand -= len(group)
            self._freed.set()
            if last:
                return

    def _gather(self, first: Ended) -> tuple[list[Ended], bool]:
        group, until = [first], time.monotonic() + COMMIT_WITHIN
        while len(group) < UNCOMMITTED * self._places and (left := until - time.monotonic()) > 0:
            try:
                item = self._ended.get(timeout=left)
            except queue.Empty:
                break
            if item is None:
                return group, True
            group.append(item)
        return group, False

    def _commit(self, group: list[Ended]) -> None:
        try:
            record_outcomes(self._db, group)
        except Exception as error:
            if len(group) > 1:  # one of them must not take the others with it
                for ended in group:
                    self._commit([ended])
            else:  # the lease runs out, and the message is looked up
                log.error("outcome-not-recorded", message_id=group[0][0].message_id, error=type(error).__name__)
            return
        for claim, result in group:
            reported = {"outcome": str(result.outcome), "error_code": result.error_code}
            log.info("posted", message_id=claim.message_id, attempt=claim.number, **reported)

    def _look_up(self, stop: threading.Event) -> None:
        every = min(1.0, self._settings.reconcile_seconds / 2)
        beat = 0.0
        while not stop.wait(every):
            try:
                reconcile(self._db, self._settings, self._gateway)
                if time.monotonic() - beat > HEARTBEAT_EVERY:
                    beat = time.monotonic()
                    say_alive(self._db, "worker")
            except Exception as error:  # a database that is away comes back
                log.error("reconcile-failed", error=type(error).__name__)
