"""The network's own store: one SQLite file. What was accepted is committed before it is answered.

Write-ahead logging with synchronous NORMAL keeps every committed message through a kill of the process.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.simulator.delivery import Plan
from bot.simulator.records import (
    Answer,
    CallbackTry,
    DueCallback,
    HandsetSummary,
    Message,
    NewMessage,
    new_sid,
)

_SCHEMA = (Path(__file__).parent / "schema.sql").read_text()
_COLUMNS = (
    "id, sid, direction, handset, sender, service_sid, body, parts, status, error_code, spoken, "
    "callback_url, created_at, updated_at, sent_at, webhook_status"
)
_SELECT = f"SELECT {_COLUMNS} FROM message"  # noqa: S608
_TO = "(handset = :to AND direction <> 'inbound' OR sender = :to AND direction = 'inbound')"
_FROM = "(handset = :from AND direction = 'inbound' OR sender = :from AND direction <> 'inbound')"


@dataclass(frozen=True)
class Search:
    """Filters of Twilio's message list. `sent_from` and `sent_to` are inclusive seconds in UTC."""

    to: str | None = None
    from_: str | None = None
    sent_from: float | None = None
    sent_to: float | None = None
    before_id: int | None = None


class Store:
    """Everything the network remembers. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._writer = self._connect()
        self._writer.executescript(_SCHEMA)
        with self._writing() as db:
            # What was in hand when the process ended goes out again, as Twilio's callbacks may too.
            db.execute("UPDATE callback SET taken = 0 WHERE taken = 1 AND tried_at IS NULL")

    def close(self) -> None:
        """Close the file. Nothing can be kept afterwards."""
        with self._lock:
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own, so that a long list never holds up a message."""
        db = self._connect()
        try:
            yield db
        finally:
            db.close()

    # Messages

    def accept(self, new: NewMessage, plan: Plan | None = None) -> Message:
        """Keep a message with all that is planned for it. It is committed when this returns."""
        now = time.time()
        with self._writing() as db:
            message = _insert(db, new, now)
            if plan:
                _insert_plan(db, message.id, plan, now)
        return message

    def message(self, sid: str) -> Message | None:
        """The message of a sid."""
        return self._one(f"{_SELECT} WHERE sid = ?", sid)

    def message_by_id(self, message_id: int) -> Message:
        """The message of a row. Raises `LookupError`."""
        found = self._one(f"{_SELECT} WHERE id = ?", message_id)
        if found is None:
            raise LookupError(message_id)
        return found

    def _one(self, query: str, *values: Any) -> Message | None:
        with self._lock:
            row = self._writer.execute(query, values).fetchone()
        return _message(row) if row else None

    def search(self, search: Search, limit: int) -> list[Message]:
        """What Twilio's list would show, newest first. The network's own answers are not in it."""
        clauses = ["direction <> 'outbound-reply'"]
        values: dict[str, str | float] = {"limit": limit}
        for clause, name, value in (
            (_TO, "to", search.to),
            (_FROM, "from", search.from_),
            ("sent_at >= :sent_from", "sent_from", search.sent_from),
            ("sent_at <= :sent_to", "sent_to", search.sent_to),
            ("id < :before", "before", search.before_id),
        ):
            if value is not None:
                clauses.append(clause)
                values[name] = value
        query = f"{_SELECT} WHERE {' AND '.join(clauses)} ORDER BY id DESC LIMIT :limit"
        with self._reading() as db:
            return [_message(row) for row in db.execute(query, values)]

    def record_webhook(self, message_id: int, outcome: int | None) -> None:
        """Note what the service answered to an inbound text; None when it did not answer."""
        with self._writing() as db:
            db.execute("UPDATE message SET webhook_status = ? WHERE id = ?", (outcome, message_id))

    # Handsets

    def conversation(self, handset: str, limit: int = 200) -> list[Message]:
        """The newest messages of one handset, oldest first."""
        with self._reading() as db:
            rows = db.execute(f"{_SELECT} WHERE handset = ? ORDER BY id DESC LIMIT ?", (handset, limit)).fetchall()
        return [_message(row) for row in reversed(rows)]

    def handsets(self, limit: int = 50) -> list[HandsetSummary]:
        """The handsets with messages, the one with the newest first."""
        query = f"""
            SELECT {_COLUMNS}, count FROM message JOIN (
                SELECT max(id) AS newest, count(*) AS count FROM message GROUP BY handset
                ORDER BY newest DESC LIMIT ?
            ) ON id = newest ORDER BY id DESC"""  # noqa: S608
        with self._reading() as db:
            return [HandsetSummary(row[3], row[-1], _message(row[:-1])) for row in db.execute(query, (limit,))]

    def last_text_to(self, handset: str) -> Message | None:
        """The last text the service sent to a handset."""
        return self._one(
            f"{_SELECT} WHERE handset = ? AND direction = 'outbound-api' ORDER BY id DESC LIMIT 1", handset
        )

    def texts_from(self, handset: str, since: float) -> int:
        """How many texts a handset sent since a moment."""
        with self._lock:
            row = self._writer.execute(
                "SELECT count(*) FROM message WHERE handset = ? AND direction = 'inbound' AND created_at >= ?",
                (handset, since),
            ).fetchone()
        return int(row[0])

    def ledger(self) -> Iterator[tuple[Message, list[CallbackTry]]]:
        """Every message sent to handsets in order of acceptance, with the callbacks tried so far."""
        columns = ", ".join("m." + name for name in _COLUMNS.split(", "))
        query = f"""
            SELECT {columns}, c.status, c.tried_at, c.outcome, c.problem
            FROM message m LEFT JOIN callback c ON c.message_id = m.id AND c.tried_at IS NOT NULL
            WHERE m.direction <> 'inbound' ORDER BY m.id, c.tried_at, c.id"""  # noqa: S608
        width = len(_COLUMNS.split(", "))
        with self._reading() as db:
            for _, rows in groupby(db.execute(query), key=lambda row: row[0]):
                group = list(rows)
                tries = [CallbackTry(*row[width:]) for row in group if row[width] is not None]
                yield _message(group[0][:width]), tries

    # Opt-outs

    def block(self, sender: str, handset: str) -> bool:
        """Block a pair of sender and handset. False when it was blocked already."""
        with self._writing() as db:
            return db.execute("INSERT OR IGNORE INTO block VALUES (?, ?)", (sender, handset)).rowcount == 1

    def unblock(self, sender: str, handset: str) -> bool:
        """Lift the block of a pair. False when there was none."""
        with self._writing() as db:
            return db.execute("DELETE FROM block WHERE sender = ? AND handset = ?", (sender, handset)).rowcount == 1

    def is_blocked(self, sender: str, handset: str) -> bool:
        """Whether the handset opted out of this sender."""
        with self._lock:
            query = "SELECT 1 FROM block WHERE sender = ? AND handset = ?"
            return self._writer.execute(query, (sender, handset)).fetchone() is not None

    # What is due

    def take_due_steps(self, now: float, limit: int = 500) -> list[Message]:
        """Move messages on to the statuses that are due; returns those that reached their handset."""
        with self._writing() as db:
            steps = db.execute(
                "DELETE FROM step WHERE id IN "
                "(SELECT id FROM step WHERE due_at <= ? ORDER BY due_at, id LIMIT ?) "
                "RETURNING id, message_id, status, error_code, due_at",
                (now, limit),
            ).fetchall()
            for _, message_id, status, error_code, due_at in sorted(steps):
                db.execute(
                    "UPDATE message SET status = ?1, error_code = ?2, updated_at = ?3, "
                    "sent_at = CASE WHEN ?1 = 'sending' THEN sent_at ELSE coalesce(sent_at, ?3) END "
                    "WHERE id = ?4",
                    (status, error_code, due_at, message_id),
                )
            arrived = [step[1] for step in sorted(steps) if step[2] == "delivered"]
            found = [db.execute(f"{_SELECT} WHERE id = ?", (message_id,)).fetchone() for message_id in arrived]
        return [_message(row) for row in found]

    def take_due_callbacks(self, now: float, limit: int = 200) -> list[DueCallback]:
        """Claim the callbacks that are due, in the order they are due."""
        with self._writing() as db:
            rows = db.execute(
                "UPDATE callback SET taken = 1 WHERE id IN "
                "(SELECT id FROM callback WHERE taken = 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?) "
                "RETURNING id, message_id, status, error_code, due_at",
                (now, limit),
            ).fetchall()
        return sorted((DueCallback(*row) for row in rows), key=lambda due: (due.due_at, due.id))

    def record_tries(self, due: DueCallback, tries: list[CallbackTry]) -> None:
        """Keep how a callback went: the first try in its own row, each repetition in a new one."""
        first, *again = tries
        with self._writing() as db:
            db.execute(
                "UPDATE callback SET tried_at = ?, outcome = ?, problem = ? WHERE id = ?",
                (first.at, first.outcome, first.problem, due.id),
            )
            db.executemany(
                "INSERT INTO callback "
                "(message_id, status, error_code, due_at, taken, tried_at, outcome, problem) "
                "VALUES (?, ?, ?, ?, 1, ?, ?, ?)",
                [
                    (
                        due.message_id,
                        due.status,
                        due.error_code,
                        due.due_at,
                        again_.at,
                        again_.outcome,
                        again_.problem,
                    )
                    for again_ in again
                ],
            )

    def callbacks_open(self, message_id: int) -> bool:
        """Whether callbacks of a message are still to come."""
        with self._lock:
            query = "SELECT 1 FROM callback WHERE message_id = ? AND tried_at IS NULL LIMIT 1"
            return self._writer.execute(query, (message_id,)).fetchone() is not None

    def plan_answer(self, answer: Answer) -> None:
        """Let a handset answer by itself at its time."""
        with self._writing() as db:
            db.execute("INSERT INTO answer (handset, sender, body, due_at) VALUES (?, ?, ?, ?)", astuple(answer))

    def take_due_answers(self, now: float, limit: int = 50) -> list[Answer]:
        """Claim the answers that are due. A killed process may lose one: better than one said twice."""
        with self._writing() as db:
            rows = db.execute(
                "DELETE FROM answer WHERE id IN "
                "(SELECT id FROM answer WHERE due_at <= ? ORDER BY due_at LIMIT ?) "
                "RETURNING handset, sender, body, due_at",
                (now, limit),
            ).fetchall()
        return [Answer(*row) for row in rows]

    def forget_answers(self) -> None:
        """Drop the answers that handsets were about to send by themselves."""
        with self._writing() as db:
            db.execute("DELETE FROM answer")


