"""A visit that has lost its interpreter: its time stays, somebody else is sought, and the person is asked at last.

Exactly one interpreter gets a visit: a conditional update of the visit itself decides. A visit never counts as not
attended because nobody could interpret, and nobody is ever asked to bring a relative.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, update
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.by_text.telling import (
    CONFIRMATIONS,
    NAMING,
    tell_booked,
    tell_interpreter_by_phone,
    tell_no_interpreter,
    withdraw_reminders,
)
from bot.appointments.interpreted.asking import (
    LIVE,
    ask_next,
    is_sought,
    modes_of,
    withdraw_asks,
)
from bot.appointments.interpreted.interpreter_alerts import (
    asks_of,
    tell_gone,
    tell_interpreter_booked,
)
from bot.appointments.interpreted.losing import note_time_lost
from bot.appointments.interpreted.lost_reasons import NO_INTERPRETER
from bot.appointments.interpreted.seeking_until import sought_until
from bot.appointments.interpreted.standing_by import standing_by
from bot.appointments.joint.claims import TakenError, claim_time, days_of, lock_days, release_time
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.subject import VISIT, about
from bot.appointments.visits import lock_visit
from bot.attention.items import ask_a_person
from bot.audit import SERVICE, Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.rows import update_row
from bot.settings import Settings
from bot.tables.appointments import InterpreterState, Visit, VisitState, Whose
from bot.tables.interpreters import AskState, InterpreterAsk, Mode
from bot.tables.messaging import Message, State
from bot.tables.organisations import Practice


class Answered(StrEnum):
    """What a yes of an interpreter comes to.

    `gone`: somebody else has the visit, or it needs nobody any more. `busy`: they have something else at that time, or
    no time to get there.
    """

    BOOKED = "booked"
    GONE = "gone"
    BUSY = "busy"


def seek_interpreter(db: Database, settings: Settings, visit_id: int, actor: Actor) -> Visit:
    """Seek somebody for a visit that has nobody, from the beginning: those asked before are asked again.

    :raises Refused: `has-interpreter`; `not-booked`, it will not take place; neither staff of the practice nor console.
    """
    with db.write() as session:
        visit = lock_visit(session, visit_id)
        used = _may_change(session, visit, actor)
        if visit.interpreter_state == InterpreterState.BOOKED:
            raise Refused("has-interpreter", "That visit has an interpreter. Nobody else is sought for it.")
        record(session, used, "interpreter-sought", f"visit:{visit.id}", practice_id=visit.practice_id)
        seek_in(session, settings, visit, utc_now())
        return visit


def keep_with_phone(db: Database, settings: Settings, visit_id: int, actor: Actor) -> Visit:
    """The person has told staff that an interpreter by phone will do, whom staff ring when it begins.

    :raises Refused: as `seek_interpreter`.
    """
    with db.write() as session:
        visit = lock_visit(session, visit_id)
        used = _may_change(session, visit, actor)
        if visit.interpreter_state == InterpreterState.BOOKED:
            raise Refused("has-interpreter", "That visit has an interpreter. Nothing was changed.")
        keep_by_phone(session, settings, visit, utc_now(), used)
        return visit


def _may_change(session: Session, visit: Visit, actor: Actor) -> Actor:
    if visit.state != VisitState.BOOKED or visit.starts <= utc_now():
        raise Refused("not-booked", "That visit will not take place any more. Nothing was changed.")
    return require(session, actor, BOOK_VISITS, session.get_one(Practice, visit.practice_id))


def keep_by_phone(session: Session, settings: Settings, visit: Visit, now: datetime, actor: Actor = SERVICE) -> None:
    """The visit stays, with an interpreter by phone on demand; in the transaction in hand, which has locked it."""
    withdraw_reminders(session, visit)
    withdraw_asks(session, settings, visit, now)
    changes = {"interpreter_mode": Mode.TELEPHONE, "interpreter_state": InterpreterState.BOOKED}
    update_row(session, visit, **changes, sequence=visit.sequence + 1, changed_at=now)
    record(session, actor, "interpreter-by-phone-kept", f"visit:{visit.id}", practice_id=visit.practice_id)


def seek_in(session: Session, settings: Settings, visit: Visit, now: datetime) -> None:
    """The same, in the transaction in hand, which has locked the visit."""
    for ask in asks_of(session, visit, *LIVE, AskState.DECLINED):
        update_row(session, ask, state=AskState.WITHDRAWN)
    update_row(session, visit, interpreter_state=InterpreterState.SEEKING, changed_at=now)
    _go_on(session, settings, visit, now)


def give_up_interpreter(
    db: Database, settings: Settings, visit_id: int, interpreter_id: int, actor: Actor, *, by: str = "interpreter"
) -> Visit:
    """An interpreter cannot come to a visit of theirs: its time stays, and somebody else is sought at once.

    :param by: who says so: `interpreter`, `away`, `practice` or `person`; agencies are billed by it.
    :raises Refused: `not-theirs`, they do not have it (any more), or it is past.
    """
    with db.write() as session:
        visit = lock_visit(session, visit_id)
        now = utc_now()
        if visit.interpreter_id != interpreter_id or visit.state != VisitState.BOOKED or visit.starts <= now:
            raise Refused("not-theirs", "That visit is not yours any more, or it is past. Nothing was changed.")
        lose_in(session, settings, visit, now, actor, by=by)
        return visit


def lose_in(session: Session, settings: Settings, visit: Visit, now: datetime, actor: Actor, *, by: str) -> None:
    """The same, in the transaction in hand, which has locked the visit and seen that it has an interpreter."""
    interpreter_id = visit.interpreter_id or 0
    note_time_lost(session, settings, visit, by, now)
    release_time(session, visit_ids=[visit.id or 0], only=Whose.INTERPRETER)
    confirms = _take_back_what_promises(session, visit)
    _change(session, visit, now, interpreter_id=None, interpreter_state=InterpreterState.SEEKING)
    _settle_asks_of_before(session, visit, interpreter_id)
    if confirms:
        tell_booked(session, settings, visit)
    record(session, actor, "interpreter-lost", f"visit:{visit.id}", practice_id=visit.practice_id, by=by)
    _go_on(session, settings, visit, now)


def accept_ask(db: Database, settings: Settings, visit_id: int, interpreter_id: int, actor: Actor) -> Answered:
    """An interpreter says yes. It counts whenever nobody has the visit, also after their time to answer.

    Who comes second is told kindly. Who has something else then does not get it, and the next is asked.
    :raises Refused: `not-asked`, they were never asked to take it.
    """

    def accept(session: Session) -> Answered:
        asks = _asks_of_interpreter(session, visit_id, interpreter_id)
        if not asks:
            raise Refused("not-asked", "You were not asked to take that visit. Nothing was changed.")
        return accept_in(session, settings, asks[-1], actor)

    # Twice: somebody may book the same interpreter at this moment, and wait for us as we wait for them.
    return db.write_with_retry(accept)


def accept_in(session: Session, settings: Settings, ask: InterpreterAsk, actor: Actor) -> Answered:
    """The same, in the transaction in hand. In person or by phone, as they were asked last."""
    now = utc_now()
    visit = lock_visit(session, ask.visit_id)
    if visit.interpreter_id == ask.interpreter_id and visit.state == VisitState.BOOKED:
        return Answered.BOOKED
    was_told, usual = visit.interpreter_state == InterpreterState.FAILED, modes_of(visit)[0]
    outcome = _take(session, ask, now)
    visit = lock_visit(session, ask.visit_id)
    if outcome is Answered.BOOKED:
        _settle_booked(session, settings, visit, ask, now, was_told=was_told, changed_mode=ask.mode != usual)
        record(session, actor, "interpreter-accepted", f"visit:{visit.id}", practice_id=visit.practice_id)
        return outcome
    state = AskState.WITHDRAWN if outcome is Answered.GONE else AskState.DECLINED
    update_row(session, ask, state=state, answered_at=now)
    tell_gone(session, settings, visit, ask)
    ask_next(session, settings, visit, now)
    return outcome


def decline_ask(db: Database, settings: Settings, visit_id: int, interpreter_id: int, actor: Actor) -> None:
    """An interpreter says no, and the next is asked at once.

    :raises Refused: `not-asked`, they were never asked to take it.
    """
    with db.write() as session:
        asks = _asks_of_interpreter(session, visit_id, interpreter_id)
        if not asks:
            raise Refused("not-asked", "You were not asked to take that visit. Nothing was changed.")
        decline_in(session, settings, asks[-1], actor)


def decline_in(session: Session, settings: Settings, ask: InterpreterAsk, actor: Actor) -> None:
    """The same, in the transaction in hand."""
    now = utc_now()
    visit = lock_visit(session, ask.visit_id)
    if ask.state in LIVE:
        update_row(session, ask, state=AskState.DECLINED, answered_at=now)
        record(session, actor, "interpreter-declined", f"visit:{visit.id}", practice_id=visit.practice_id)
    ask_next(session, settings, visit, now)


def lapse_asks(db: Database, settings: Settings) -> int:
    """The job: end the time of those who did not answer, ask the next, and say so where nobody was found.

    :return: how many visits it did something for.
    """
    now = utc_now()
    with db.write() as session:
        over = (col(InterpreterAsk.state) == AskState.ASKED, col(InterpreterAsk.lapses_at) <= now)
        lapsed = update(InterpreterAsk).where(*over).values(state=AskState.LAPSED)
        session.execute(lapsed, execution_options={"synchronize_session": False})
    return sum(_go_on_with(db, settings, visit_id) for visit_id in _waiting(db, now))


def _waiting(db: Database, now: datetime) -> list[int]:
    """Visits for which somebody is sought and nobody is being asked, and those for which it is time to stop."""
    asked = exists().where(col(InterpreterAsk.visit_id) == col(Visit.id), col(InterpreterAsk.state) == AskState.ASKED)
    sought = (
        select(Visit.id, Visit.starts, Visit.changed_at, asked)
        .where(
            Visit.interpreter_state == InterpreterState.SEEKING,
            Visit.state == VisitState.BOOKED,
            col(Visit.starts) > now,
        )
        .order_by(col(Visit.starts), col(Visit.id))
    )
    with db.read() as session:
        rows = session.exec(sought).all()
    return [
        visit_id or 0
        for visit_id, starts, since, is_asked in rows
        if not is_asked or now >= sought_until(starts, since)
    ]


def _go_on_with(db: Database, settings: Settings, visit_id: int) -> bool:
    with db.write() as session:
        visit = lock_visit(session, visit_id)
        return is_sought(visit) and _go_on(session, settings, visit, utc_now())


def _go_on(session: Session, settings: Settings, visit: Visit, now: datetime) -> bool:
    """Ask the next, or stop seeking when it is time; gives whether anything was done."""
    if now >= sought_until(visit.starts, visit.changed_at):
        _nobody_was_found(session, settings, visit, now)
        return True
    return ask_next(session, settings, visit, now) is not None


def _nobody_was_found(session: Session, settings: Settings, visit: Visit, now: datetime) -> None:
    """The person chooses, staff see it. Who was asked may still say yes, as long as nobody has the visit."""
    update_row(session, visit, interpreter_state=InterpreterState.FAILED, changed_at=now)
    message = tell_no_interpreter(session, settings, visit)
    if message is not None:
        ask_a_person(session, message, NO_INTERPRETER, "amber")
    record(session, SERVICE, "no-interpreter-found", f"visit:{visit.id}", practice_id=visit.practice_id)


def _asks_of_interpreter(session: Session, visit_id: int, interpreter_id: int) -> list[InterpreterAsk]:
    statement = select(InterpreterAsk).where(
        InterpreterAsk.visit_id == visit_id, InterpreterAsk.interpreter_id == interpreter_id
    )
    return list(session.exec(statement.order_by(col(InterpreterAsk.asked_at), col(InterpreterAsk.id))))


def _take(session: Session, ask: InterpreterAsk, now: datetime) -> Answered:
    """The visit first, by one conditional update: of two at once one changes a row. Then the interpreter's time."""
    savepoint = session.begin_nested()
    if not _win(session, ask, now):
        savepoint.rollback()
        return Answered.GONE
    visit = session.get_one(Visit, ask.visit_id, populate_existing=True)
    try:
        _claim(session, visit, ask, now)
    except TakenError:
        savepoint.rollback()
        return Answered.BUSY
    savepoint.commit()
    return Answered.BOOKED


