"""What follows from a reply: opt-out first, then danger, then the answer to what we asked, then a person."""

from collections.abc import Callable, Sequence

from sqlalchemy import update
from sqlmodel import Session, col

from bot.attention.items import ask_a_person
from bot.campaigns.consenting import accept_invitation, decline_invitation, give_consent, refuse_consent
from bot.conversations.exchange import Talk, acknowledge, begin, could_be_read, note, repeats_itself, say
from bot.conversations.language_choice import (
    ask_to_confirm_language,
    choose_language,
    confirm_language,
    may_ask_language,
    name_language,
    offer_languages,
)
from bot.conversations.safety import network_keyword, raise_alarm, start_again, stop_texting
from bot.messaging.questions import close_question
from bot.rows import insert_row
from bot.settings import Settings
from bot.tables.campaigns import MemberAnswer
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Message, OpenQuestion, QuestionKind
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PhoneStatus


def follow_reply(
    session: Session,
    settings: Settings,
    message: Message,
    practice: Practice | None,
    people: Sequence[Patient],
    opt_out_type: str | None,
    *,
    overtaken: bool = False,
) -> None:
    """Understand a stored inbound message and do what follows, all in the caller's transaction.

    :param people: everybody of the practice whose record has that number.
    :param overtaken: a newer text of theirs reached us before it. It may stop texts, not take that newer one back.
    """
    talk = begin(session, settings, message, practice, people)
    _keep_reading(talk)
    network = network_keyword(settings, message.body, opt_out_type)
    if network == "STOP" or talk.reading.intent == "opt_out":
        stop_texting(talk, answered=network == "STOP")
    elif talk.reading.urgent:
        raise_alarm(talk)
    elif overtaken:
        ask_a_person(session, message, "came-late")
    elif network == "START" and talk.question is None:
        start_again(talk, answered=True)
    elif talk.reading.intent == "opt_in":
        start_again(talk, answered=network == "START")
    elif network == "HELP":
        ask_a_person(session, message, "asked-for-help")
    elif not _answered_the_question(talk) and not _granted_a_wish(talk):
        leave_to_a_person(talk)


def _keep_reading(talk: Talk) -> None:
    reading = talk.reading
    insert_row(
        talk.session,
        ReplyReading,
        message_id=talk.message.id or 0,
        intent=reading.intent,
        urgent=reading.urgent,
        choice=reading.choice,
        language=reading.language,
        romanised=reading.romanised,
        rule=reading.rule,
        to_person=reading.to_person,
        question_id=talk.question.id if talk.question else None,
    )


Step = Callable[[Talk, OpenQuestion], None]
Wish = Callable[[Talk], None]

ANSWERS: dict[tuple[str, str], Step] = {
    (QuestionKind.INVITATION, "yes"): accept_invitation,
    (QuestionKind.INVITATION, "no"): decline_invitation,
    (QuestionKind.CONSENT, "yes"): give_consent,
    (QuestionKind.CONSENT, "no"): refuse_consent,
    (QuestionKind.LANGUAGE, "choice"): choose_language,
    (QuestionKind.LANGUAGE, "language"): lambda talk, question: name_language(talk, question),
    (QuestionKind.LANGUAGE_CONFIRM, "yes"): confirm_language,
    (QuestionKind.LANGUAGE_CONFIRM, "no"): lambda talk, _question: offer_languages(talk),
}


def _answered_the_question(talk: Talk) -> bool:
    if talk.question is None or talk.patient is None or talk.patient.deceased or talk.reading.to_person:
        return False
    step = ANSWERS.get((talk.question.kind, talk.reading.intent))
    if step is None or talk.question.patient_id != talk.patient.id:
        return False
    if could_be_read(talk):
        step(talk, talk.question)
    elif not repeats_itself(talk):
        ask_a_person(talk.session, talk.message, "answered-too-soon")
    return True


def _granted_a_wish(talk: Talk) -> bool:
    if talk.reading.intent == "wrong_number":
        forget_number(talk)
        return True
    wish = WISHES.get(talk.reading.intent)
    if wish is None or talk.patient is None or talk.patient.deceased or talk.reading.to_person:
        return False
    wish(talk)
    return True


def forget_number(talk: Talk) -> None:
    """The number changed hands: nobody on our list is texted there again, and nobody is told whose it was."""
    talk.session.execute(
        update(Patient)
        .where(col(Patient.practice_id) == talk.message.practice_id, col(Patient.phone) == talk.message.phone)
        .values(phone_status=PhoneStatus.FAILED, phone_source="patient", updated_at=talk.now)
    )
    ask_a_person(talk.session, talk.message, "wrong-number")
    if talk.question:
        close_question(talk.session, talk.question, talk.now)
    note(talk, MemberAnswer.OTHER)
    say(talk, "wrong-number", {})


WISHES: dict[str, Wish] = {
    "language": name_language,
    "help": lambda talk: _help(talk),
}


def _help(talk: Talk) -> None:
    say(talk, "help", talk.practice_values)
    ask_a_person(talk.session, talk.message, "asked-for-help")


def leave_to_a_person(talk: Talk) -> None:
    """The staff inbox, with the reason; the person hears that somebody will read it."""
    ask_a_person(talk.session, talk.message, _why(talk))
    note(talk, MemberAnswer.OTHER)
    if may_ask_language(talk):
        ask_to_confirm_language(talk)
    else:
        acknowledge(talk)


def _why(talk: Talk) -> str:
    if talk.shared:
        return "shared-number"
    if talk.patient is None:
        return "unknown-number"
    if talk.patient.deceased:
        return "deceased"
    if talk.reading.intent in ("book", "change", "cancel", "call_me"):
        return talk.reading.intent.replace("_", "-")
    answers = talk.reading.intent in ("yes", "no", "choice") or talk.reading.rule == "number-without-question"
    if answers and talk.question is None:
        return "no-open-question"
    return "not-understood"
