"""What texts about visits ask, and what follows each answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.messaging.questions import Question
from bot.tables.appointments import Visit
from bot.understanding.questions import QUESTIONS

_LONGEST_AHEAD = timedelta(days=366)


def starts_of(session: Session, visit_ids: Sequence[int]) -> Mapping[int, datetime]:
    """When each of these visits starts."""
    starts = select(Visit.id, Visit.starts).where(col(Visit.id).in_(visit_ids))
    return {visit_id or 0: moment for visit_id, moment in session.exec(starts)}


WHETHER_THEY_COME = Question(means=QUESTIONS["visit"], lasts=_LONGEST_AHEAD, answers={}, ends=starts_of)

NEW_TIME = Question(means=QUESTIONS["new-time"], lasts=timedelta(days=7), answers={})
