"""Status callbacks: they may repeat, come out of order, late, or before the POST has answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.fields import storable
from bot.messaging.outcomes import join
from bot.messaging.tables import Attempt, StatusEvent


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
    except IntegrityError:  # the same one at the same moment on another connection: now it is a repetition
        _keep_and_join(db, attempt_ref, report)


def _keep_and_join(db: Database, attempt_ref: str, report: StatusReport) -> None:
    with db.write() as session:
        now = utc_now()
        attempt = session.exec(select(Attempt).where(Attempt.ref == storable(attempt_ref))).first()
        if not _is_new(session, attempt_ref, attempt, report, now) or attempt is None:
            return
        join(session, attempt.id or 0, report.sid, report.status, report.error_code, now)


def _is_new(session: Session, ref: str, attempt: Attempt | None, report: StatusReport, now: datetime) -> bool:
    same = (col(StatusEvent.sid) == report.sid, col(StatusEvent.status) == report.status)
    repeated = session.execute(update(StatusEvent).where(*same).values(repeats=col(StatusEvent.repeats) + 1))
    if repeated.rowcount:  # type: ignore[attr-defined]
        return False
    session.add(
        StatusEvent(
            attempt_ref=storable(ref)[:64],
            message_id=attempt.message_id if attempt else None,
            sid=report.sid,
            status=report.status,
            error_code=report.error_code,
            received_at=now,
            carrier_time=report.carrier_time,
        )
    )
    session.flush()
    return True
