"""Joining the waiting list of a clinic, and leaving it. A person waits once in a clinic, however often they are put."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.finding_by_code import clinic_by_code, refuse_another_practice
from bot.appointments.joint.booking import VisitWanted, book_joint_visit, find_wish, person_of
from bot.appointments.joint.finding import Wish, refuse_unfit
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.waiting.requests import leave_in
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import STILL_WAITS, Visit, VisitState, WaitingRequest, WaitingState

_MAY_BE_FREE_LATER = frozenset({"nothing-free", "taken", "too-late", "not-suited"})
"""Refusals of one time, or of all there are now, after which another may come free."""
_TO_COME = (VisitState.BOOKED, VisitState.ARRIVED)


@dataclass(frozen=True)
class WaitingWanted:
    """Who is to wait for which clinic, as staff ask for it, and what a time has to have."""

    practice_code: str
    nhs_number: str
    clinic_code: str
    clinician_sex: str | None = None
    interpreter_sex: str | None = None
    longer: bool = False


def join_waiting_list(db: Database, wanted: WaitingWanted, actor: Actor) -> WaitingRequest:
    """Put a person on the waiting list of a clinic, whether a time is free or not; who waits there stays as they are.

    :raises Refused: `unknown-practice`, `unknown-person`, `unknown-clinic`, `another-practice`, `not-allowed`, or what
        `join_in` refuses.
    """
    named = VisitWanted(
        wanted.practice_code,
        wanted.nhs_number,
        wanted.clinic_code,
        clinician_sex=wanted.clinician_sex,
        interpreter_sex=wanted.interpreter_sex,
        longer=wanted.longer,
    )
    with db.write() as session:
        practice, wish = find_wish(session, named)
        used = require(session, actor, BOOK_VISITS, practice)
        return join_in(session, wish, None, used, utc_now())


def book_or_wait(db: Database, settings: Settings, wanted: VisitWanted, actor: Actor) -> Visit | WaitingRequest:
    """Book a visit if a time suits; else put the person on the waiting list of that clinic.

    :raises Refused: what `book_joint_visit` refuses and waiting does not mend, or what `join_waiting_list` refuses.
    """
    try:
        return book_joint_visit(db, settings, wanted, actor)
    except Refused as refused:
        if refused.code not in _MAY_BE_FREE_LATER:
            raise
    waits = WaitingWanted(
        wanted.practice_code,
        wanted.nhs_number,
        wanted.clinic_code,
        wanted.clinician_sex,
        wanted.interpreter_sex,
        wanted.longer,
    )
    return join_waiting_list(db, waits, actor)


def join_in(session: Session, wish: Wish, campaign_id: int | None, actor: Actor, now: datetime) -> WaitingRequest:
    """Let a person wait, in a transaction under way; gives the request that is there where they wait already.

    :param campaign_id: what is booked for them counts for that campaign.
    :raises Refused: `not-suited`, that clinic never sees them; `already-booked`, they have a visit to come in it.
    """
    refuse_unfit(wish)
    refuse_booked(session, wish, now)
    made = None
    while (request := _request_of(session, wish)) is None:
        made = _insert(session, wish, campaign_id, actor, now)
    if made is not None:
        record(session, actor, "waiting-joined", f"waiting-request:{made}", practice_id=wish.clinic.practice_id)
    return request


def refuse_booked(session: Session, wish: Wish, now: datetime) -> None:
    """:raises Refused: `already-booked`, the person has a visit to come in that clinic."""
    coming = select(Visit.id).where(
        Visit.patient_id == wish.patient.id,
        Visit.clinic_id == wish.clinic.id,
        col(Visit.state).in_(_TO_COME),
        col(Visit.ends) > now,
    )
    if session.exec(coming.limit(1)).first() is not None:
        raise Refused("already-booked", "This person has a visit to come in that clinic. Move it if it does not suit.")


def _request_of(session: Session, wish: Wish) -> WaitingRequest | None:
    waits = select(WaitingRequest).where(
        WaitingRequest.patient_id == wish.patient.id,
        WaitingRequest.clinic_id == wish.clinic.id,
        col(WaitingRequest.state).in_(STILL_WAITS),
    )
    return session.exec(waits).first()


def _insert(session: Session, wish: Wish, campaign_id: int | None, actor: Actor, now: datetime) -> int | None:
    """The id of the new request; None where somebody was quicker."""
    session.flush()
    connection = session.connection()
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    row = {
        "practice_id": wish.clinic.practice_id,
        "patient_id": wish.patient.id,
        "clinic_id": wish.clinic.id,
        "campaign_id": campaign_id,
        "clinician_sex": wish.clinician_sex,
        "interpreter_sex": wish.interpreter_sex,
        "longer": wish.longer,
        "state": WaitingState.WAITING,
        "since": now,
        "asked": 0,
        "made_by": actor.label,
    }
    inserting = insert(WaitingRequest).values(row).on_conflict_do_nothing().returning(col(WaitingRequest.id))
    made: int | None = connection.scalar(inserting)
    return made


def leave_waiting_list(
    db: Database, practice_code: str, nhs_number: str, clinic_code: str | None, actor: Actor
) -> list[WaitingRequest]:
    """Take a person off the waiting list of a clinic, or off every one of the practice where none is named.

    :raises Refused: `unknown-practice`, `unknown-person`, `unknown-clinic`, `another-practice`, `not-allowed`, or
        `not-waiting`.
    """
    now = utc_now()
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        used = require(session, actor, BOOK_VISITS, practice)
        person = person_of(session, practice, nhs_number)
        theirs = select(WaitingRequest).where(
            WaitingRequest.practice_id == practice.id,
            WaitingRequest.patient_id == person.id,
            col(WaitingRequest.state).in_(STILL_WAITS),
        )
        if clinic_code is not None:
            clinic = clinic_by_code(session, clinic_code)
            refuse_another_practice(clinic, "clinic", practice)
            theirs = theirs.where(WaitingRequest.clinic_id == clinic.id)
        requests = list(session.exec(theirs.order_by(col(WaitingRequest.id)).with_for_update()))
        if not requests:
            raise Refused("not-waiting", "This person is not on that waiting list. Nothing had to be changed.")
        for request in requests:
            leave_in(session, request, WaitingState.LEFT, now)
            record(session, used, "waiting-left", f"waiting-request:{request.id}", practice_id=practice.id)
    return requests
