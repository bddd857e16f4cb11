"""Status callbacks: they may repeat, come out of order, late, or before the POST has answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Row, bindparam, update
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.fields import storable
from bot.messaging.outcomes import advance, join
from bot.messaging.policy import STATE_OF_TWILIO
from bot.messaging.tables import Attempt, Message, State, StatusEvent


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
    try:
        _keep_and_join(db, attempt_ref, report)
    except (IntegrityError, OperationalError):  # the same one on another connection, or a deadlock: now it goes
        _keep_and_join(db, attempt_ref, report)


def _keep_and_join(db: Database, attempt_ref: str, report: StatusReport) -> None:
    with db.write() as session:
        now = utc_now()
        known = session.connection().execute(_KNOWN, {"of_ref": storable(attempt_ref)}).first()
        if not _is_new(session, attempt_ref, known.message_id if known else None, report, now) or known is None:
            return
        state = _plain_progress(known, report)
        if state:
            advance(session, known.message_id, state, now, report.sid, report.status)
        else:
            join(session, known.id, report.sid, report.status, report.error_code, now)


_KNOWN = (
    sqlalchemy_select(col(Attempt.id), col(Attempt.message_id), col(Attempt.sid), col(Message.attempts))
    .join(Message, col(Message.id) == col(Attempt.message_id))
    .where(col(Attempt.ref) == bindparam("of_ref"))
    # The attempt before the event, which holds on to the message: whoever commits a POST locks in that order too.
    .with_for_update(key_share=True, of=Attempt)
)


def _plain_progress(known: Row[int | None, int, str | None, int], report: StatusReport) -> State | None:
    """The state to move to when there is no more to it: the only attempt, known by this sid, got further."""
    state = STATE_OF_TWILIO.get(report.status)
    only_one = known.attempts == 1 and known.sid == report.sid
    return state if only_one and state in (State.ACCEPTED, State.SENT, State.DELIVERED) else None


def _is_new(session: Session, ref: str, message_id: int | None, report: StatusReport, now: datetime) -> bool:
    connection = session.connection()
    event = {
        "attempt_ref": storable(ref)[:64],
        "message_id": message_id,
        "sid": report.sid,
        "status": report.status,
        "error_code": report.error_code,
        "received_at": now,
        "carrier_time": report.carrier_time,
        "repeats": 0,
    }
    kept = connection.execute(_keep_unless_known(connection.dialect.name), event).first() is not None
    if not kept:
        same = (col(StatusEvent.sid) == report.sid, col(StatusEvent.status) == report.status)
        connection.execute(update(StatusEvent).where(*same).values(repeats=col(StatusEvent.repeats) + 1))
    return kept


@cache
def _keep_unless_known(dialect: str) -> ReturningInsert[tuple[int]]:
    """Gives a row when it was kept. Another connection that keeps the same one at this moment is waited for."""
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    statement = insert(StatusEvent).on_conflict_do_nothing(index_elements=["sid", "status"])
    return statement.returning(col(StatusEvent.id))