def _insert(db: sqlite3.Connection, new: NewMessage, now: float) -> Message:
    sent_at = now if new.direction != "outbound-api" else None
    row = (
        new_sid(), new.direction, new.handset, new.sender, new.service_sid, new.body, new.parts, new.status,
        None, new.spoken, new.callback_url, now, now, sent_at, None,
    )  # fmt: skip
    columns = _COLUMNS.removeprefix("id, ")
    marks = ", ".join("?" * len(row))
    cursor = db.execute(f"INSERT INTO message ({columns}) VALUES ({marks})", row)  # noqa: S608
    return _message((cursor.lastrowid, *row))


def _insert_plan(db: sqlite3.Connection, message_id: int, plan: Plan, now: float) -> None:
    db.executemany(
        "INSERT INTO step (message_id, status, error_code, due_at) VALUES (?, ?, ?, ?)",
        [(message_id, step.status, step.error_code, now + step.after) for step in plan.steps],
    )
    db.executemany(
        "INSERT INTO callback (message_id, status, error_code, due_at, taken, tried_at, problem) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                message_id, item.step.status, item.step.error_code, now + item.after, item.lost,
                now + item.after if item.lost else None, "lost" if item.lost else None,
            )
            for item in plan.callbacks
        ],
    )  # fmt: skip


def _message(row: tuple[Any, ...]) -> Message:
    values = list(row)
    values[10] = bool(values[10])
    return Message(*values)
