"""What an interpreter does, for themselves or for the person who is there.

Whatever is refused is said in words that tell nothing of the person, the clinic or other interpreters.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.appointments.interpreted.lost import Answered, accept_ask, decline_ask, give_up_interpreter
from bot.appointments.joint.booking import book_here, in_one_step
from bot.appointments.joint.finding import Wish
from bot.appointments.joint.giving_up import give_up_in
from bot.appointments.joint.moving import move_in, wish_of_visit
from bot.appointments.portal.proving import Present, need_present
from bot.appointments.portal.seeing import MAY_BE_TAKEN
from bot.appointments.portal.times import NOT_RECORDED, TimesAsked, is_recorded, read_token, wish_for
from bot.audit import Actor
from bot.clock import utc_now
from bot.database import Database
from bot.interpreters.accounts import Interpreting
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import InterpreterGivenUp, Visit, VisitKind, VisitState
from bot.tables.interpreters import InterpreterAsk

Result = TypeVar("Result")
_OWN_WORDS = ("not-present", "no-time", "not-movable", "not-recorded", "unknown-visit")
_SAID = {
    "taken": "Somebody else has just been given that time. Choose another time.",
    "past": "That time is past. Choose another time.",
    "too-late": "It is too late to book that time. Choose a later time.",
    "already-booked": "The person has something else at that time. Choose another time.",
}
_NOT_THAT_TIME = "That time cannot be booked. Choose another time, or phone the practice."


def book_for_person(
    db: Database, settings: Settings, me: Interpreting, asked: TimesAsked, token: str, actor: Actor, *, key: str | None
) -> str:
    """Book a time for the person who is there; gives the code of the visit.

    :param key: that of the form; sent again, it is the same visit.
    :raises Refused: `not-present`, `not-recorded`, `no-time`, or that the time cannot be had.
    """

    def book(session: Session) -> str:
        present = need_present(session, me, utc_now())
        if not is_recorded(present):
            raise Refused("not-recorded", NOT_RECORDED)
        chosen = read_token(session, present, token)
        wish = wish_for(Wish(present.patient, chosen.clinic), me, asked)
        own_key = f"portal:{me.user_id}:{key}" if key else None
        return book_here(session, settings, wish, chosen.starts, actor, key=own_key, at_once=True).code

    return _said_plainly(lambda: in_one_step(db, book))


def move_for_person(db: Database, settings: Settings, me: Interpreting, code: str, token: str, actor: Actor) -> None:
    """Move a visit of the person who is there; one that is at that time already stays as it is.

    :raises Refused: `not-present`, `unknown-visit`, `no-time`, `not-movable`, or that the time cannot be had.
    """

    def move(session: Session) -> None:
        present, visit = _theirs(session, me, code)
        _refuse_unmovable(visit)
        chosen = read_token(session, present, token, of=visit.clinic_id)
        if visit.starts != chosen.starts:
            wish = replace(wish_of_visit(session, visit), keeping=me.interpreter_id)
            move_in(session, settings, visit, chosen.starts, actor, wish=wish, at_once=True)

    _said_plainly(lambda: in_one_step(db, move))


def give_up_for_person(db: Database, settings: Settings, me: Interpreting, code: str, actor: Actor) -> None:
    """The person who is there does not need a visit of theirs.

    :raises Refused: `not-present`, `unknown-visit`, `not-movable`.
    """

    def give_up(session: Session) -> None:
        _, visit = _theirs(session, me, code)
        if visit.state != VisitState.CANCELLED:
            _refuse_unmovable(visit)
            give_up_in(session, settings, visit, "person", None, actor)

    _said_plainly(lambda: in_one_step(db, give_up))


def _theirs(session: Session, me: Interpreting, code: str) -> tuple[Present, Visit]:
    """The person who is there, and a visit of theirs.

    :raises Refused: `not-present`, whatever the code; `unknown-visit`, it is not theirs, or none at all.
    """
    present = need_present(session, me, utc_now())
    theirs = select(Visit).where(
        Visit.code == code, Visit.patient_id == present.patient.id, Visit.practice_id == present.practice.id
    )
    visit = session.exec(theirs).first()
    if visit is None:
        raise Refused("unknown-visit", "This person has no such visit.")
    return present, visit


def _refuse_unmovable(visit: Visit) -> None:
    """:raises Refused: `not-movable`, it is the practice's own system's, or over."""
    if visit.kind != VisitKind.OURS or visit.state != VisitState.BOOKED or visit.starts <= utc_now():
        raise Refused("not-movable", "That visit cannot be changed here. Phone the practice.")


def accept_visit(db: Database, settings: Settings, me: Interpreting, code: str, actor: Actor) -> Answered:
    """Take a visit one was asked to take; gives what came of it.

    :raises Refused: `unknown-visit`, they never had to do with it; `not-asked`.
    """
    return accept_ask(db, settings, _known(db, me, code).id or 0, me.interpreter_id, actor)


def decline_visit(
    db: Database, settings: Settings, me: Interpreting, code: str, ask_id: int | None, actor: Actor
) -> None:
    """Leave a visit to others. An answer to a question that is over changes nothing.

    :param ask_id: which question this answers: after in person, they may be asked by phone.
    :raises Refused: `unknown-visit`, they never had to do with it; `not-asked`.
    """
    visit = _known(db, me, code)
    if _is_open(db, me, visit, ask_id):
        decline_ask(db, settings, visit.id or 0, me.interpreter_id, actor)


def _is_open(db: Database, me: Interpreting, visit: Visit, ask_id: int | None) -> bool:
    """Whether that is the last they were asked about it, and they have not answered."""
    whose = (InterpreterAsk.interpreter_id == me.interpreter_id, InterpreterAsk.visit_id == visit.id)
    newest = select(InterpreterAsk).where(*whose).order_by(col(InterpreterAsk.asked_at), col(InterpreterAsk.id))
    with db.read() as session:
        asks = session.exec(newest).all()
    return bool(asks) and asks[-1].id == ask_id and asks[-1].state in MAY_BE_TAKEN


def hand_back(db: Database, settings: Settings, me: Interpreting, code: str, actor: Actor) -> None:
    """Give up a visit of one's own: its time stays the person's, and somebody else is sought. Again changes nothing.

    :raises Refused: `unknown-visit`, they never had to do with it; `not-theirs`.
    """
    visit = _known(db, me, code)
    if visit.interpreter_id == me.interpreter_id or not _gave_up(db, me, visit):
        give_up_interpreter(db, settings, visit.id or 0, me.interpreter_id, actor)


def _known(db: Database, me: Interpreting, code: str) -> Visit:
    """A visit that an interpreter has, had, or was asked to take.

    :raises Refused: `unknown-visit`.
    """
    asked = select(InterpreterAsk.visit_id).where(InterpreterAsk.interpreter_id == me.interpreter_id)
    had = select(InterpreterGivenUp.visit_id).where(InterpreterGivenUp.interpreter_id == me.interpreter_id)
    has = col(Visit.interpreter_id) == me.interpreter_id
    theirs = or_(has, col(Visit.id).in_(asked), col(Visit.id).in_(had))
    with db.read() as session:
        found = session.exec(select(Visit).where(Visit.code == code, theirs)).first()
    if found is None:
        raise Refused("unknown-visit", "You have no such visit.")
    return found


def _gave_up(db: Database, me: Interpreting, visit: Visit) -> bool:
    whose = (InterpreterGivenUp.interpreter_id == me.interpreter_id, InterpreterGivenUp.visit_id == visit.id)
    with db.read() as session:
        return session.exec(select(InterpreterGivenUp.id).where(*whose)).first() is not None


def _said_plainly(deed: Callable[[], Result]) -> Result:
    """Why a time cannot be had may tell of the clinic, of the person or of others: it is said in our own words."""
    try:
        return deed()
    except Refused as refused:
        if refused.code in _OWN_WORDS:
            raise
        raise Refused(refused.code, _SAID.get(refused.code, _NOT_THAT_TIME)) from None
