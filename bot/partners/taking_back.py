"""A person takes their yes back by text: a no while they are referred is asked about once, and a yes to that counts."""

from datetime import timedelta

from sqlmodel import col, select

from bot.attention.items import ask_a_person
from bot.audit import PERSON
from bot.conversations.exchange import Exchange, acknowledge, say
from bot.messaging.questions import Question, close_question
from bot.partners.asked import CONSENT
from bot.partners.purposes import partner_values
from bot.partners.referring import withdraw_in
from bot.partners.telling import about_referral
from bot.tables.messaging import OpenQuestion
from bot.tables.organisations import Partner
from bot.tables.partners import OPEN_STATES, Referral
from bot.understanding.questions import QUESTIONS
from bot.understanding.reading import Reading

WITHDRAW_QUESTION = "withdraw"
ASK, DONE, STAYS = "referral-withdraw", "referral-withdrawn", "referral-stays"


def ask_whether_to_withdraw(exchange: Exchange) -> bool:
    """A no without a question from somebody who is referred, when nothing else was asked since; whether it was seen to.

    It may be meant otherwise, so they are asked once.
    """
    if not _says_no(exchange.reading) or _asked_something_else(exchange):
        return False
    referral = _newest_open(exchange)
    if referral is None:
        return False
    partner = exchange.session.get_one(Partner, referral.partner_id)
    asked = say(
        exchange,
        ASK,
        partner_values(partner, ASK),
        question=WITHDRAW_QUESTION,
        subject=about_referral(referral),
    )
    return asked is not None


def _says_no(reading: Reading) -> bool:
    """A no in words, or the number that was no in what we asked."""
    return reading.intent == "no" or (reading.rule == "number-without-question" and reading.matched == "2")


def _asked_something_else(exchange: Exchange) -> bool:
    """Whether the newest question to the phone was no consent question, so that a no may be about that."""
    asked = select(OpenQuestion.kind).where(
        OpenQuestion.sender_id == exchange.message.sender_id,
        OpenQuestion.phone == exchange.message.phone,
        col(OpenQuestion.opened_at).is_not(None),
    )
    newest = exchange.session.exec(asked.order_by(col(OpenQuestion.id).desc()).limit(1)).first()
    return newest not in (None, CONSENT, WITHDRAW_QUESTION)


def _newest_open(exchange: Exchange) -> Referral | None:
    if exchange.patient is None:
        return None
    statement = select(Referral).where(Referral.patient_id == exchange.patient.id, col(Referral.state).in_(OPEN_STATES))
    return exchange.session.exec(statement.order_by(col(Referral.id).desc()).limit(1)).first()


def take_back(exchange: Exchange, question: OpenQuestion) -> None:
    """Yes: the referral is withdrawn, what they said is erased, and they hear what is kept and why."""
    close_question(exchange.session, question, exchange.now)
    referral = exchange.session.get_one(Referral, question.subject_id)
    if referral.state not in OPEN_STATES:
        ask_a_person(exchange.session, exchange.message, "not-understood", subject=question.subject)
        acknowledge(exchange)
        return
    withdraw_in(exchange.session, exchange.settings, referral, PERSON)
    say(exchange, DONE, partner_values(exchange.session.get_one(Partner, referral.partner_id), DONE))


def keep(exchange: Exchange, question: OpenQuestion) -> None:
    """No: everything stays as it is, and they hear so."""
    close_question(exchange.session, question, exchange.now)
    say(exchange, STAYS)


ASKS_TO_WITHDRAW = Question(
    means=QUESTIONS[WITHDRAW_QUESTION],
    lasts=timedelta(days=7),
    answers={"yes": take_back, "no": keep},
)
