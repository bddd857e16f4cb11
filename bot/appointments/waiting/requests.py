"""Who waits for a time in a clinic: read in one statement, and ended with all that was kept for them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, update
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.appointments.by_text.offering import let_go
from bot.appointments.joint.finding import Wish
from bot.clock import utc_now
from bot.messaging.questions import drop_questions_of
from bot.rows import among, update_row
from bot.tables.appointments import (
    STILL_OFFERED,
    STILL_WAITS,
    TAKES_TIME,
    Clinic,
    Offer,
    OfferState,
    Visit,
    WaitingRequest,
    WaitingState,
)
from bot.tables.patients import Patient


def waiting_requests(
    session: Session, *, clinic_id: int | None = None, practice_id: int | None = None
) -> list[WaitingRequest]:
    """Who waits in a clinic, or in a practice, or anywhere where neither is named: who has waited longest first."""
    waits = select(WaitingRequest).where(col(WaitingRequest.state).in_(STILL_WAITS))
    if clinic_id is not None:
        waits = waits.where(WaitingRequest.clinic_id == clinic_id)
    if practice_id is not None:
        waits = waits.where(WaitingRequest.practice_id == practice_id)
    return list(session.exec(waits.order_by(col(WaitingRequest.since), col(WaitingRequest.id))))


def wish_of_request(session: Session, request: WaitingRequest) -> Wish:
    """What is asked for by who waits; language and interpreter are those of the record now."""
    return Wish(
        patient=session.get_one(Patient, request.patient_id),
        clinic=session.get_one(Clinic, request.clinic_id),
        clinician_sex=request.clinician_sex,
        interpreter_sex=request.interpreter_sex,
        longer=request.longer,
    )


def leave_in(session: Session, request: WaitingRequest, why_state: WaitingState, now: datetime) -> None:
    """End a request, in a transaction under way: what was kept for the person is anybody's.

    :param why_state: `left`, or `booked` where the visit is not known here.
    """
    take_back_offers(session, [request.id or 0])
    update_row(session, request, state=why_state, ended_at=now)


def booked_in(session: Session, request: WaitingRequest, visit: Visit, now: datetime) -> None:
    """A request has become a visit, in the transaction in which that is booked."""
    take_back_offers(session, [request.id or 0])
    update_row(session, request, state=WaitingState.BOOKED, ended_at=now, visit_id=visit.id)


def take_back_offers(session: Session, request_ids: Sequence[int]) -> None:
    """Freed times that are before these people are anybody's, and cannot be answered any more."""
    if not request_ids:
        return
    its = among(session, col(Offer.waiting_id), request_ids)
    offers = list(session.exec(select(Offer).where(its, col(Offer.state).in_(STILL_OFFERED))))
    let_go(session, offers, OfferState.EXPIRED)
    drop_questions_of(session, [offer.message_id for offer in offers if offer.message_id is not None])


def settle_requests(session: Session, now: datetime) -> int:
    """End every request whose person has got a visit since, in that clinic or another of its purpose, by any way.

    :return: how many.
    """
    session.flush()
    becomes = update(WaitingRequest).where(col(WaitingRequest.state).in_(STILL_WAITS), _THEIR_VISIT.is_not(None))
    changes = {"state": WaitingState.BOOKED, "visit_id": _THEIR_VISIT, "ended_at": now}
    ended = session.execute(becomes.values(changes).returning(col(WaitingRequest.id))).all()
    take_back_offers(session, [row[0] or 0 for row in ended])
    return len(ended)


_WANTED, _GOT = aliased(Clinic), aliased(Clinic)
_THEIR_VISIT = (
    sqlalchemy_select(func.min(col(Visit.id)))
    .join(_GOT, col(_GOT.id) == col(Visit.clinic_id))
    .join(_WANTED, col(_WANTED.id) == col(WaitingRequest.clinic_id))
    .where(
        col(Visit.patient_id) == col(WaitingRequest.patient_id),
        col(Visit.practice_id) == col(WaitingRequest.practice_id),
        col(Visit.state).in_(TAKES_TIME),
        col(Visit.made_at) >= col(WaitingRequest.since),
        or_(col(_GOT.id) == col(WaitingRequest.clinic_id), col(_GOT.purpose) == col(_WANTED.purpose)),
    )
    .correlate(WaitingRequest)
    .scalar_subquery()
)


def anybody_to_settle(session: Session) -> bool:
    """Whether somebody who waits has got a visit since."""
    waits = select(WaitingRequest.id).where(col(WaitingRequest.state).in_(STILL_WAITS), _THEIR_VISIT.is_not(None))
    return session.exec(waits.limit(1)).first() is not None


def end_with_death(session: Session, patient_ids: Sequence[int]) -> None:
    """Who has died waits no longer."""
    theirs = (
        update(WaitingRequest)
        .where(among(session, col(WaitingRequest.patient_id), patient_ids), col(WaitingRequest.state).in_(STILL_WAITS))
        .values(state=WaitingState.LEFT, ended_at=utc_now())
        .returning(col(WaitingRequest.id))
    )
    take_back_offers(session, [row[0] or 0 for row in session.execute(theirs).all()])
