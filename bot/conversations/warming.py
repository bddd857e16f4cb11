"""What the first text after a start would have to wait for is done before it comes."""

import structlog
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.conversations.inbound import InboundText, receive
from bot.database import Database
from bot.settings import Settings
from bot.tables.messaging import OpenQuestion, QuestionState
from bot.tables.organisations import Sender
from bot.understanding.lexicon import lexicon

log = structlog.get_logger("web")

NOBODY = "+447700900000"
"""A number that is kept for stories and films."""
SID = "warm-up"


class _UndoneError(Exception):
    """Everything was done, and is taken back."""


def load_word_lists() -> None:
    """Load the reply words; processes that are forked afterwards share them."""
    lexicon()


def warm_up(db: Database, settings: Settings) -> None:
    """Answer a text and undo it, so that lists are loaded, code is imported and statements are built.

    It is a "1" to the question asked last, for most texts are; nothing of it is committed, so nothing can be sent.
    A service that cannot be warmed up starts all the same.
    """
    load_word_lists()
    try:
        _answer_and_undo(db, settings)
    except _UndoneError:
        pass
    except Exception as error:
        log.warning("not-warmed-up", error=type(error).__name__)


def _answer_and_undo(db: Database, settings: Settings) -> None:
    with db.read() as session:
        text = _an_answer(session, settings)
    with db.write() as session:
        receive(session, settings, text)
        session.flush()
        raise _UndoneError


def _an_answer(session: Session, settings: Settings) -> InboundText:
    asked = (
        select(OpenQuestion.phone, Sender.number, Sender.service_sid)
        .join(Sender, col(Sender.id) == col(OpenQuestion.sender_id))
        .where(OpenQuestion.state == QuestionState.OPEN, col(OpenQuestion.expires_at) > utc_now())
        .order_by(col(OpenQuestion.id).desc())
    )
    found = session.exec(asked.limit(1)).first() or (NOBODY, settings.sender_number, settings.sender_service)
    phone, number, service = found
    return InboundText(sid=SID, phone=phone, to=number or "", service_sid=service, body="1", opt_out_type=None)
