"""What the service is doing now, read from its rows: ready or why not, the queue, senders, jobs. No people in it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.heartbeats import last_runs
from bot.messaging.policy import URGENT_PRIORITY
from bot.messaging.twilio.errors import explain
from bot.migrations.running import at_head
from bot.refusals import Fault
from bot.settings import Settings
from bot.tables.messaging import Attempt, Direction, Message, State, StatusEvent
from bot.tables.organisations import Sender

SILENT_AFTER = timedelta(seconds=60)
"""A worker or clock that has said nothing for so long is taken for dead."""
STUCK_AFTER = timedelta(minutes=15)
"""A text that has been due for this long, while nothing at all goes out, says that sending has stopped."""
URGENT_STUCK_AFTER = timedelta(minutes=2)
"""The same for an emergency text or an answer: those wait for nobody."""
LEAST_ROOM = 10 * 1024 * 1024
"""Bytes on the disk of the embedded database, below which soon nothing can be stored any more."""
PARTS = ("clock", "worker")
_WAITING = (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)


ASK_NOW = "Ask whoever runs the service now."
_OLD_SCHEMA = Fault(
    "The database schema is not that of this version: run migrate.",
    "The service is newer than its database.",
    f"Its database has to be brought up to date, as the operating guide says under upgrade. {ASK_NOW}",
)
_SILENT = {
    "clock": "What starts the regular work has not been at work in the last minute.",
    "worker": "What sends the texts has not been at work in the last minute.",
}


def why_not_ready(db: Database, settings: Settings) -> list[str]:
    """What keeps the service from doing its work, in a line each for the person who runs it; empty when ready."""
    return [fault.line for fault in find_faults(db, settings)]


def find_faults(db: Database, settings: Settings) -> list[Fault]:
    """The same, with what a page says about each."""
    try:
        with db.engine.connect() as connection:
            if not at_head(connection):
                return [_OLD_SCHEMA]
        with db.read() as session:
            more = (fault for says in in_use().bring("readiness") for fault in says(session, settings))
            return [*_short_of_room(settings), *_silent_parts(session), *_stuck_queue(session), *more]
    except SQLAlchemyError as error:
        line = f"The database cannot be used ({type(error).__name__})."
        return [Fault(line, "The database cannot be reached.", f"Nothing can be stored or sent. {ASK_NOW}")]


def find_notes(db: Database, settings: Settings) -> list[Fault]:
    """What whoever runs the service should know though it is ready; nothing of a database that cannot be asked."""
    try:
        with db.read() as session:
            return [note for says in in_use().bring("notes") for note in says(session, settings)]
    except SQLAlchemyError:
        return []


def _short_of_room(settings: Settings) -> Iterator[Fault]:
    if not settings.is_sqlite or not settings.var_folder.is_dir():
        return
    if (left := shutil.disk_usage(settings.var_folder).free) < LEAST_ROOM:
        yield Fault(
            f"Only {left // 1024:,} KiB are left on the disk of {settings.var_folder}: make room.",
            f"The disk is nearly full: only {left // 1024:,} KB are left.",
            f"When it is full, nothing can be stored or sent. {ASK_NOW}",
        )


def _silent_parts(session: Session) -> Iterator[Fault]:
    beats = last_runs(session)
    for name in PARTS:
        at = beats.get(name)
        if at is None or abs(utc_now() - at) > SILENT_AFTER:  # ahead of us, when the clock was set back
            line = f"No {name} has been at work in the last minute."
            yield Fault(line, _SILENT[name], f"It has to be started again; until then texts wait. {ASK_NOW}")


def _stuck_queue(session: Session) -> Iterator[Fault]:
    now = utc_now()
    for sender in list_senders(session):
        if sender.stopped_code is not None:
            yield Fault(
                f"Sender {sender.id} is stopped after Twilio's error {sender.stopped_code}: see Operations.",
                f"Sender {sender.id} has stopped: {explain(sender.stopped_code).meaning}.",
                "Put that right with Twilio, then press Send again beside it, under Senders. Its texts wait.",
            )
    urgent = oldest_due(session, URGENT_PRIORITY)
    if urgent is not None and now - urgent > URGENT_STUCK_AFTER:
        line = f"An urgent text has been due for {_minutes(now - urgent)}."
        yield Fault(line, line, f"Phone the practice: it should phone people who wait for an answer. {ASK_NOW}")
        return
    oldest, last = oldest_due(session), last_attempt(session)
    if oldest is not None and now - oldest > STUCK_AFTER and (last is None or now - last > STUCK_AFTER):
        line = f"A text has been due for {_minutes(now - oldest)}, and nothing goes out."
        yield Fault(line, line, "Look below whether a sender has stopped. If none has, ask whoever runs the service.")


def _minutes(waited: timedelta) -> str:
    return f"{int(waited.total_seconds() // 60)} minutes"


def oldest_due(session: Session, priority: int = 9) -> datetime | None:
    """Since when the oldest queued text of this priority or a higher one has been due; texts of stopped senders too."""
    due = select(func.min(Message.not_before)).where(
        Message.state == State.QUEUED, col(Message.not_before) <= utc_now(), col(Message.priority) <= priority
    )
    return session.exec(due).one()


def last_attempt(session: Session) -> datetime | None:
    """When a text was last handed to Twilio."""
    return session.exec(select(Attempt.started_at).order_by(col(Attempt.id).desc()).limit(1)).first()


def last_inbound(session: Session) -> datetime | None:
    """When a text last came in."""
    statement = select(Message.created_at).where(Message.direction == Direction.IN)
    return session.exec(statement.order_by(col(Message.id).desc()).limit(1)).first()


def list_senders(session: Session) -> list[Sender]:
    """Every number or messaging service that texts go out from."""
    return list(session.exec(select(Sender).order_by(col(Sender.id))))


def parts_left(sender: Sender, rate: float, now: datetime) -> float:
    """Parts that may go at this moment; below zero, an urgent text went in spite of an empty bucket."""
    return min(rate, sender.tokens + max(0.0, (now - sender.tokens_at).total_seconds()) * rate)


@dataclass(frozen=True)
class Waiting:
    """Texts that have not ended: how many of a state, and since when the oldest has been in it or due."""

    state: str
    count: int
    oldest: datetime


def list_waiting(session: Session) -> list[Waiting]:
    """What is queued, held, being sent or uncertain; a queued text is as old as it is due."""
    since = case((col(Message.state) == State.QUEUED, col(Message.not_before)), else_=col(Message.updated_at))
    statement = (
        select(Message.state, func.count(), func.min(since))
        .where(col(Message.state).in_(_WAITING))
        .group_by(col(Message.state))
    )
    return sorted((Waiting(*row) for row in session.exec(statement)), key=lambda row: _WAITING.index(State(row.state)))


def list_uncertain(session: Session, limit: int = 100) -> list[tuple[Message, Attempt]]:
    """Uncertain messages with the attempt that is being looked up, the oldest first."""
    statement = (
        select(Message, Attempt)
        .join(Attempt, (col(Attempt.message_id) == col(Message.id)) & (col(Attempt.number) == col(Message.attempts)))
        .where(Message.state == State.UNCERTAIN)
        .order_by(col(Message.updated_at))
        .limit(limit)
    )
    return list(session.exec(statement))


def count_unknown_callbacks(session: Session) -> int:
    """Callbacks for no message of ours: a restored backup has such."""
    return session.exec(select(func.count()).where(col(StatusEvent.message_id).is_(None))).one()
