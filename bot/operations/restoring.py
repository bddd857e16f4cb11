"""Put a backup back, in such a way that nothing is sent twice and nobody gets in who was put out.

A backup does not know what happened after it. Whatever waited to be sent may have gone out since: it becomes
`uncertain`, with an attempt from the moment of the backup, and is looked up at Twilio like any other before it may go
again. Campaigns are put on hold until a person has looked: who asked us to stop since then, we do not know.
"""

import secrets
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlmodel import Session, col

import bot.tables
from bot.audit import Actor, record
from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.migrations.running import migrate
from bot.operations.audit_check import newest_head
from bot.operations.backup import NOTE, BackupNote, copy_rows, read_note
from bot.operations.backup_seal import refuse_changed, refuse_damaged
from bot.refusals import Refused
from bot.sealing import Sealing
from bot.tables.accounts import PasswordLink, UserAccount
from bot.tables.messaging import Attempt, Direction, Heartbeat, Message, Outcome, State

PROTECTED = ("audit_entry", "audit_seal")
"""Tables that only a restore may empty."""
ALIVE_WITHIN = timedelta(seconds=60)
_MAY_HAVE_GONE = (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)


@dataclass(frozen=True)
class Restored:
    """What a restore did: texts to be looked up at Twilio, and campaigns on hold until a person resumes them."""

    backup_at: datetime
    rows: int
    uncertain: int
    held_campaigns: int


def restore(db: Database, path: Path, actor: Actor, *, force: bool = False, trusted: bool = False) -> Restored:
    """Put a backup in the place of what is there. It may come from either database, and from an older version.

    :param force: also when the database holds something; that is gone then.
    :param trusted: also a backup without a seal that can be checked; one whose seal does not fit never.
    :raises Refused: no backup of ours, a changed or a damaged one, a database
        that holds something, or processes still at work.
    """
    note = read_note(path)
    refuse_damaged(path)
    if db.sealing:
        refuse_changed(path, NOTE, note.told, note.seal, db.sealing, trusted=trusted)
    migrate(db.url)
    refuse_while_at_work(db)
    if not force and _holds_something(db):
        raise Refused(
            "not-empty", "This database holds data already. To put the backup in its place, say so: restore --force"
        )
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".restoring-") as folder:
        working = Path(folder) / "working.db"
        shutil.copyfile(path, working)
        restored = _prepare(working, note, actor, db.sealing)
        _put_in_place(working, db)
    _note_new_head(db)
    return restored


def _note_new_head(db: Database) -> None:
    """The trail is another now: its head takes the place of the former, and says so."""
    head = newest_head(db, restored=utc_now().isoformat(timespec="seconds"))
    if db.sealing and head:
        db.sealing.note_restored(head)


def settle_after_restore(db: Database, backup_at: datetime, actor: Actor) -> Restored:
    """The same care for a database that was put back by other means, such as a point-in-time recovery.

    :param backup_at: the moment the database stands at; later deeds are not in it.
    :raises Refused: processes are still at work.
    """
    refuse_while_at_work(db)
    with db.write() as session:
        return _settle(session, backup_at, actor)


def refuse_while_at_work(db: Database) -> None:
    """On PostgreSQL nobody holds a lock for as long as they live, but they say that they are at work.

    :raises Refused: naming what to stop.
    """
    if db.is_sqlite:
        return
    with db.read() as session:
        lately = col(Heartbeat.at).between(utc_now() - ALIVE_WITHIN, utc_now() + ALIVE_WITHIN)
        beats = session.execute(select(col(Heartbeat.name)).where(lately))
        working = sorted({name for (name,) in beats} & {"worker", "clock", "translator"})
    if working:
        message = "Stop web, worker, clock and translator, and try again in a minute."
        raise Refused("at-work", f"Still at work: {' and '.join(working)}. {message}")


def _holds_something(db: Database) -> bool:
    with db.engine.connect() as connection:
        return any(
            connection.execute(select(table).limit(1)).first() is not None
            for table in bot.tables.metadata.sorted_tables
        )


