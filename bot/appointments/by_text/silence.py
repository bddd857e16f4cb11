"""Somebody said that they cannot come, and then no more: the visit stays, and staff are asked to phone."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.appointments.by_text.offering import CHOOSES_A_TIME
from bot.appointments.by_text.questions import CANNOT_COME
from bot.appointments.subject import VISIT
from bot.attention.items import ask_a_person
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.appointments import Visit, VisitState
from bot.tables.attention import InboxItem
from bot.tables.messaging import Message, OpenQuestion, QuestionState

MAY_NOT_COME = "may-not-come"
REASONS: Mapping[str, str] = {
    MAY_NOT_COME: (
        "The person cannot come to an appointment, or wants another time, and has not said more since we asked. "
        "It stays booked: phone them."
    ),
}
_BEFORE_IT = timedelta(hours=3)
"""So long before the visit staff hear of it though the person may still answer."""
_LATELY = timedelta(days=7)
_SAY_THEY_MAY_NOT = (CANNOT_COME, CHOOSES_A_TIME)


def ask_about_silence(db: Database, _settings: Settings) -> int:
    """The job: put before staff, once, every visit whose person cannot come and has not said what they want.

    :return: how many.
    """
    with db.read() as session:
        if not _silent(session):
            return 0
    with db.write() as session:
        silent = _silent(session)
        for message, question in silent:
            ask_a_person(session, message, MAY_NOT_COME, subject=question.subject)
    return len(silent)


def _silent(session: Session) -> list[tuple[Message, OpenQuestion]]:
    now = utc_now()
    later = aliased(OpenQuestion)
    said_more = exists().where(
        col(later.subject_kind) == VISIT,
        col(later.subject_id) == col(OpenQuestion.subject_id),
        col(later.id) > col(OpenQuestion.id),
        or_(col(later.kind).in_(_SAY_THEY_MAY_NOT), col(later.state) == QuestionState.ANSWERED),
    )
    known = exists().where(
        col(InboxItem.message_id) == col(OpenQuestion.message_id), col(InboxItem.reason) == MAY_NOT_COME
    )
    statement = (
        select(Message, OpenQuestion)
        .join(Message, col(Message.id) == col(OpenQuestion.message_id))
        .join(Visit, col(Visit.id) == col(OpenQuestion.subject_id))
        .where(
            OpenQuestion.subject_kind == VISIT,
            col(OpenQuestion.kind).in_(_SAY_THEY_MAY_NOT),
            OpenQuestion.state != QuestionState.ANSWERED,
            col(OpenQuestion.opened_at).is_not(None),
            col(OpenQuestion.expires_at) > now - _LATELY,
            or_(col(OpenQuestion.expires_at) <= now, col(Visit.starts) <= now + _BEFORE_IT),
            Visit.state == VisitState.BOOKED,
            col(Visit.starts) > now,
            ~said_more,
            ~known,
        )
        .order_by(col(OpenQuestion.id))
    )
    return [(message, question) for message, question in session.exec(statement)]
