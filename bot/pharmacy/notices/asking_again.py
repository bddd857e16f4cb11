"""What a pharmacy had asked a person is asked once more, in the language they have just named."""

from sqlmodel import col, select

from bot.clock import next_opening
from bot.conversations.exchange import Exchange, say
from bot.pharmacy.notices.saying import PHARMACY
from bot.pharmacy.notices.subject import about
from bot.pharmacy.notices.telling import TELL
from bot.pharmacy.notices.wording import MAY_TELL, values_of
from bot.pharmacy.organising.hours import open_next
from bot.tables.messaging import Kind, OpenQuestion, QuestionState
from bot.tables.organisations import Pharmacy
from bot.tables.pharmacy import Notice

_NOT_OURS = ("language", "language-confirm")


def ask_again_in(exchange: Exchange, _tag: str) -> bool:
    """Ask again, in the language on record by now, what a pharmacy asked last on the phone; whether it did."""
    last = _last_question(exchange)
    if last is None or last.kind not in (PHARMACY, TELL.name) or last.state != QuestionState.SUPERSEDED:
        return False
    if last.expires_at is None or last.expires_at <= exchange.now:
        return False
    notice = exchange.session.get(Notice, last.subject_id)
    return notice is not None and _say(exchange, last, notice)


def _say(exchange: Exchange, last: OpenQuestion, notice: Notice) -> bool:
    pharmacy = exchange.session.get_one(Pharmacy, notice.pharmacy_id)
    key = MAY_TELL if last.kind == TELL.name else last.detail or ""
    goes = next_opening(exchange.now, exchange.settings, outreach=False)
    values = values_of(pharmacy, key, open_next(exchange.session, pharmacy, goes))
    said = say(exchange, key, values, kind=Kind.QUESTION, question=last.kind, subject=about(notice), detail=last.detail)
    return said is not None


def _last_question(exchange: Exchange) -> OpenQuestion | None:
    asked = select(OpenQuestion).where(
        OpenQuestion.sender_id == exchange.message.sender_id,
        OpenQuestion.phone == exchange.message.phone,
        col(OpenQuestion.opened_at).is_not(None),
        col(OpenQuestion.kind).not_in(_NOT_OURS),
    )
    last = exchange.session.exec(asked.order_by(col(OpenQuestion.id).desc()).limit(1)).first()
    theirs = last is not None and exchange.patient is not None and last.patient_id == exchange.patient.id
    return last if theirs else None
