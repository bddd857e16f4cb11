"""What a pharmacy said is taken back: a text that has not gone does not go, and nobody is reminded of it.

A claim at the same moment has either taken the text, which then goes, or finds it cancelled.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.messaging.questions import drop_questions_of
from bot.pharmacy.notices.subject import NOTICE, WITHDRAWN
from bot.refusals import Refused
from bot.rows import among
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeKind, NoticeState

OF_READY = (NoticeKind.READY, NoticeKind.PART_READY)
"""What sends people to the pharmacy, and what collecting ends."""
_UNSENT = (NoticeState.HELD, NoticeState.QUEUED)
_WAITING = (State.QUEUED, State.HELD)


def withdraw_notice(session: Session, notice: Notice, actor: Actor, now: datetime) -> Notice:
    """Take a notice back, in the caller's transaction; again, or one of which no text goes, it changes nothing.

    :raises Refused: `notice-gone`, its text is on its way or there already.
    """
    found = _locked(session, notice)
    if found.state in (NoticeState.WITHDRAWN, NoticeState.NOT_TEXTED):
        return found
    if found.state == NoticeState.HELD or (found.state == NoticeState.QUEUED and cancel_texts(session, [found], now)):
        found.state, found.changed_at = NoticeState.WITHDRAWN, now
        session.add(found)
        record(session, actor, "notice-withdrawn", f"notice:{found.id}", practice_id=found.practice_id)
        return found
    raise Refused("notice-gone", "The text has gone already, so it cannot be taken back. Phone the person.")


def take_back(session: Session, pharmacy: Pharmacy, person: Patient, now: datetime) -> int:
    """Nothing is ready for a person any more, as the wire says: what has not gone does not, and reminders end.

    :return: how many notices are withdrawn.
    """
    return len(end_ready(session, pharmacy, [person.id or 0], now))


def end_ready(session: Session, pharmacy: Pharmacy, people: Collection[int], now: datetime) -> list[int | None]:
    """What sent these people to the pharmacy is over: unsent texts are cancelled, reminders end.

    :return: the messages, or None, of the notices that are withdrawn.
    """
    if not people:
        return []
    theirs = select(Notice).where(
        among(session, col(Notice.patient_id), people),
        Notice.pharmacy_id == pharmacy.id,
        col(Notice.kind).in_(OF_READY),
        col(Notice.collected_at).is_(None),
        col(Notice.state).not_in((NoticeState.WITHDRAWN, NoticeState.NOT_TEXTED)),
    )
    notices = session.exec(theirs.order_by(col(Notice.id)).with_for_update(key_share=True)).all()
    unsent = [notice for notice in notices if notice.state in _UNSENT]
    gone = cancel_texts(session, unsent, now)
    withdrawn = [notice for notice in unsent if notice.message_id is None or notice.message_id in gone]
    for notice in notices:
        notice.collected_at = notice.changed_at = now
        if notice in withdrawn:
            notice.state = NoticeState.WITHDRAWN
        session.add(notice)
    cancel_reminders(session, notices, now)
    session.flush()
    return [notice.message_id for notice in withdrawn]


def cancel_texts(session: Session, notices: Sequence[Notice], now: datetime) -> frozenset[int]:
    """Cancel what these notices have not sent yet, with what it would have asked; gives those messages."""
    ids = [notice.message_id for notice in notices if notice.message_id is not None]
    return _cancel(session, among(session, col(Message.id), ids), now) if ids else frozenset()


def cancel_reminders(session: Session, notices: Sequence[Notice], now: datetime) -> None:
    """Reminders of these notices that wait for their hour do not go."""
    ids = [notice.id or 0 for notice in notices if notice.reminded]
    if ids:
        about_them = and_(col(Message.subject_kind) == NOTICE, among(session, col(Message.subject_id), ids))
        _cancel(session, and_(about_them, col(Message.kind) == Kind.REMINDER), now)


def _cancel(session: Session, which: ColumnElement[bool], now: datetime) -> frozenset[int]:
    session.flush()
    cancelling = update(Message).where(which, col(Message.state).in_(_WAITING))
    changes = {"state": State.CANCELLED, "reason": WITHDRAWN, "updated_at": now}
    cancelled = session.execute(
        cancelling.values(changes).returning(col(Message.id)), execution_options={"synchronize_session": False}
    )
    ids = [row[0] for row in cancelled.all()]
    drop_questions_of(session, ids)
    return frozenset(number or 0 for number in ids)


def withdraw_held_duplicates(
    session: Session, pharmacy: Pharmacy, same: Collection[tuple[int | None, str]], now: datetime
) -> None:
    """Somebody said that it goes all the same, as a notice of its own: those that waited for that are over."""
    if not same:
        return
    of_these = or_(*(and_(col(Notice.patient_id) == number, col(Notice.kind) == kind) for number, kind in same))
    waiting = update(Notice).where(
        of_these,
        col(Notice.pharmacy_id) == pharmacy.id,
        col(Notice.state) == NoticeState.HELD,
        col(Notice.duplicate_of).is_not(None),
    )
    session.execute(waiting.values(state=NoticeState.WITHDRAWN, changed_at=now))


def _locked(session: Session, notice: Notice) -> Notice:
    locked = select(Notice).where(Notice.id == notice.id).with_for_update(key_share=True)
    return session.exec(locked, execution_options={"populate_existing": True}).one()
