"""What a person answers who was offered a freed time: take it, keep waiting, or a call; in time, or too late."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.appointments.by_text.offering import give_back, offers_of, take_offer
from bot.appointments.by_text.questions import TIME_IS_GONE, ask_for_a_call, phone_them
from bot.appointments.by_text.wishes import last_question
from bot.appointments.waiting.freed_times import WAITING_OFFER, freed_time_values, offer_in, text_of
from bot.appointments.waiting.holds import kept_for, wait_on
from bot.appointments.waiting.requests import booked_in, settle_requests
from bot.appointments.waiting.subject import about
from bot.attention.items import ask_a_person
from bot.clock import utc_now
from bot.conversations.dialogue import leave_to_a_person
from bot.conversations.exchange import Exchange, acknowledge, say
from bot.messaging.questions import Question, close_question
from bot.refusals import Refused
from bot.rows import update_row
from bot.tables.appointments import STILL_WAITS, Offer, OfferState, WaitingRequest
from bot.tables.messaging import Kind, OpenQuestion
from bot.understanding.questions import PHONE_ME, QUESTIONS

TAKE_IT, KEEP_WAITING = 1, 2
_STILL_ANSWERED = timedelta(days=7)
"""How long after a freed time has lapsed its answer is still understood."""


def take_it(exchange: Exchange, question: OpenQuestion) -> None:
    """They take the time: booked at once and confirmed; if it has gone meanwhile they hear so, and wait on."""
    close_question(exchange.session, question, exchange.now)
    if not _take(exchange, question):
        leave_to_a_person(exchange)


def keep_waiting(exchange: Exchange, question: OpenQuestion) -> None:
    """The time does not suit: they wait on, and the next is asked at once."""
    close_question(exchange.session, question, exchange.now)
    if not _wait_on(exchange, question):
        leave_to_a_person(exchange)


def answer_lapsed_offer(exchange: Exchange) -> bool:
    """A number that answers a freed time which lapsed lately, where nothing newer was asked: booked if it is free."""
    number = exchange.reading.matched if exchange.reading.rule == "number-without-question" else ""
    last = last_question(exchange)
    if number not in ("1", "2", "5") or last is None or last.kind != WAITING_OFFER:
        return False
    if last.expires_at is None or not last.expires_at <= exchange.now < last.expires_at + _STILL_ANSWERED:
        return False
    if int(number) == PHONE_ME:
        phone_them(exchange, None)
        return True
    return _take(exchange, last) if int(number) == TAKE_IT else _wait_on(exchange, last)


def _take(exchange: Exchange, question: OpenQuestion) -> bool:
    """Whether it was seen to: who waits no longer may have a visit already, and a person reads what they wrote."""
    found = _offered(exchange, question)
    if found is None:
        return False
    offer, request = found
    try:
        visit = take_offer(exchange.session, exchange.settings, offer, exchange)
    except Refused as refused:
        wait_on(exchange.session, [offer])
        _say_why_not(exchange, request, refused)
    else:
        booked_in(exchange.session, request, visit, exchange.now)
    return True


def _say_why_not(exchange: Exchange, request: WaitingRequest, refused: Refused) -> None:
    """Another freed time may still do; what else is in the way is for staff."""
    if refused.code in TIME_IS_GONE:
        say(exchange, "waiting-gone", subject=about(request))
    else:
        ask_a_person(exchange.session, exchange.message, "book", subject=about(request))
        acknowledge(exchange)


def _wait_on(exchange: Exchange, question: OpenQuestion) -> bool:
    found = _offered(exchange, question)
    if found is None:
        return False
    offer, request = found
    give_back(exchange.session, offer.patient_id)
    say(exchange, "waiting-stays", subject=about(request))
    offer_in(exchange.session, exchange.settings, offer.clinic_id, exchange.now)
    return True


def _offered(exchange: Exchange, question: OpenQuestion) -> tuple[Offer, WaitingRequest] | None:
    """The time of a question and the request it is for; None where they wait no longer, as they got a visit since."""
    settle_requests(exchange.session, exchange.now)
    offer = next(iter(offers_of(exchange.session, question.message_id)), None)
    request = exchange.session.get(WaitingRequest, offer.waiting_id) if offer and offer.waiting_id else None
    if offer is None or request is None or request.state not in STILL_WAITS:
        return None
    return offer, request


def offer_again(exchange: Exchange, question: OpenQuestion) -> bool:
    """The same time once more, in the language they have just named, kept anew; whether it was kept still."""
    found = _offered(exchange, question)
    if found is None or found[0].state != OfferState.HELD:
        return False
    offer, request = found
    values = freed_time_values(exchange.session, offer)
    asked = say(
        exchange,
        text_of(offer),
        values,
        kind=Kind.QUESTION,
        question=WAITING_OFFER,
        subject=about(request),
        use_by=offer.held_until,
    )
    if asked is not None:
        update_row(exchange.session, offer, message_id=asked.id)
    return asked is not None


def ends_of(session: Session, request_ids: Sequence[int]) -> Mapping[int, datetime]:
    """Until when the time that is before each of these people can be answered, from now on."""
    now = utc_now()
    held = select(Offer).where(col(Offer.waiting_id).in_(request_ids), Offer.state == OfferState.HELD)
    return {offer.waiting_id or 0: now + kept_for(offer.starts, offer.made_at) for offer in session.exec(held)}


FREED_TIME = Question(
    means=QUESTIONS[WAITING_OFFER],
    lasts=timedelta(hours=2),
    answers={"yes": take_it, "no": keep_waiting, "choice": ask_for_a_call, "call_me": ask_for_a_call},
    ends=ends_of,
)