def _prepare(working: Path, note: BackupNote, actor: Actor, sealing: Sealing | None) -> Restored:
    """Bring a copy of the backup up to date, and settle it before anything takes its place."""
    with closing(sqlite3.connect(working)) as copy:
        copy.execute(f"DROP TABLE {NOTE}")
    url = f"sqlite:///{working}"
    migrate(url)
    copy_of_ours = Database(url, sealing=sealing.without_head() if sealing else None)
    try:
        with copy_of_ours.write() as session:
            return _settle(session, note.at, actor)
    finally:
        copy_of_ours.dispose()


def _settle(session: Session, backup_at: datetime, actor: Actor) -> Restored:
    now = utc_now()
    uncertain = _make_uncertain(session, backup_at, now)
    campaigns = sum(care.settle(session) for care in in_use().bring("after_restore"))
    _end_sessions_and_links(session, now)
    session.execute(delete(Heartbeat))
    record(
        session, actor, "restored", "database", backup=backup_at.isoformat(), uncertain=uncertain, campaigns=campaigns
    )
    session.flush()
    tables = bot.tables.metadata.sorted_tables
    rows = sum(session.execute(select(func.count()).select_from(table)).scalar() or 0 for table in tables)
    return Restored(backup_at, rows, uncertain, campaigns)


def _make_uncertain(session: Session, backup_at: datetime, now: datetime) -> int:
    """Give every text that may have gone out since the backup an attempt to look up at Twilio."""
    waiting = session.execute(
        select(col(Message.id), col(Message.attempts)).where(
            col(Message.direction) == Direction.OUT, col(Message.state).in_(_MAY_HAVE_GONE)
        )
    ).all()
    session.execute(
        update(Attempt)
        .where(col(Attempt.outcome).in_((Outcome.OPEN, Outcome.UNKNOWN)))
        .values(outcome=Outcome.UNKNOWN, look_up_at=now, look_ups=0)
    )
    unsettled = set(session.scalars(select(col(Attempt.message_id)).where(col(Attempt.outcome) == Outcome.UNKNOWN)))
    fresh = [_attempt(message_id, made, backup_at, now) for message_id, made in waiting if message_id not in unsettled]
    if fresh:
        session.execute(insert(Attempt), fresh)
    session.execute(
        update(Message)
        .where(col(Message.direction) == Direction.OUT, col(Message.state).in_(_MAY_HAVE_GONE))
        .values(state=State.UNCERTAIN, updated_at=now)
    )
    for attempt in fresh:
        session.execute(
            update(Message).where(col(Message.id) == attempt["message_id"]).values(attempts=attempt["number"])
        )
    return len(waiting)


def _attempt(message_id: int, made: int, backup_at: datetime, now: datetime) -> dict[str, object]:
    return {
        "message_id": message_id,
        "number": made + 1,
        "ref": secrets.token_urlsafe(24),
        "outcome": Outcome.UNKNOWN,
        "started_at": backup_at,
        "lease_until": now,
        "look_ups": 0,
        "look_up_at": now,
    }


def _end_sessions_and_links(session: Session, now: datetime) -> None:
    """Sessions that were ended since the backup, and links that were used since, must not work again."""
    minutes = int(now.timestamp() // 60)
    session.execute(update(UserAccount).values(session_epoch=minutes))
    session.execute(update(PasswordLink).where(col(PasswordLink.used_at).is_(None)).values(used_at=now))


def _put_in_place(working: Path, db: Database) -> None:
    if db.is_sqlite:
        target = make_url(db.url).database or ""
        db.dispose()
        with closing(sqlite3.connect(working)) as copy, closing(sqlite3.connect(target, timeout=30)) as live:
            copy.backup(live)
        return
    copy_of_ours = Database(f"sqlite:///{working}")
    try:
        with copy_of_ours.engine.connect() as source, db.engine.begin() as live:
            names = ", ".join(table.name for table in bot.tables.metadata.sorted_tables)
            for table in PROTECTED:
                live.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_keeps_all"))
            live.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            for table in PROTECTED:
                live.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {table}_keeps_all"))
            copy_rows(source, live)
            _go_on_counting(live)
    finally:
        copy_of_ours.dispose()


def _go_on_counting(live: Connection) -> None:
    """New rows get numbers after those that were restored."""
    for table in bot.tables.metadata.sorted_tables:
        for column in table.primary_key.columns:
            sequence = live.execute(
                text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            ).scalar()
            if sequence:
                highest = select(func.max(column)).scalar_subquery()
                live.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))
