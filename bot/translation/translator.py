"""The translator: claims what is due, has its child translate it, and records what came of it.

One shape on both databases: this loop opens the database, the child on the pipe only translates. The child is started
when there is something to do, never before, so that nobody pays for models they do not use.
"""

import threading
import time
from collections.abc import Callable, Iterator

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database
from bot.settings import Settings
from bot.tables.translation import Failure
from bot.translation.apart import EngineApart, engine_apart
from bot.translation.claiming import (
    Claimed,
    anything_due,
    claim_translations,
    give_back,
    record_result,
    renew_claims,
)
from bot.translation.engines import Fault, Model
from bot.translation.installing import fill_demo_folder, look_at_model, recorded_directions
from bot.translation.models import note_fault, note_token_form, usable_models
from bot.translation.pipeline import Pipeline, Result

log = structlog.get_logger()

AT_ONCE = 32
"""Texts in one claim: few enough that a free text does not wait long behind them."""
IDLE = 0.25
LOOK_AGAIN = 3600.0
"""Seconds between two looks at whether the models are what was installed."""


class _Stopping(Exception):
    """Whoever runs the translator wants it to end, in the middle of a batch too."""


class Translator:
    """One translator; `run()` returns once `stop` is set, and leaves to others what it had not finished.

    :param alive: called now and then while it is at work.
    """

    def __init__(
        self,
        db: Database,
        settings: Settings,
        *,
        engine: EngineApart | None = None,
        alive: Callable[[], None] | None = None,
    ) -> None:
        self._db = db
        self._settings = settings
        self._engine = engine or engine_apart(settings)
        self._alive = alive
        self._stop = threading.Event()
        self._in_hand: dict[int, Claimed] = {}
        self._renewed_at = 0.0
        self._said_alive_at = 0.0
        self._to_look_at: Iterator[tuple[str, str]] = iter(())
        self._looked_at = -LOOK_AGAIN

    def run(self, stop: threading.Event) -> None:
        """Translate until told to stop; a fault in one round is logged and the next round goes on."""
        self._stop = stop
        self._engine.while_waiting = self._look_up
        try:
            self._guarded(lambda: fill_demo_folder(self._db, self._settings))
            while not stop.is_set():
                if not self._guarded(self.round):
                    stop.wait(IDLE)
        finally:
            self._engine.close()

    def _guarded(self, work: Callable[[], object]) -> bool:
        try:
            return bool(work())
        except _Stopping:
            return True
        except Exception as error:  # a database that is away comes back; the name alone, as an error may quote a text
            log.error("translating-failed", error=type(error).__name__)
            return False

    def round(self) -> bool:
        """Translate what is due, if anything is; whether there was something."""
        self._say_alive()
        if not anything_due(self._db):
            self._look_after_models()
            return False
        claims = claim_translations(self._db, AT_ONCE, self._settings.lease_seconds)
        self._renewed_at = time.monotonic()
        self._in_hand = dict(enumerate(claims))
        try:
            self._translate(claims)
        except _Stopping:
            give_back(self._db, list(self._in_hand.values()))
            raise
        return bool(claims)

    def _translate(self, claims: list[Claimed]) -> None:
        with self._db.read() as session:
            models = usable_models(session)
        pipeline = Pipeline(self._engine, models, note_form=self._note_form, note_fault=self._note_fault)
        try:
            for at, result in pipeline.translate([claim.wanted for claim in claims]):
                self._record(at, result)
                self._look_up()
        except (_Stopping, SQLAlchemyError):
            raise
        except Exception as error:  # a fault of ours in one text must not take the others with it
            log.error("translating-failed", error=type(error).__name__)
            for at, claim in list(self._in_hand.items()):
                self._record(at, self._alone(pipeline, claim))

    def _alone(self, pipeline: Pipeline, claim: Claimed) -> Result:
        """One text by itself; what fails once more is given up, or it would come back for ever."""
        try:
            [(_, result)] = pipeline.translate([claim.wanted])
        except (_Stopping, SQLAlchemyError):
            raise
        except Exception as error:
            log.error("translating-failed", translation_id=claim.id, error=type(error).__name__)
            return Result(failure=Failure.ENGINE_FAILED)
        return result

    def _record(self, at: int, result: Result) -> None:
        claim = self._in_hand.pop(at)
        try:
            ours = record_result(self._db, claim, result)
        except Exception as error:  # the lease runs out, and it is translated again
            log.error("translation-not-recorded", translation_id=claim.id, error=type(error).__name__)
            return
        log.info("translated", translation_id=claim.id, recorded=ours, failure=result.failure, ok=result.ok)

    def _look_up(self) -> None:
        """Again and again while a batch takes its time."""
        if self._stop.is_set():
            raise _Stopping
        try:
            self._say_alive()
            self._renew()
        except SQLAlchemyError as error:  # it comes back, or the leases run out: nothing is recorded twice
            log.error("claims-not-renewed", error=type(error).__name__)

    def _renew(self) -> None:
        if time.monotonic() - self._renewed_at > self._settings.lease_seconds / 3:
            self._renewed_at = time.monotonic()
            renew_claims(self._db, list(self._in_hand.values()), self._settings.lease_seconds)

    def _say_alive(self) -> None:
        if self._alive and time.monotonic() - self._said_alive_at > 5:
            self._said_alive_at = time.monotonic()
            self._alive()

    def _look_after_models(self) -> None:
        """One model a round, while there is nothing else to do: reading a large one takes a while."""
        if (direction := next(self._to_look_at, None)) is not None:
            look_at_model(self._db, self._settings, direction)
        elif time.monotonic() - self._looked_at > LOOK_AGAIN:
            self._looked_at = time.monotonic()
            self._to_look_at = iter(recorded_directions(self._db))

    def _note_form(self, model: Model, form: str) -> None:
        with self._db.write() as session:
            note_token_form(session, model, form)

    def _note_fault(self, model: Model, fault: Fault) -> None:
        log.warning("model-not-used", model=model.name, fault=fault)
        with self._db.write() as session:
            note_fault(session, model, fault)