def _win(session: Session, ask: InterpreterAsk, now: datetime) -> bool:
    nobody_has_it = (InterpreterState.SEEKING, InterpreterState.FAILED)
    taken = session.connection().execute(
        update(Visit)
        .where(
            col(Visit.id) == ask.visit_id,
            col(Visit.interpreter_state).in_(nobody_has_it),
            col(Visit.state) == VisitState.BOOKED,
            col(Visit.starts) > now,
        )
        .values(
            interpreter_id=ask.interpreter_id,
            interpreter_mode=ask.mode,
            interpreter_state=InterpreterState.BOOKED,
            sequence=col(Visit.sequence) + 1,
            changed_at=now,
        )
    )
    return bool(taken.rowcount)


def _claim(session: Session, visit: Visit, ask: InterpreterAsk, now: datetime) -> None:
    """:raises TakenError: they have something else then, or are too far from it, or do not suit any more."""
    lock_days(session, [(ask.interpreter_id, day) for day in days_of(visit.starts, visit.ends)])
    circle = standing_by(session, visit, now, only=[ask.interpreter_id])
    if circle.failing(ask.interpreter_id, ask.mode) is not None:
        raise TakenError
    wanted = [(Whose.INTERPRETER, ask.interpreter_id, visit.starts, visit.ends)]
    claim_time(session, wanted, now=now, visit_id=visit.id)


