"""Giving up a visit: its time is anybody's at once. Nobody gives one up by silence."""

from datetime import datetime
from typing import Literal

from sqlmodel import Session

from bot.accounts.rights import require
from bot.appointments.by_text.telling import tell_given_up, tell_off, withdraw_reminders
from bot.appointments.interpreted.losing import note_time_lost, withdraw_asks
from bot.appointments.joint.booking import in_one_step
from bot.appointments.joint.claims import release_time
from bot.appointments.joint.moving import refuse_if_over
from bot.appointments.own_book.two_systems import is_of_own_system, to_take_out
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.visits import lock_visit, practice_of_visit, visit_by_code
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.conversations.exchange import Exchange
from bot.database import Database
from bot.refusals import Refused
from bot.rows import update_row
from bot.settings import Settings
from bot.tables.appointments import Visit, VisitKind, VisitState

By = Literal["person", "practice"]
MOST_OF_A_REASON = 200


def give_up_visit(db: Database, settings: Settings, code: str, by: By, reason: str | None, actor: Actor) -> Visit:
    """Give up a visit for the person, who does not need it, or for the practice, which tells them.

    Given up already, it stays as it is.

    :raises Refused: `not-booked`, it is over; `not-ours`, it is taken out of the practice's own system first.
    """

    def give_up(session: Session) -> Visit:
        visit = visit_by_code(session, code)
        used = require(session, actor, BOOK_VISITS, practice_of_visit(session, visit))
        return give_up_in(session, settings, visit, by, reason, used)

    return in_one_step(db, give_up)


def give_up_in(
    session: Session,
    settings: Settings,
    visit: Visit,
    by: By,
    reason: str | None,
    actor: Actor,
    *,
    exchange: Exchange | None = None,
    taken_out: bool = False,
    tell: bool | None = None,
) -> Visit:
    """Give up a visit in a transaction that is under way; nothing is changed where it is refused.

    :param exchange: the person wrote so, and is answered.
    :param taken_out: it is out of the practice's own system already.
    :param tell: whether the person is told; by default where the practice gave it up, or they wrote.
    :raises Refused: as `give_up_visit`.
    """
    lock_visit(session, visit.id)
    if visit.state == VisitState.CANCELLED:
        return visit
    refuse_if_over(visit)
    if visit.kind != VisitKind.OURS and not taken_out:
        raise Refused("not-ours", "This visit is in the practice's own appointment book. Take it out there first.")
    _let_go(session, settings, visit, by, reason, utc_now())
    record(session, actor, "visit-given-up", f"visit:{visit.id}", practice_id=visit.practice_id, by=by)
    if (by == "practice" or exchange is not None) if tell is None else tell:
        say_so = tell_off if by == "practice" else tell_given_up
        say_so(session, settings, visit, exchange=exchange)
    return visit


def _let_go(session: Session, settings: Settings, visit: Visit, by: By, reason: str | None, now: datetime) -> None:
    """Its time goes back, nothing more is said of it as it was, and nobody is sought for it."""
    withdraw_reminders(session, visit)
    note_time_lost(session, settings, visit, by, now)
    withdraw_asks(session, settings, visit, now)
    if visit.kind == VisitKind.OURS and is_of_own_system(session, visit):
        to_take_out(session, visit, now)
    release_time(session, visit_ids=[visit.id or 0])
    update_row(
        session,
        visit,
        state=VisitState.CANCELLED,
        given_up_by=by,
        given_up_why=reason[:MOST_OF_A_REASON] if reason else None,
        given_up_at=now,
        to_move_since=None,
        sequence=visit.sequence + 1,
        changed_at=now,
    )
