"""Moving a visit: the new time is claimed before the old one is let go, so nobody is left with nothing."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from bot.accounts.rights import require
from bot.appointments.by_text.telling import tell_moved, withdraw_reminders
from bot.appointments.interpreted.interpreter_alerts import tell_interpreter_off
from bot.appointments.interpreted.losing import note_time_lost, tell_own_interpreter, withdraw_asks
from bot.appointments.joint.booking import claim_for, in_one_step, lock_clinic, settle_time
from bot.appointments.joint.choosing import FreeTime
from bot.appointments.joint.claims import days_of, release_time
from bot.appointments.joint.finding import Wish
from bot.appointments.own_book.two_systems import is_of_own_system, to_enter, to_take_out
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.visits import lock_visit, practice_of_visit, visit_by_code, whose
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.conversations.exchange import Exchange
from bot.database import Database
from bot.refusals import Refused
from bot.rows import update_row
from bot.settings import Settings
from bot.tables.appointments import Clinic, InterpreterState, Visit, VisitKind, VisitState


def move_visit(db: Database, settings: Settings, code: str, starts: datetime, actor: Actor) -> Visit:
    """Move a visit to another time of its clinic, keep what it needs, and tell the person.

    :raises Refused: as `book_joint_visit`; `not-booked`, it is over or given up; `not-ours`, another system's.
    """

    def move(session: Session) -> Visit:
        visit = visit_by_code(session, code)
        used = require(session, actor, BOOK_VISITS, practice_of_visit(session, visit))
        return _move(session, settings, visit, starts, used, None, None, False)

    return in_one_step(db, move)


def move_in(
    session: Session,
    settings: Settings,
    visit: Visit,
    starts: datetime | None,
    actor: Actor,
    *,
    wish: Wish | None = None,
    exchange: Exchange | None = None,
    at_once: bool = False,
) -> Visit:
    """Move a visit in a transaction that is under way, which goes on whatever is refused.

    :param starts: None takes the first time that suits.
    :param wish: `wish_of_visit`, changed: another clinic, or by this clinician alone.
    :raises Refused: as `move_visit`; nothing of it is left in the transaction.
    """
    with session.begin_nested():
        return _move(session, settings, visit, starts, actor, wish, exchange, at_once)


def wish_of_visit(session: Session, visit: Visit) -> Wish:
    """What was asked for when the visit was booked, for the same person and with the same interpreter if possible.

    :raises Refused: `not-ours`.
    """
    patient = whose(session, visit)
    if visit.kind != VisitKind.OURS or visit.clinic_id is None:
        raise Refused("not-ours", "This visit is in the practice's own appointment book. Move it there.")
    return Wish(
        patient=patient,
        phone=visit.phone if patient is None else None,
        clinic=session.get_one(Clinic, visit.clinic_id),
        clinician_sex=visit.clinician_sex,
        interpreter_sex=visit.interpreter_sex,
        longer=visit.longer,
        moving=visit,
        keeping=visit.interpreter_id,
        campaign_id=visit.campaign_id,
    )


def refuse_if_over(visit: Visit) -> None:
    """:raises Refused: `not-booked`, nobody waits for this visit any more."""
    if visit.state != VisitState.BOOKED:
        words = {
            VisitState.CANCELLED: "was given up. Book another",
            VisitState.ARRIVED: "has begun: the person is there. Say first that they are not",
        }
        said = words.get(VisitState(visit.state), "is over. Book another")
        raise Refused("not-booked", f"This visit {said}.")


def _move(
    session: Session,
    settings: Settings,
    visit: Visit,
    starts: datetime | None,
    actor: Actor,
    wish: Wish | None,
    exchange: Exchange | None,
    at_once: bool,
) -> Visit:
    now = utc_now()
    wanted = wish or wish_of_visit(session, visit)
    lock_clinic(session, wanted.clinic)
    lock_visit(session, visit.id)
    refuse_if_over(visit)
    if starts == visit.starts and wanted.clinic.id == visit.clinic_id and visit.to_move_since is None:
        raise Refused("already-booked", "The visit is at that time already. Choose another time.")
    wanted = replace(wanted, moving=visit, keeping=wanted.keeping or visit.interpreter_id)
    chosen = settle_time(session, wanted, starts, now)
    withdraw_reminders(session, visit)
    kept = claim_for(session, wanted, chosen, visit.id or 0, now)
    release_time(session, visit_ids=[visit.id or 0], kept=kept)
    _rebook(session, settings, visit, wanted, chosen, exchange, now)
    record(session, actor, "visit-moved", f"visit:{visit.id}", practice_id=visit.practice_id)
    tell_moved(session, settings, visit, exchange=exchange, at_once=at_once)
    tell_own_interpreter(session, settings, visit, actor)
    return visit


def _rebook(
    session: Session,
    settings: Settings,
    visit: Visit,
    wish: Wish,
    chosen: FreeTime,
    exchange: Exchange | None,
    now: datetime,
) -> None:
    was_of_own_system = is_of_own_system(session, visit)
    interpreter = chosen.interpreter
    if _keeps_interpreter(visit, chosen):
        tell_interpreter_off(session, settings, visit)
    else:
        note_time_lost(session, settings, visit, "practice" if exchange is None else "person", now)
    withdraw_asks(session, settings, visit, now)
    update_row(
        session,
        visit,
        clinic_id=wish.clinic.id,
        clinician_id=chosen.clinician.id if chosen.clinician else None,
        site_id=chosen.site.id,
        starts=chosen.starts,
        ends=chosen.ends,
        mode=chosen.mode,
        interpreter_id=interpreter.id if interpreter else None,
        interpreter_mode=chosen.mode if interpreter else None,
        interpreter_state=InterpreterState.BOOKED if interpreter else InterpreterState.NOT_NEEDED,
        sequence=visit.sequence + 1,
        moved_from=visit.starts,
        to_move_since=None,
        changed_at=now,
    )
    if was_of_own_system:
        to_take_out(session, visit, now)
    if chosen.in_own_system:
        to_enter(session, visit, now)


def _keeps_interpreter(visit: Visit, chosen: FreeTime) -> bool:
    """Whether the same interpreter comes on the same day, so that no work of theirs is lost."""
    same = chosen.interpreter is not None and chosen.interpreter.id == visit.interpreter_id
    return same and days_of(chosen.starts, chosen.ends) == days_of(visit.starts, visit.ends)
