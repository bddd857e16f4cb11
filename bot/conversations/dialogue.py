"""What follows from a reply: opt-out first, then danger, then the answer to what we asked, then a person."""

from collections.abc import Callable, Sequence

from sqlalchemy import update
from sqlmodel import Session, col

from bot.attention.items import MAY_STOP, ask_a_person
from bot.capability import in_use
from bot.conversations.exchange import Exchange, acknowledge, begin, could_be_read, let_know, repeats_itself, say
from bot.conversations.language_choice import ask_to_confirm_language, may_ask_language
from bot.conversations.safety import network_keyword, raise_alarm, start_again, stop_texting
from bot.gists.asking import Heard, ask_for_gist
from bot.messaging.questions import close_question, known_questions
from bot.patients.phone_safety import language_of_all
from bot.rows import insert_row
from bot.settings import Settings
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PhoneStatus

OTHER_PEOPLE = "staff-other-people"
"""What somebody gets who asks about another person."""
_ABOUT_A_VISIT = ("change", "cancel")


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
    exchange = begin(session, settings, message, practice, people)
    _keep_reading(exchange)
    network = network_keyword(settings, message.body, opt_out_type)
    if not _starts_something(exchange, network, overtaken=overtaken):
        unasked = exchange.question is None or not people
        if unasked and any(is_theirs(exchange) for is_theirs in in_use().bring("correspondents")):
            return
        _deal_with(exchange, network, overtaken=overtaken)
        ask_for_gist(session, settings, Heard(message, exchange.reading, language_of_all(people)))
    for told in in_use().bring("after_text"):
        told(exchange)


def _deal_with(exchange: Exchange, network: str | None, *, overtaken: bool) -> None:
    if network == "STOP" or exchange.reading.intent == "opt_out":
        if overtaken or not _meant_something_else(exchange, answered=network == "STOP"):
            stop_texting(exchange, answered=network == "STOP")
    elif exchange.reading.urgent:
        raise_alarm(exchange)
    elif exchange.reading.bereaved:
        stand_by_the_bereaved(exchange)
    elif exchange.reading.rule == "automatic-reply":
        ask_a_person(exchange.session, exchange.message, "automatic-reply")
    elif overtaken:
        ask_a_person(exchange.session, exchange.message, "came-late")
    elif network == "START" and exchange.question is None:
        start_again(exchange, answered=True)
    elif exchange.reading.intent == "opt_in":
        start_again(exchange, answered=network == "START")
    elif network == "HELP":
        ask_a_person(exchange.session, exchange.message, "asked-for-help")
    elif not (
        _answered_the_question(exchange)
        or _granted_a_wish(exchange)
        or _answered_late(exchange)
        or _needs_nobody(exchange)
    ):
        leave_to_a_person(exchange)


def _needs_nobody(exchange: Exchange) -> bool:
    """Whether a patient says thanks or hello and no more, in their own language; the thread keeps it."""
    known = exchange.patient is not None and not exchange.patient.deceased
    return known and exchange.reading.intent == "none" and not exchange.reading.to_person


def _keep_reading(exchange: Exchange) -> None:
    reading = exchange.reading.or_likely()
    insert_row(
        exchange.session,
        ReplyReading,
        message_id=exchange.message.id or 0,
        intent=reading.intent,
        urgent=reading.urgent,
        choice=reading.choice,
        language=exchange.written_in,
        romanised=reading.romanised,
        rule=reading.rule,
        to_person=reading.to_person,
        question_id=exchange.question.id if exchange.question else None,
    )


def _starts_something(exchange: Exchange, network: str | None, *, overtaken: bool) -> bool:
    """Whether a capability saw to a text by which a phone starts something; a stop, danger and a death come first."""
    reading = exchange.reading
    first = network is not None or reading.intent in ("opt_out", "opt_in") or reading.urgent or reading.bereaved
    if first or overtaken or reading.rule == "automatic-reply":
        return False
    return any(sees_to(exchange) for sees_to in in_use().bring("starts"))


