"""Texts that interpreters send us: 1 and 2 answer what they were asked last, anything else goes to staff.

An interpreter is no patient: nothing is asked of them but whether they can come, and their STOP tells the practice.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from bot.appointments.interpreted.lost import accept_in, decline_in
from bot.appointments.interpreted.lost_reasons import FROM_INTERPRETER, INTERPRETER_STOPPED
from bot.appointments.subject import about
from bot.attention.items import ask_a_person
from bot.audit import Actor
from bot.clock import utc_now
from bot.conversations.exchange import Exchange
from bot.interpreters.finding import interpreters_with_phone
from bot.tables.appointments import Visit, VisitState
from bot.tables.interpreters import AskState, Interpreter, InterpreterAsk
from bot.tables.messaging import Message
from bot.understanding.questions import QuestionKind
from bot.understanding.reading import read_reply

REMEMBERED = timedelta(days=14)
"""How long ago an interpreter may have been asked what a bare number still answers."""
_ASK = QuestionKind("interpreter-ask", ok_accepts=True)


def take_reply_of_interpreter(exchange: Exchange) -> bool:
    """Do what an interpreter's text says; False where it is no interpreter's, or is about danger.

    A wish for no texts is recorded as anybody's is, and staff hear of it besides. Of an interpreter who is on the
    practice's list as well only a yes or no to what they were asked is theirs.
    """
    whose = interpreters_with_phone(exchange.session, exchange.message.phone)
    if not whose or exchange.reading.urgent:
        return False
    if exchange.reading.intent in ("opt_out", "opt_in"):
        if exchange.reading.intent == "opt_out":
            _leave_to_staff(exchange, whose, INTERPRETER_STOPPED)
        return False
    ask, intent = _newest_ask(exchange.session, whose), _intent(exchange)
    if ask is not None and intent in ("yes", "no"):
        _answer(exchange, whose, ask, intent)
    elif exchange.people:
        return False
    else:
        _leave_to_staff(exchange, whose, FROM_INTERPRETER)
    return True


def _leave_to_staff(exchange: Exchange, whose: Sequence[Interpreter], reason: str, urgency: str | None = None) -> None:
    """Staff read it, with the visit it is likely about: there they see who the interpreter is."""
    visit = _visit_meant(exchange, whose)
    ask_a_person(exchange.session, exchange.message, reason, urgency, subject=about(visit) if visit else None)


def _visit_meant(exchange: Exchange, whose: Sequence[Interpreter]) -> Visit | None:
    """Their next visit at the practice they write to, which alone may see it."""
    theirs = select(Visit).where(
        col(Visit.interpreter_id).in_([each.id for each in whose]),
        Visit.practice_id == exchange.message.practice_id,
        Visit.state == VisitState.BOOKED,
        col(Visit.starts) > exchange.now,
    )
    return exchange.session.exec(theirs.order_by(col(Visit.starts), col(Visit.id)).limit(1)).first()


def _intent(exchange: Exchange) -> str:
    return read_reply(exchange.message.body, language="en", question=_ASK).intent


def _answer(exchange: Exchange, whose: Sequence[Interpreter], ask: InterpreterAsk, intent: str) -> None:
    if _came_too_soon(exchange, ask):
        ask_a_person(exchange.session, exchange.message, "answered-too-soon")
    elif ask.state == AskState.ACCEPTED and intent == "no":
        # They have it, and may mean to give it up.
        _leave_to_staff(exchange, whose, FROM_INTERPRETER, "amber")
    else:
        _follow(exchange, ask, intent)


def _follow(exchange: Exchange, ask: InterpreterAsk, intent: str) -> None:
    actor = Actor(None, f"interpreter:{ask.interpreter_id}")
    answer = accept_in if intent == "yes" else decline_in
    answer(exchange.session, exchange.settings, ask, actor)


def _newest_ask(session: Session, whose: Sequence[Interpreter]) -> InterpreterAsk | None:
    """What they were asked last of a visit that is still to come: that is what a bare number answers."""
    now = utc_now()
    statement = (
        select(InterpreterAsk)
        .join(Visit, col(Visit.id) == col(InterpreterAsk.visit_id))
        .where(
            col(InterpreterAsk.interpreter_id).in_([each.id for each in whose]),
            col(InterpreterAsk.asked_at) > now - REMEMBERED,
            col(Visit.starts) > now,
        )
    )
    return session.exec(statement.order_by(col(InterpreterAsk.asked_at).desc(), col(InterpreterAsk.id).desc())).first()


def _came_too_soon(exchange: Exchange, ask: InterpreterAsk) -> bool:
    """Whether the text of that ask went so lately that this answers something before it."""
    sent = select(Message.sent_at).where(
        Message.phone == exchange.message.phone,
        Message.text_key == "interpreter-ask",
        Message.subject_id == ask.visit_id,
        col(Message.sent_at).is_not(None),
    )
    last = exchange.session.exec(sent.order_by(col(Message.id).desc())).first()
    return last is not None and exchange.now - last < timedelta(seconds=exchange.settings.question_read_after)
