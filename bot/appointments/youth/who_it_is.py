"""Staff say who a phone is that booked by a poster, once they have spoken to the young person; until then nobody is."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, update
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.joint.claims import claim_time
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.visits import lock_visit, practice_of_visit, visit_by_code
from bot.audit import Actor, record
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.messaging.questions import close_questions_to
from bot.patients.events import tell_of_changed_numbers
from bot.refusals import Refused
from bot.rows import update_row
from bot.tables.appointments import PosterStart, Visit, VisitState, Whose
from bot.tables.organisations import Practice
from bot.tables.patients import FROM_PATIENT, Patient, PhoneStatus


def say_it_is_them(db: Database, code: str, nhs_number: str, actor: Actor) -> Visit:
    """The young person is whom the birthday proposed: the visit is theirs, and so is the number, which they confirmed.

    :param nhs_number: of whom staff saw proposed.
    :raises Refused: `known-already`; `not-booked`, the visit was given up; `another-proposed`, somebody else is by now;
        `number-of-another`, the number stands on another person's record; or no such visit, not allowed.
    """

    def it_is_them(session: Session, visit: Visit, used: Actor) -> None:
        start, person = _proposed(session, visit)
        if start is None or person is None or person.deceased or person.nhs_number != nhs_number:
            raise Refused("another-proposed", "That is not who is proposed for this visit. Look at the visit again.")
        _refuse_number_of_another(session, visit, person)
        before = person.phone
        _is_theirs(session, visit, person, utc_now())
        record(session, used, "young-person-known", f"visit:{visit.id}", practice_id=visit.practice_id)
        if before != visit.phone:
            _let_go_of(session, visit, person, before)

    return _about(db, code, actor, it_is_them)


def say_it_is_not(db: Database, code: str, actor: Actor) -> Visit:
    """The young person is somebody else: nobody is proposed any more. Said again, it changes nothing.

    :raises Refused: `known-already`, `not-booked`; no such visit, not allowed.
    """

    def it_is_not(session: Session, visit: Visit, used: Actor) -> None:
        proposed = (col(PosterStart.visit_id) == visit.id, col(PosterStart.may_be_id).is_not(None))
        if session.exec(select(PosterStart.id).where(*proposed).limit(1)).first() is not None:
            session.execute(update(PosterStart).where(*proposed).values(may_be_id=None))
            record(session, used, "young-person-not-known", f"visit:{visit.id}", practice_id=visit.practice_id)

    return _about(db, code, actor, it_is_not)


def _about(db: Database, code: str, actor: Actor, verb: Callable[[Session, Visit, Actor], None]) -> Visit:
    with db.write() as session:
        visit = visit_by_code(session, code)
        used = require(session, actor, BOOK_VISITS, practice_of_visit(session, visit))
        lock_visit(session, visit.id)
        if visit.patient_id is not None:
            raise Refused("known-already", "It is known already whose visit this is. Look at the visit again.")
        if visit.state == VisitState.CANCELLED:
            raise Refused("not-booked", "This visit was given up, so nobody comes to it.")
        verb(session, visit, used)
    return visit


def _proposed(session: Session, visit: Visit) -> tuple[PosterStart | None, Patient | None]:
    """Who is proposed, locked against a list that would change them meanwhile."""
    of_visit = select(PosterStart).where(PosterStart.visit_id == visit.id, col(PosterStart.may_be_id).is_not(None))
    start = session.exec(of_visit.order_by(col(PosterStart.id)).limit(1)).first()
    if start is None:
        return None, None
    person = session.get_one(Patient, start.may_be_id, with_for_update={"key_share": True}, populate_existing=True)
    return start, person


def _refuse_number_of_another(session: Session, visit: Visit, person: Patient) -> None:
    another = exists().where(
        col(Patient.practice_id) == visit.practice_id,
        col(Patient.phone) == visit.phone,
        col(Patient.id) != person.id,
    )
    if session.scalar(select(another)):
        raise Refused(
            "number-of-another",
            "This number is on another person's record, so it cannot become the young person's. "
            "Ask them for a number of their own. The visit stays as it is.",
        )


def _is_theirs(session: Session, visit: Visit, person: Patient, now: datetime) -> None:
    person.phone, person.phone_status, person.phone_source = visit.phone, PhoneStatus.CONFIRMED, FROM_PATIENT
    person.phone_since, person.updated_at = london_today(), now
    session.add(person)
    update_row(session, visit, patient_id=person.id, changed_at=now)
    theirs = (Whose.PATIENT, person.id or 0, visit.starts, visit.ends)
    claim_time(session, [theirs], now=now, visit_id=visit.id, patient_id=person.id, partly=True)


def _let_go_of(session: Session, visit: Visit, person: Patient, before: str | None) -> None:
    """What was asked on the number that was there before is asked no more, and whoever counts on it is told."""
    if before is not None:
        sender_id = session.get_one(Practice, visit.practice_id).sender_id
        close_questions_to(session, sender_id, before, person.id or 0)
    session.flush()
    tell_of_changed_numbers(session, [person.id or 0])
