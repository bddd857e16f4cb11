"""What ends or turns a notice that has not gone: its person died, opted out of all, or has another number."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.patients.eligibility import Reason
from bot.pharmacy.notices.calling import CALL_INSTEAD, NO_TEXT_POSSIBLE, call_or_not, texted_before
from bot.pharmacy.notices.happening import Happened, happened_to_many
from bot.pharmacy.notices.withdrawing import cancel_texts
from bot.rows import among
from bot.tables.messaging import Message
from bot.tables.patients import OptOut, OptOutScope, Patient
from bot.tables.pharmacy import Notice, NoticeState

_UNSENT = (NoticeState.HELD, NoticeState.QUEUED)


def keep_from(session: Session, kept: Sequence[tuple[Notice, str | None]], now: datetime) -> None:
    """No text of these notices goes, each of which says why; whoever is to phone instead hears so."""
    for notice, why_none in kept:
        notice.state, notice.why_none, notice.goes_at, notice.changed_at = NoticeState.NOT_TEXTED, why_none, None, now
        session.add(notice)
    called = [(notice, Happened.CALL_INSTEAD) for notice, why_none in kept if why_none == CALL_INSTEAD]
    happened_to_many(session, called, now)


def end_with_death(session: Session, patient_ids: Sequence[int]) -> None:
    """Nothing goes any more to people who have died, and nobody learns why."""
    now = utc_now()
    unsent = _unsent(session, among(session, col(Notice.patient_id), patient_ids), now)
    keep_from(session, [(notice, NO_TEXT_POSSIBLE) for notice in unsent], now)


def end_with_opt_out(session: Session, opt_out: OptOut) -> None:
    """Who wants no texts at all gets none of a pharmacy, which is to phone if it has texted them before.

    Notices are care: to want no invitations does not stop them.
    """
    if opt_out.scope != OptOutScope.ALL:
        return
    now, notices = utc_now(), _unsent(session, _theirs(opt_out), utc_now())
    known = texted_before(session, [notice.patient_id or 0 for notice in notices])
    texted = [(notice.pharmacy_id, notice.patient_id) in known for notice in notices]
    why = [call_or_not(Reason.OPTED_OUT, each) for each in texted]
    keep_from(session, list(zip(notices, why, strict=True)), now)


def _theirs(opt_out: OptOut) -> ColumnElement[bool]:
    if opt_out.phone is None:
        return col(Notice.patient_id) == opt_out.patient_id
    with_it = select(Patient.id).where(Patient.practice_id == opt_out.practice_id, Patient.phone == opt_out.phone)
    return col(Notice.patient_id).in_(with_it)


def follow_the_number(session: Session, patient_ids: Sequence[int]) -> None:
    """A text that waits for a number a person has no more is made anew for the one they have, if they may be texted."""
    now = utc_now()
    theirs = among(session, col(Notice.patient_id), patient_ids)
    for notice in _unsent(session, theirs, now):
        if notice.message_id is None:
            continue
        named = update(Message).where(col(Message.id) == notice.message_id)
        session.execute(named.values(dedupe_key=None))
        notice.state, notice.message_id, notice.goes_at, notice.changed_at = NoticeState.HELD, None, now, now
        session.add(notice)


def _unsent(session: Session, which: ColumnElement[bool], now: datetime) -> list[Notice]:
    """Notices that have not gone, their texts cancelled."""
    statement = select(Notice).where(which, col(Notice.state).in_(_UNSENT)).order_by(col(Notice.id))
    locked = statement.with_for_update(key_share=True)
    notices = session.exec(locked, execution_options={"populate_existing": True}).all()
    gone = cancel_texts(session, notices, now)
    return [notice for notice in notices if notice.message_id is None or notice.message_id in gone]
