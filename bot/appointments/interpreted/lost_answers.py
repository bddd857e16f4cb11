"""What a person answers who has lost their interpreter: keep the time with one by phone, another day, phone me.

Silence keeps the time.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.appointments.by_text.questions import offer_other_times, phone_them, visit_asked_about
from bot.appointments.by_text.telling import visit_values
from bot.appointments.interpreted.lost import keep_by_phone
from bot.appointments.interpreted.lost_reasons import BY_PHONE_ON_DEMAND
from bot.appointments.interpreted.seeking_until import answered_until
from bot.appointments.subject import about
from bot.appointments.visits import lock_visit
from bot.appointments.written_times import day_begins
from bot.attention.items import ask_a_person
from bot.clock import LONDON, utc_now
from bot.conversations.exchange import Exchange, say
from bot.messaging.questions import Question
from bot.tables.appointments import InterpreterState, Visit
from bot.tables.messaging import Kind, OpenQuestion
from bot.understanding.questions import PHONE_ME, QUESTIONS

_LONGEST_AHEAD = timedelta(days=366)
_GRID, _LONGEST_DAY = timedelta(minutes=5), timedelta(hours=25)


def _answer(exchange: Exchange, question: OpenQuestion) -> None:
    visit = visit_asked_about(exchange, question)
    if visit is not None:
        _CHOICES.get(exchange.reading.choice or PHONE_ME, phone_them)(exchange, visit)


def _keep_the_time(exchange: Exchange, visit: Visit) -> None:
    """With whoever was found by phone or video; else with one on demand, whom staff ring."""
    kept = lock_visit(exchange.session, visit.id)
    if kept.interpreter_state != InterpreterState.BOOKED:
        keep_by_phone(exchange.session, exchange.settings, kept, exchange.now)
        ask_a_person(exchange.session, exchange.message, BY_PHONE_ON_DEMAND, "amber", subject=about(kept))
    key = "interpreter-phone-kept"
    values = visit_values(exchange.session, kept, key)
    say(exchange, key, values, kind=Kind.ANSWER, subject=about(kept), sequence=kept.sequence)


def _another_day(exchange: Exchange, visit: Visit) -> None:
    """Times on other days; the visit stays as it is until one is taken."""
    offer_other_times(exchange, visit, leaving_out=_starts_that_day(visit))


def _starts_that_day(visit: Visit) -> set[datetime]:
    """Every start there can be on the day of a visit in London."""
    begins = day_begins(visit.starts.astimezone(LONDON).date())
    return {begins + _GRID * step for step in range(_LONGEST_DAY // _GRID)}


_CHOICES: Mapping[int, Callable[[Exchange, Visit], None]] = {1: _keep_the_time, 2: _another_day}


def ends_of(session: Session, visit_ids: Sequence[int]) -> Mapping[int, datetime]:
    """Until when each of these visits can be spoken of by text, before staff have to."""
    rows = session.exec(select(Visit.id, Visit.starts).where(col(Visit.id).in_(visit_ids)))
    return {visit_id or 0: answered_until(starts, utc_now()) for visit_id, starts in rows}


ABOUT_THE_INTERPRETER = Question(
    means=QUESTIONS["no-interpreter"], lasts=_LONGEST_AHEAD, answers={"choice": _answer}, ends=ends_of
)
