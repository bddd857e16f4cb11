"""What interpreters are told by text of visits: place, time, language, way and code, and nothing of the person.

They are told in English, and by alerts, which are no patient's texts. Each gives the message, or None where no text
can go: no number, they asked for no texts, or the wording is not approved; the portal shows the same.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.appointments.by_text.telling import minutes_of, place_of
from bot.appointments.subject import VISIT_CHANGED, about
from bot.clock import LONDON, utc_now
from bot.interpreters.asks import asked_from
from bot.interpreters.words import language_in_words, mode_in_words
from bot.messaging.outbox import queue_text
from bot.patients.kept_opt_outs import is_opted_out
from bot.patients.person_codes import show_code
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import Visit
from bot.tables.interpreters import Interpreter, InterpreterAsk, Mode
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Practice
from bot.texts.catalogue import Value, catalogue
from bot.wording.composing import NotApprovedError


def tell_asked(session: Session, settings: Settings, visit: Visit, ask: InterpreterAsk) -> Message | None:
    """Ask whether they can take a visit; by day, and not once its time to answer is over."""
    key = _key_of_ask(ask)
    when = {"not_before": asked_from(ask.asked_at), "use_by": visit.starts}
    return _alert(session, settings, visit, ask.interpreter_id, "interpreter-ask", key, mode=ask.mode, **when)


def take_back_ask(session: Session, settings: Settings, visit: Visit, ask: InterpreterAsk) -> Message | None:
    """Nobody is needed any more. Who has not been reached yet is not asked, and hears nothing."""
    return None if _take_back(session, _key_of_ask(ask)) else tell_gone(session, settings, visit, ask)


def tell_gone(session: Session, settings: Settings, visit: Visit, ask: InterpreterAsk) -> Message | None:
    """Somebody else has the visit, or it needs nobody any more: once for each time they were asked."""
    return _alert(session, settings, visit, ask.interpreter_id, "interpreter-ask-gone", f"{_key_of_ask(ask)}:gone")


def tell_interpreter_booked(session: Session, settings: Settings, visit: Visit) -> Message | None:
    """A visit is theirs."""
    if visit.interpreter_id is None:
        return None
    return _alert(session, settings, visit, visit.interpreter_id, "interpreter-booked", _key_of_booking(visit))


def tell_interpreter_off(session: Session, settings: Settings, visit: Visit) -> Message | None:
    """They are not needed at that time any more: the visit is off, moved, or not theirs. Before the visit changes.

    Who has not been told yet that it is theirs hears nothing at all, nor does anybody of a time that is over.
    """
    if visit.interpreter_id is None or _take_back(session, _key_of_booking(visit)) or visit.starts <= utc_now():
        return None
    key = f"{_key_of_booking(visit)}:off"
    return _alert(session, settings, visit, visit.interpreter_id, "interpreter-visit-off", key)


def _take_back(session: Session, dedupe_key: str) -> bool:
    """Take back a text that has not gone; gives whether there was one."""
    changes = {"state": State.CANCELLED, "reason": VISIT_CHANGED, "updated_at": utc_now()}
    waits = col(Message.dedupe_key) == dedupe_key, col(Message.state).in_((State.QUEUED, State.HELD))
    return bool(session.execute(update(Message).where(*waits).values(changes)).rowcount)  # type: ignore[attr-defined]


def _key_of_booking(visit: Visit) -> str:
    return f"interpreter:{visit.interpreter_id}:{visit.id}:{visit.sequence}"


def _key_of_ask(ask: InterpreterAsk) -> str:
    return f"ask:{ask.id}:{ask.asked_at:%Y%m%d%H%M%S}"


def _alert(
    session: Session,
    settings: Settings,
    visit: Visit,
    interpreter_id: int,
    text_key: str,
    dedupe_key: str,
    *,
    mode: str | None = None,
    not_before: datetime | None = None,
    use_by: datetime | None = None,
) -> Message | None:
    interpreter = session.get_one(Interpreter, interpreter_id)
    practice, now = session.get_one(Practice, visit.practice_id), utc_now()
    phone = interpreter.phone
    if phone is None or is_opted_out(session, settings, visit.practice_id, phone):
        return None
    try:
        return queue_text(
            session,
            settings,
            text_key=text_key,
            language="en",
            values=_values(session, visit, text_key, mode or visit.interpreter_mode or visit.mode),
            phone=phone,
            practice=practice,
            kind=Kind.ALERT,
            subject=about(visit),
            dedupe_key=dedupe_key,
            not_before=not_before or now,
            use_by=use_by or (visit.starts if visit.starts > now else None),
        )
    except (NotApprovedError, Refused):
        return None


def _values(session: Session, visit: Visit, text_key: str, mode: str) -> dict[str, Value]:
    wall = visit.starts.astimezone(LONDON)
    known: dict[str, Callable[[], Value]] = {
        "language": lambda: language_in_words(visit.language, "Language not known"),
        "mode": lambda: mode_in_words(mode),
        "date": wall.date,
        "time": wall.time,
        "minutes": lambda: minutes_of(visit),
        "place": lambda: where_to_come(session, visit, mode),
        "code": lambda: show_code(visit.code),
    }
    return {name: known[name]() for name in catalogue()[text_key].slots if name in known}


def where_to_come(session: Session, visit: Visit, mode: str) -> str:
    """The place of a visit; who helps by phone or video hears only which practice it is."""
    return place_of(session, visit) if mode == Mode.IN_PERSON else session.get_one(Practice, visit.practice_id).name


def asks_of(session: Session, visit: Visit, *states: str) -> list[InterpreterAsk]:
    """Who has been asked to take a visit, in the order in which they were asked."""
    statement = select(InterpreterAsk).where(InterpreterAsk.visit_id == visit.id)
    statement = statement.where(col(InterpreterAsk.state).in_(states)) if states else statement
    return list(session.exec(statement.order_by(col(InterpreterAsk.asked_at), col(InterpreterAsk.id))))
