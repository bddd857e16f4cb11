"""Notices of a pharmacy as its people and programs read them, in two statements however many they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.pharmacy.notices.states import notices_as_json, written
from bot.tables.organisations import Pharmacy
from bot.tables.pharmacy import Notice

COLUMNS = ("id", "kind", "reason", "state", "created", "why_none", "source", "answer")


def notices_of(session: Session, pharmacy: Pharmacy, since: datetime | None = None) -> Sequence[Notice]:
    """The notices of a pharmacy, the newest first.

    :param since: UTC; of all that are kept, where nothing is said.
    """
    statement = select(Notice).where(Notice.pharmacy_id == pharmacy.id)
    if since is not None:
        statement = statement.where(col(Notice.created_at) >= since)
    return session.exec(statement.order_by(col(Notice.created_at).desc(), col(Notice.id).desc())).all()


def lines_of(session: Session, notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """What `GET` says of these, and what came of them beside."""
    known = notices_as_json(session, notices) if notices else []
    return [line | _more(notice) for line, notice in zip(known, notices, strict=True)]


def _more(notice: Notice) -> dict[str, Any]:
    return {
        "reason": notice.reason,
        "source": notice.source,
        "goes_at": notice.goes_at and written(notice.goes_at),
        "answer": notice.answer,
        "answered": notice.answered_at and written(notice.answered_at),
        "reminders": notice.reminded,
        "collected": notice.collected_at is not None,
    }
