"""What a person answers who has lost their interpreter: keep the time with one by phone, another day, phone me.

Silence keeps the time.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.appointments.lost import keep_by_phone
from bot.appointments.lost_reasons import BY_PHONE_ON_DEMAND
from bot.appointments.questions import offer_other_times
from bot.appointments.seeking_until import answered_until
from bot.appointments.subject import about
from bot.appointments.telling import visit_values
from bot.attention.items import ask_a_person
from bot.clock import utc_now
from bot.conversations.exchange import Exchange, acknowledge, say
from bot.messaging.questions import Question, close_question
from bot.tables.appointments import InterpreterState, Visit, VisitState
from bot.tables.messaging import Kind, OpenQuestion
from bot.understanding.questions import PHONE_ME, QUESTIONS

_LONGEST_AHEAD = timedelta(days=366)


def _answer(exchange: Exchange, question: OpenQuestion) -> None:
    visit = exchange.session.get_one(Visit, question.subject_id, with_for_update=True, populate_existing=True)
    close_question(exchange.session, question, exchange.now)
    if visit.state != VisitState.BOOKED or visit.starts <= exchange.now:
        ask_a_person(exchange.session, exchange.message, "no-open-question")
        acknowledge(exchange)
        return
    _CHOICES[exchange.reading.choice or PHONE_ME](exchange, visit)


def _keep_the_time(exchange: Exchange, visit: Visit) -> None:
    """With whoever was found by phone or video; else with one on demand, whom staff ring."""
    if visit.interpreter_state != InterpreterState.BOOKED:
        keep_by_phone(exchange.session, exchange.settings, visit, exchange.now)
        ask_a_person(exchange.session, exchange.message, BY_PHONE_ON_DEMAND, "amber")
    _say(exchange, visit, "interpreter-phone-kept")


def _other_day(exchange: Exchange, visit: Visit) -> None:
    """The old time stays until a new one is taken."""
    offer_other_times(exchange, visit)


def _phone_me(exchange: Exchange, visit: Visit) -> None:
    ask_a_person(exchange.session, exchange.message, "call-me", "amber")
    acknowledge(exchange)


def _say(exchange: Exchange, visit: Visit, key: str) -> None:
    values = visit_values(exchange.session, visit, key)
    say(exchange, key, values, kind=Kind.ANSWER, subject=about(visit), sequence=visit.sequence)


_CHOICES: Mapping[int, Callable[[Exchange, Visit], None]] = {1: _keep_the_time, 2: _other_day, PHONE_ME: _phone_me}


def ends_of(session: Session, visit_ids: Sequence[int]) -> Mapping[int, datetime]:
    """Until when each of these visits can be spoken of by text, before staff have to."""
    rows = session.exec(select(Visit.id, Visit.starts).where(col(Visit.id).in_(visit_ids)))
    return {visit_id or 0: answered_until(starts, utc_now()) for visit_id, starts in rows}


ABOUT_THE_INTERPRETER = Question(
    means=QUESTIONS["no-interpreter"], lasts=_LONGEST_AHEAD, answers={"choice": _answer}, ends=ends_of
)