def _meant_something_else(exchange: Exchange, *, answered: bool) -> bool:
    """Whether a capability saw to words that stop texts and may mean something else, such as an appointment."""
    return any(seen_to(exchange, answered) for seen_to in in_use().bring("instead_of_stop"))


def _answered_late(exchange: Exchange) -> bool:
    """Whether a reply answers a question of a capability that has run out, and it saw to it."""
    if exchange.question is not None or exchange.patient is None or exchange.patient.deceased:
        return False
    return any(answered(exchange) for answered in in_use().bring("late_answers"))


Wish = Callable[[Exchange], None]
"""What is done about something a person wants, outside any question."""


def _answered_the_question(exchange: Exchange) -> bool:
    if exchange.question is None or exchange.patient is None or exchange.patient.deceased or exchange.reading.doubtful:
        return False
    step = known_questions()[exchange.question.kind].answers.get(exchange.reading.intent)
    if step is None or exchange.question.patient_id != exchange.patient.id:
        return False
    if could_be_read(exchange):
        step(exchange, exchange.question)
    elif not repeats_itself(exchange):
        ask_a_person(exchange.session, exchange.message, "answered-too-soon")
    return True


def _granted_a_wish(exchange: Exchange) -> bool:
    if exchange.reading.intent == "wrong_number":
        forget_number(exchange)
        return True
    wish: Wish | None = in_use().wish(exchange.reading.intent)
    if wish is None or exchange.patient is None or exchange.patient.deceased or exchange.reading.doubtful:
        return False
    wish(exchange)
    return True


def forget_number(exchange: Exchange) -> None:
    """The number changed hands: nobody on our list is texted there again, and nobody is told whose it was."""
    exchange.session.execute(
        update(Patient)
        .where(col(Patient.practice_id) == exchange.message.practice_id, col(Patient.phone) == exchange.message.phone)
        .values(phone_status=PhoneStatus.FAILED, phone_source="patient", updated_at=exchange.now)
    )
    ask_a_person(exchange.session, exchange.message, "wrong-number")
    if exchange.question:
        close_question(exchange.session, exchange.question, exchange.now)
    let_know(exchange, "other")
    say(exchange, "wrong-number", {})


def stand_by_the_bereaved(exchange: Exchange) -> None:
    """Somebody has died: a person reads it first, nothing is asked any more, and one kind sentence goes back."""
    ask_a_person(exchange.session, exchange.message, "bereaved")
    let_know(exchange, "other")
    if exchange.question:
        close_question(exchange.session, exchange.question, exchange.now)
    say(exchange, "bereaved")


def help_out(exchange: Exchange) -> None:
    """What this is, in a text; and a person sees that somebody asked.

    Who writes in another language than is known of them is asked first whether we shall write in it: they may not be
    able to read what they ask about.
    """
    ask_a_person(exchange.session, exchange.message, "asked-for-help")
    if may_ask_language(exchange):
        ask_to_confirm_language(exchange, exchange.written_in or "en")
    else:
        say(exchange, "help")


def leave_to_a_person(exchange: Exchange) -> None:
    """The staff inbox, with the reason; the person hears that somebody will read it."""
    ask_a_person(exchange.session, exchange.message, _why(exchange))
    let_know(exchange, "other")
    if exchange.may_be_a_parent and exchange.reading.intent in _ABOUT_A_VISIT:
        say(exchange, OTHER_PEOPLE, kind=Kind.ANSWER)
    elif may_ask_language(exchange):
        ask_to_confirm_language(exchange, exchange.written_in or "en")
    else:
        acknowledge(exchange)


def _why(exchange: Exchange) -> str:
    if exchange.shared:
        return "shared-number"
    if exchange.may_be_a_parent:
        return "young-persons-number"
    if exchange.patient is None:
        return "unknown-number"
    if exchange.patient.deceased:
        return "deceased"
    if exchange.reading.intent in ("book", "change", "cancel", "call_me"):
        return exchange.reading.intent.replace("_", "-")
    answers = exchange.reading.intent in ("yes", "no", "choice") or exchange.reading.rule == "number-without-question"
    if answers and exchange.question is None:
        return "no-open-question"
    return MAY_STOP if exchange.reading.likely == "opt_out" else "not-understood"