def _settle_booked(
    session: Session,
    settings: Settings,
    visit: Visit,
    ask: InterpreterAsk,
    now: datetime,
    *,
    was_told: bool,
    changed_mode: bool,
) -> None:
    """Tell the interpreter, those who are too late, and the person where it changes something for them."""
    update_row(session, ask, state=AskState.ACCEPTED, answered_at=now)
    confirms = _take_back_what_promises(session, visit, questions=was_told)
    withdraw_asks(session, settings, visit, now, but=ask)
    tell_interpreter_booked(session, settings, visit)
    if changed_mode:
        tell_interpreter_by_phone(session, settings, visit)
    elif was_told or confirms or _named_another(session, visit):
        tell_booked(session, settings, visit)


def _named_another(session: Session, visit: Visit) -> bool:
    """Whether the person was told who would interpret: now it is somebody else."""
    named = select(Message.id).where(
        Message.subject_kind == VISIT,
        Message.subject_id == about(visit).id,
        col(Message.text_key).in_(NAMING),
        col(Message.state) != State.CANCELLED,
    )
    return session.exec(named.limit(1)).first() is not None


def _take_back_what_promises(session: Session, visit: Visit, *, questions: bool = False) -> bool:
    """Take back texts that wait and speak of the visit as it was; gives whether one of them confirmed it."""
    waits = select(Message.id).where(
        Message.subject_kind == VISIT,
        Message.subject_id == about(visit).id,
        col(Message.state).in_((State.QUEUED, State.HELD)),
        col(Message.text_key).in_(CONFIRMATIONS),
        col(Message.subject_sequence).is_not(None),
    )
    confirms = session.exec(waits).first() is not None
    withdraw_reminders(session, visit, questions=questions)
    return confirms


def _change(session: Session, visit: Visit, now: datetime, **changes: object) -> None:
    """What a calendar shows has changed."""
    update_row(session, visit, **changes, sequence=visit.sequence + 1, changed_at=now)


def _settle_asks_of_before(session: Session, visit: Visit, interpreter_id: int) -> None:
    """A new search begins: those asked in an earlier one may be asked again, save who said no or has just left."""
    for ask in asks_of(session, visit, *LIVE, AskState.ACCEPTED):
        gone = ask.interpreter_id == interpreter_id
        update_row(session, ask, state=AskState.DECLINED if gone else AskState.WITHDRAWN)
