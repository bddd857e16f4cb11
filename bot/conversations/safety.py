"""What comes before any answer: a wish not to be texted, and danger."""

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import col, select

from bot.attention.items import ask_a_person
from bot.conversations.exchange import Exchange, acknowledge, let_know, say
from bot.messaging.questions import close_question
from bot.patients.optouts import lift_opt_out, record_opt_out
from bot.settings import Settings
from bot.tables.messaging import Kind, Message
from bot.tables.patients import OptOutScope
from bot.texts.words import NETWORK_STOP
from bot.wording.composing import load_wordings

EMERGENCY_EVERY = timedelta(minutes=30)
NETWORK_WORDS = {
    "STOP": NETWORK_STOP,
    "START": frozenset(("START", "UNSTOP")),
    "HELP": frozenset(("HELP", "INFO")),
}
"""Bare words that Twilio answers itself, in English, unless its own handling is switched off."""

RECEIPTS = {OptOutScope.OUTREACH: "opt-out-receipt", OptOutScope.ALL: "opt-out-receipt-all"}
"""What confirms an opt-out: whether texts about appointments go on is part of it."""


def network_keyword(settings: Settings, body: str, opt_out_type: str | None) -> str | None:
    """STOP, START or HELP when Twilio has dealt with the text already; its own word for it is believed."""
    if opt_out_type:
        return opt_out_type
    if settings.twilio_opt_out == "ours":
        return None
    word = body.strip().upper()
    return next((name for name, words in NETWORK_WORDS.items() if word in words), None)


def stop_texting(exchange: Exchange, *, answered: bool, scope: OptOutScope | None = None) -> None:
    """Record the opt-out at once; confirm it unless Twilio has (it would refuse ours with 21610).

    A word that the network acted on stops every text: it has blocked us.

    :param scope: what they want no more, where that is known better than by their words.
    """
    scope = scope or (OptOutScope.ALL if answered else _scope_of(exchange))
    if exchange.practice:
        record_opt_out(
            exchange.session,
            practice_id=exchange.practice.id or 0,
            phone=exchange.message.phone,
            scope=scope,
            source="twilio" if answered else "reply",
            message_id=exchange.message.id,
        )
    let_know(exchange, "opted_out")
    if exchange.reading.bereaved:
        ask_a_person(exchange.session, exchange.message, "bereaved")
    if exchange.question:
        close_question(exchange.session, exchange.question, exchange.now)
    if exchange.reading.urgent:
        raise_alarm(exchange)
    if not answered:
        say(exchange, _receipt_of(exchange, scope))


def _scope_of(exchange: Exchange) -> OptOutScope:
    wants_none = exchange.message.body.strip().upper() == "STOPALL"
    return OptOutScope.ALL if wants_none else OptOutScope.OUTREACH


def _receipt_of(exchange: Exchange, scope: OptOutScope) -> str:
    """What confirms an opt-out of that scope. Where its own receipt may not be sent yet, the other one says so too."""
    key = RECEIPTS[scope]
    wordings = load_wordings(exchange.session, exchange.settings, key, [exchange.language])
    may_go = wordings.allowed(key, wordings.language_for(key, exchange.language))
    return key if may_go else RECEIPTS[OptOutScope.OUTREACH]


def start_again(exchange: Exchange, *, answered: bool) -> None:
    """Lift the opt-out of this phone; confirm unless Twilio has."""
    if exchange.practice:
        lift_opt_out(exchange.session, exchange.practice.id or 0, exchange.message.phone)
    if not answered:
        say(exchange, "opt-in-receipt")


def raise_alarm(exchange: Exchange, because: str | None = None) -> None:
    """Staff see it first; a red one gets the 999 text at once, in English too. No machine answers the rest.

    Where somebody else may hold the phone because they do the harm, no text goes there at all: each of them tells
    whoever reads it that the practice was written to. The practice may let the 999 text go (hazard H13).

    :param because: why it came to staff, where it is not for its words.
    """
    reading = exchange.reading
    red, by_another = reading.urgent == "red", reading.by_another
    ask_a_person(
        exchange.session,
        exchange.message,
        because or ("harm" if red and by_another else "urgent"),
        reading.urgent,
        paged=reading.paged,
        concepts=reading.concepts,
    )
    let_know(exchange, "urgent")
    if exchange.question:
        close_question(exchange.session, exchange.question, exchange.now)
    if by_another and not (exchange.practice and exchange.practice.text_999_if_harmed):
        return
    if not red:
        acknowledge(exchange)
    elif not _told_lately(exchange):
        wordings = load_wordings(exchange.session, exchange.settings, "emergency", [exchange.language])
        own = wordings.language_for("emergency", exchange.language)
        for language in dict.fromkeys((own, "en")):
            say(exchange, "emergency", {}, language=language, limited=False)


def _told_lately(exchange: Exchange) -> bool:
    recent = select(func.count()).where(
        col(Message.phone) == exchange.message.phone,
        col(Message.kind) == Kind.EMERGENCY,
        # Not what is far ahead: the clock was set back since, and danger must not wait for it.
        col(Message.created_at).between(exchange.now - EMERGENCY_EVERY, exchange.now + EMERGENCY_EVERY),
    )
    return bool(exchange.session.scalar(recent))
