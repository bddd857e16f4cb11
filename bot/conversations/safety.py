"""What comes before any answer: a wish not to be texted, and danger."""

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import col, select

from bot.attention.items import ask_a_person
from bot.conversations.exchange import Talk, acknowledge, note, say
from bot.messaging.questions import close_question
from bot.patients.optouts import lift_opt_out, record_opt_out
from bot.settings import Settings
from bot.tables.campaigns import MemberAnswer
from bot.tables.messaging import Kind, Message
from bot.tables.patients import OptOutScope
from bot.wording.composing import load_wordings

EMERGENCY_EVERY = timedelta(minutes=30)
NETWORK_WORDS = {
    "STOP": frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]),
    "START": frozenset(("START", "UNSTOP")),
    "HELP": frozenset(("HELP", "INFO")),
}
"""Bare words that Twilio answers itself, in English, unless its own handling is switched off."""


def network_keyword(settings: Settings, body: str, opt_out_type: str | None) -> str | None:
    """STOP, START or HELP when Twilio has dealt with the text already; its own word for it is believed."""
    if opt_out_type:
        return opt_out_type
    if settings.twilio_opt_out == "ours":
        return None
    word = body.strip().upper()
    return next((name for name, words in NETWORK_WORDS.items() if word in words), None)


def stop_texting(talk: Talk, *, answered: bool) -> None:
    """Record the opt-out at once; confirm it unless Twilio has (it would refuse ours with 21610)."""
    if talk.practice:
        wants_none = talk.message.body.strip().upper() == "STOPALL"
        record_opt_out(
            talk.session,
            practice_id=talk.practice.id or 0,
            phone=talk.message.phone,
            scope=OptOutScope.ALL if wants_none else OptOutScope.OUTREACH,
            source="twilio" if answered else "reply",
            message_id=talk.message.id,
        )
    note(talk, MemberAnswer.OPTED_OUT)
    if talk.question:
        close_question(talk.session, talk.question, talk.now)
    if talk.reading.urgent:
        raise_alarm(talk)
    if not answered:
        say(talk, "opt-out-receipt", talk.practice_name)


def start_again(talk: Talk, *, answered: bool) -> None:
    """Lift the opt-out of this phone; confirm unless Twilio has."""
    if talk.practice:
        lift_opt_out(talk.session, talk.practice.id or 0, talk.message.phone)
    if not answered:
        say(talk, "opt-in-receipt", talk.practice_name)


def raise_alarm(talk: Talk) -> None:
    """Staff see it first; a red one gets the 999 text at once, in English too. No machine answers the rest."""
    ask_a_person(talk.session, talk.message, "urgent", talk.reading.urgent)
    note(talk, MemberAnswer.URGENT)
    if talk.question:
        close_question(talk.session, talk.question, talk.now)
    if talk.reading.urgent != "red":
        acknowledge(talk)
        return
    if not _told_lately(talk):
        own = load_wordings(talk.session, talk.settings).language_for("emergency", talk.language)
        for language in dict.fromkeys((own, "en")):
            say(talk, "emergency", {}, language=language, limited=False)


def _told_lately(talk: Talk) -> bool:
    recent = select(func.count()).where(
        col(Message.phone) == talk.message.phone,
        col(Message.kind) == Kind.EMERGENCY,
        col(Message.created_at) > talk.now - EMERGENCY_EVERY,
    )
    return bool(talk.session.scalar(recent))
