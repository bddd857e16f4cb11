"""Telling pharmacies' systems: claims what is due, posts it from a pool of threads, and records what came of it.

A worker that dies between the POST and its record has said it already: it is said again, under the same `webhook-id`,
by which the other side knows it.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.hooks.addresses import own_machine_will_do, read_target
from bot.pharmacy.hooks.claiming import Claim, anything_due, claim_due_events
from bot.pharmacy.hooks.outcomes import record_outcome
from bot.pharmacy.hooks.posting import Fault, Outcome, post
from bot.pharmacy.hooks.signing import signed, unseal
from bot.refusals import Refused
from bot.settings import Settings

log = structlog.get_logger("webhooks")

PLACES = 16
"""Events on their way at a time: threads that mostly wait."""
IDLE = 0.5
HEADERS = {"content-type": "application/json", "user-agent": "easy-to-reach", "connection": "close"}


class WebhookLoop:
    """One worker. `run()` returns once `stop` is set and everything in hand has been recorded."""

    def __init__(self, db: Database, settings: Settings, *, places: int = PLACES) -> None:
        self._db = db
        self._settings = settings
        self._free = places
        self._places = places
        self._lock = threading.Lock()
        self._freed = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop; a fault in one round is logged and the next round goes on."""
        with ThreadPoolExecutor(self._places, "webhook") as pool:
            while not stop.is_set():
                if not self._round(pool):
                    self._freed.wait(IDLE)
                    self._freed.clear()

    def _round(self, pool: ThreadPoolExecutor) -> bool:
        with self._lock:
            free = self._free
        try:
            if not free or not anything_due(self._db, utc_now()):
                return False
            claims = claim_due_events(self._db, self._settings, free, utc_now())
        except Exception as error:  # a database that is away comes back
            log.error("webhook-claim-failed", error=type(error).__name__)
            return False
        with self._lock:
            self._free -= len(claims)
        for claim in claims:
            pool.submit(self._deliver, claim)
        return bool(claims)

    def _deliver(self, claim: Claim) -> None:
        try:
            deliver(self._db, self._settings, claim)
        except Exception as error:  # the lease runs out, and it goes again
            log.error("webhook-not-recorded", delivery_id=claim.delivery_id, error=type(error).__name__)
        with self._lock:
            self._free += 1
        self._freed.set()


def deliver(db: Database, settings: Settings, claim: Claim) -> Outcome:
    """One try, outside of any transaction, and its record."""
    outcome = _try(settings, claim)
    record_outcome(db, claim, outcome, utc_now())
    told = {"status": outcome.status, "fault": outcome.fault and str(outcome.fault)}
    log.info("webhook-posted", delivery_id=claim.delivery_id, attempt=claim.tries + 1, **told)
    return outcome


def _try(settings: Settings, claim: Claim) -> Outcome:
    own_machine = own_machine_will_do(settings)
    try:
        target = read_target(claim.url, own_machine=own_machine)
    except Refused:
        return Outcome(fault=Fault.BAD_ADDRESS)
    secrets = [secret for sealed in claim.secrets if (secret := unseal(settings, sealed))]
    if not secrets:
        return Outcome(fault=Fault.UNREADABLE)
    headers = {**HEADERS, **signed(claim.event, claim.body, secrets, utc_now())}
    return post(target, claim.body.encode(), headers, own_machine=own_machine)
