"""What a person had been asked about a visit is asked once more, in the language they have just named."""

from collections.abc import Callable, Mapping

from sqlmodel import col, select

from bot.appointments.by_text.offering import CHOOSES_A_TIME, offers_of
from bot.appointments.by_text.questions import (
    CANNOT_COME,
    WHICH_VISIT,
    ask_what_they_want,
    ask_which,
    show_again,
    still_to_come,
)
from bot.appointments.by_text.telling import ASKS_WHETHER_THEY_COME, tell_booked
from bot.appointments.waiting.answers import offer_again
from bot.appointments.waiting.freed_times import WAITING_OFFER
from bot.conversations.exchange import Exchange
from bot.tables.messaging import OpenQuestion, QuestionState

_NOT_OURS = ("language", "language-confirm")


def ask_again_in(exchange: Exchange, _tag: str) -> bool:
    """Ask again, in the language on record by now, what was asked last about a visit; whether it did."""
    last = _last_question(exchange)
    if last is None or last.kind not in _AGAIN or last.state != QuestionState.SUPERSEDED:
        return False
    if last.expires_at is None or last.expires_at <= exchange.now:
        return False
    return _AGAIN[last.kind](exchange, last)


def _last_question(exchange: Exchange) -> OpenQuestion | None:
    """What was asked last on the phone, but for languages."""
    asked = select(OpenQuestion).where(
        OpenQuestion.sender_id == exchange.message.sender_id,
        OpenQuestion.phone == exchange.message.phone,
        col(OpenQuestion.opened_at).is_not(None),
        col(OpenQuestion.kind).not_in(_NOT_OURS),
    )
    last = exchange.session.exec(asked.order_by(col(OpenQuestion.id).desc()).limit(1)).first()
    theirs = last is not None and exchange.patient is not None and last.patient_id == exchange.patient.id
    return last if theirs else None


def _whether_they_come(exchange: Exchange, question: OpenQuestion) -> bool:
    visit = still_to_come(exchange, question.subject_id)
    if visit is None:
        return False
    return tell_booked(exchange.session, exchange.settings, visit, exchange=exchange) is not None


def _what_they_want(exchange: Exchange, question: OpenQuestion) -> bool:
    visit = still_to_come(exchange, question.subject_id)
    if visit is not None:
        ask_what_they_want(exchange, visit)
    return visit is not None


def _which_time(exchange: Exchange, question: OpenQuestion) -> bool:
    offers = offers_of(exchange.session, question.message_id)
    if offers:
        show_again(exchange, offers)
    return bool(offers)


def _which_visit(exchange: Exchange, question: OpenQuestion) -> bool:
    ask_which(exchange, (question.detail or "change").split()[0])
    return True


_AGAIN: Mapping[str, Callable[[Exchange, OpenQuestion], bool]] = {
    ASKS_WHETHER_THEY_COME: _whether_they_come,
    CANNOT_COME: _what_they_want,
    CHOOSES_A_TIME: _which_time,
    WAITING_OFFER: offer_again,
    WHICH_VISIT: _which_visit,
}
