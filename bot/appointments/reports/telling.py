"""People are told what a report changed, some at a time, each once: what is to be told stands on the visit."""

from sqlmodel import Session, col, select

from bot.appointments.by_text.telling import tell_booked, tell_given_up, tell_moved, tell_off
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.appointments import ReportedVisit, Visit, VisitState
from bot.tables.messaging import Message

TELL_BOOKED, TELL_MOVED, TELL_OFF = "booked", "moved", "off"
_AT_A_TIME = 25


def tell_reported(db: Database, settings: Settings) -> int:
    """The job, and what follows a confirmed report at once: queue what people are to be told; gives how many texts."""
    told, after = 0, 0
    while True:
        with db.write() as session:
            waiting = session.exec(
                select(ReportedVisit, Visit)
                .join(Visit, col(Visit.id) == col(ReportedVisit.visit_id))
                .where(col(ReportedVisit.to_tell).is_not(None), col(ReportedVisit.visit_id) > after)
                .order_by(col(ReportedVisit.visit_id))
                .limit(_AT_A_TIME)
                .with_for_update(of=ReportedVisit)
            ).all()
            told += sum(_tell(session, settings, reported, visit) is not None for reported, visit in waiting)
        if len(waiting) < _AT_A_TIME:
            return told
        after = waiting[-1][0].visit_id


def _tell(session: Session, settings: Settings, reported: ReportedVisit, visit: Visit) -> Message | None:
    what, reported.to_tell = reported.to_tell, None
    session.add(reported)
    if visit.starts <= utc_now():
        return None
    if what == TELL_OFF:
        if visit.state != VisitState.CANCELLED:
            return None
        return (tell_given_up if visit.given_up_by == "person" else tell_off)(session, settings, visit)
    if visit.state != VisitState.BOOKED:
        return None
    return (tell_moved if what == TELL_MOVED else tell_booked)(session, settings, visit)
