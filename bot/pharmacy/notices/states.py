"""Where a notice stands, read from its text in one statement, and as programs read it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Case, ColumnElement, and_, case, func, literal, null
from sqlalchemy import select as columns
from sqlmodel import Session, col

from bot.messaging.cancelling import NOT_THEIRS
from bot.pharmacy.notices.calling import NO_TEXT_POSSIBLE, NOT_APPROVED, TOO_LATE
from bot.rows import among
from bot.tables.messaging import Message, State
from bot.tables.pharmacy import Notice, NoticeState

BY_ITS_TEXT = (NoticeState.QUEUED, NoticeState.SENT)
"""States that go on with what becomes of the text."""
_OF_MESSAGE = {
    State.ACCEPTED: NoticeState.SENT,
    State.SENT: NoticeState.SENT,
    State.DELIVERED: NoticeState.DELIVERED,
    State.UNDELIVERED: NoticeState.FAILED,
    State.FAILED: NoticeState.FAILED,
    State.CANCELLED: NoticeState.NOT_TEXTED,
}
_TOO_LATE, _NOT_APPROVED = NOT_THEIRS
HELD_DUPLICATE = "held-duplicate"
_NO_TEXT = (NoticeState.NOT_TEXTED, NoticeState.WITHDRAWN)


def state_sql() -> Case[str]:
    """The state of the Notice of a query, to which its Message is joined, if it has one."""
    of_text = case(
        *((col(Message.state) == text, literal(str(state))) for text, state in _OF_MESSAGE.items()),
        else_=col(Notice.state),
    )
    return case((col(Notice.state).in_(BY_ITS_TEXT), of_text), else_=col(Notice.state))


def why_none_sql() -> ColumnElement[str | None]:
    """Why no text goes, or why it waits; of one that its claim kept back, so told that it says nothing of them."""
    kept_back = case(
        (col(Message.reason) == _TOO_LATE, literal(TOO_LATE)),
        (col(Message.reason) == _NOT_APPROVED, literal(NOT_APPROVED)),
        else_=literal(NO_TEXT_POSSIBLE),
    )
    waits = and_(col(Notice.state) == NoticeState.HELD, col(Notice.duplicate_of).is_not(None))
    derived = case((waits, literal(HELD_DUPLICATE)), (state_sql() == NoticeState.NOT_TEXTED, kept_back), else_=null())
    return func.coalesce(col(Notice.why_none), derived)


def written(moment: datetime) -> str:
    """A moment as the API and the commands write it: 2026-11-24T09:00:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def notice_as_json(session: Session, notice: Notice) -> dict[str, Any]:
    """A notice as programs read it."""
    return notices_as_json(session, [notice])[0]


def notices_as_json(session: Session, notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """Notices as programs read them, in their order, by one statement."""
    session.flush()
    statement = (
        columns(col(Notice.id), state_sql(), why_none_sql(), col(Message.language), col(Message.parts))
        .outerjoin(Message, col(Message.id) == col(Notice.message_id))
        .where(among(session, col(Notice.id), [notice.id for notice in notices]))
    )
    found = {row[0]: row[1:] for row in session.execute(statement).all()}
    return [_line(notice, *found[notice.id]) for notice in notices]


def _line(notice: Notice, state: str, why_none: str | None, language: str | None, parts: int | None) -> dict[str, Any]:
    text = None if parts is None or state in _NO_TEXT else {"language": language, "parts": parts}
    return {
        "id": notice.public,
        "kind": notice.kind,
        "state": state,
        "created": written(notice.created_at),
        "text": text,
        "why_none": why_none,
    }
