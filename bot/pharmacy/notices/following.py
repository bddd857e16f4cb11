"""Notices follow their texts: what becomes of a text is kept on its notice, and told to the pharmacy's system."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select as columns
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.notices.calling import WANT_A_CALL, call_or_not, texted_before
from bot.pharmacy.notices.ending import keep_from
from bot.pharmacy.notices.happening import Happened, happened_to_many
from bot.pharmacy.notices.states import BY_ITS_TEXT, state_sql, why_none_sql
from bot.rows import CHUNK
from bot.settings import Settings
from bot.tables.messaging import Message
from bot.tables.pharmacy import Notice, NoticeState


def follow_texts(db: Database, _settings: Settings) -> int:
    """The job: bring every notice to where its text stands; gives how many moved."""
    moved = 0
    while True:
        with db.write() as session:
            some = _follow_some(session, utc_now())
        moved += some
        if some < CHUNK:
            return moved


def _follow_some(session: Session, now: datetime) -> int:
    behind = (
        columns(Notice, state_sql(), why_none_sql(), col(Message.reason))
        .join(Message, col(Message.id) == col(Notice.message_id))
        .where(col(Notice.state).in_(BY_ITS_TEXT), state_sql() != col(Notice.state))
        .order_by(col(Notice.id))
        .limit(CHUNK)
        .with_for_update(skip_locked=True, key_share=True, of=Notice)
    )
    rows = session.execute(behind).all()
    kept_back = [row[0].patient_id or 0 for row in rows if row[3] in WANT_A_CALL]
    known = texted_before(session, kept_back)
    kept: list[tuple[Notice, str | None]] = []
    happenings: list[tuple[Notice, Happened]] = []
    for notice, state, why_none, reason in rows:
        if state == NoticeState.NOT_TEXTED:
            texted = (notice.pharmacy_id, notice.patient_id) in known
            kept.append((notice, call_or_not(reason, texted) if reason in WANT_A_CALL else why_none))
        else:
            happenings += [(notice, each) for each in _move(session, notice, state, now)]
    keep_from(session, kept, now)
    happened_to_many(session, happenings, now)
    return len(rows)


def _move(session: Session, notice: Notice, state: str, now: datetime) -> Sequence[Happened]:
    """Bring a notice to a state, and give what happened: its text may have gone and have arrived since we looked."""
    gone_too = state == NoticeState.DELIVERED and notice.state == NoticeState.QUEUED
    notice.state, notice.changed_at = state, now
    session.add(notice)
    return (Happened.SENT, Happened(state)) if gone_too else (Happened(state),)
