"""Status callbacks: they may repeat, come out of order, late, or before the POST has answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Row, Update, bindparam, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.outcomes import has_arrived, join, moving_up
from bot.messaging.twilio.fields import storable
from bot.messaging.twilio.statuses import STATE_OF_TWILIO
from bot.tables.messaging import Attempt, Message, State, StatusEvent


@dataclass(frozen=True)
class StatusReport:
    """What a callback says. `error_code` and `carrier_time` come only with an end of the road."""

    sid: str
    status: str
    error_code: int | None
    carrier_time: str | None

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> "StatusReport":
        """Read Twilio's fields, old and new names; unknown ones are left alone."""
        code = fields.get("ErrorCode", "")
        return cls(
            sid=storable(fields.get("MessageSid") or fields.get("SmsSid") or "")[:64],
            status=storable(fields.get("MessageStatus") or fields.get("SmsStatus") or "").lower()[:32],
            error_code=int(code) if re.fullmatch(r"[0-9]{1,9}", code) else None,
            carrier_time=storable(fields.get("RawDlrDoneDate") or "")[:32] or None,
        )


def record_status(db: Database, attempt_ref: str, report: StatusReport) -> None:
    """Keep a callback and move its message up. The same one again changes nothing.

    A reference we do not know (a restored backup has such) is kept with no message.
    """
    db.write_with_retry(lambda session: _keep_and_join(session, storable(attempt_ref), report))


def _keep_and_join(session: Session, ref: str, report: StatusReport) -> None:
    now = utc_now()
    kept = _keep(session, ref, report, now)
    if kept is None:
        _count_repetition(session, report)
    elif kept.message_id is not None and not _plain_progress(session, kept.message_id, ref, report, now):
        attempt_id = session.exec(select(col(Attempt.id)).where(Attempt.ref == ref)).one()
        join(session, attempt_id or 0, report.sid, report.status, report.error_code, now)


def _keep(session: Session, ref: str, report: StatusReport, now: datetime) -> Row[int | None] | None:
    """Keep the event with the message of its attempt; None when it is known already."""
    event = {
        "attempt_ref": ref[:64],
        "of_ref": ref,
        "sid": report.sid,
        "status": report.status,
        "error_code": report.error_code,
        "received_at": now,
        "carrier_time": report.carrier_time,
        "repeats": 0,
    }
    connection = session.connection()
    return connection.execute(_keep_unless_known(connection.dialect.name), event).first()


@cache
def _keep_unless_known(dialect: str) -> ReturningInsert[int | None]:
    """Gives a row when it was kept. Another connection that keeps the same one at this moment is waited for."""
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    # The attempt is locked before the event holds on to the message: whoever commits a POST locks in that order too.
    of_attempt = select(col(Attempt.message_id)).where(col(Attempt.ref) == bindparam("of_ref"))
    message = of_attempt.with_for_update(key_share=True).scalar_subquery()
    statement = insert(StatusEvent).values(message_id=message).on_conflict_do_nothing(index_elements=["sid", "status"])
    return statement.returning(col(StatusEvent.message_id))


def _count_repetition(session: Session, report: StatusReport) -> None:
    same = (col(StatusEvent.sid) == report.sid, col(StatusEvent.status) == report.status)
    session.connection().execute(update(StatusEvent).where(*same).values(repeats=col(StatusEvent.repeats) + 1))


def _plain_progress(session: Session, message_id: int, ref: str, report: StatusReport, now: datetime) -> bool:
    """Move the message up if there is no more to it: its only attempt, known by this sid, got further."""
    state = STATE_OF_TWILIO.get(report.status)
    if state not in (State.ACCEPTED, State.SENT, State.DELIVERED):
        return False
    values = {"of_message": message_id, "of_ref": ref, "of_sid": report.sid, "at": now}
    reported = {"sid": report.sid, "twilio_status": report.status}
    moved = bool(session.connection().execute(_plainly_moving_up(state), values | reported).rowcount)
    if moved and state == State.DELIVERED:
        has_arrived(session, message_id)
    return moved


@cache
def _plainly_moving_up(state: State) -> Update:
    same = select(col(Attempt.id)).where(
        col(Attempt.message_id) == col(Message.id),
        col(Attempt.ref) == bindparam("of_ref"),
        col(Attempt.sid) == bindparam("of_sid"),
    )
    return moving_up(state, ("sid", "twilio_status")).where(col(Message.attempts) == 1, same.exists())
