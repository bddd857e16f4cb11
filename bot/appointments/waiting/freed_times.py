"""Freed and new times, offered to people who wait: one time to one person, who has waited longest of those it suits.

A time that is offered is claimed, as any offer is, so it is never before two. What suits is decided by `find_times`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlmodel import Session, col

from bot.appointments.by_text.offering import UNTIL_TAKEN, hold_freed_time
from bot.appointments.by_text.telling import site_in_words
from bot.appointments.joint.booking import lock_clinic
from bot.appointments.joint.choosing import FreeTime
from bot.appointments.joint.claims import TakenError, days_of, lock_days
from bot.appointments.joint.finding import Wish, may_still_come
from bot.appointments.waiting.holds import kept_for
from bot.appointments.waiting.prospects import BEFORE_START, Prospects, free_times, has_times_before_them
from bot.appointments.waiting.requests import anybody_to_settle, settle_requests, wish_of_request
from bot.appointments.waiting.subject import about
from bot.clock import LONDON, in_window, utc_now
from bot.database import Database
from bot.messaging.hours import AFTER_SCHOOL, is_open
from bot.messaging.outbox import queue_text
from bot.refusals import Refused
from bot.rows import update_row
from bot.settings import Settings
from bot.tables.appointments import (
    ClaimedTime,
    Clinic,
    ClinicPurpose,
    Offer,
    Site,
    Slot,
    WaitingRequest,
    WaitingState,
    Whose,
)
from bot.tables.messaging import Kind
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.texts.catalogue import Value
from bot.wording.composing import NotApprovedError

WAITING_OFFER = "waiting-offer"
"""The question whether somebody takes a freed time."""
_TIME_TO_GO = timedelta(minutes=5)
"""What a text has at least to be taken by the network."""
_AT_ONCE = 10
"""Times of one clinic that are offered in one transaction; the others a minute later."""


def offer_freed_times(db: Database, settings: Settings) -> int:
    """The job: offer free times to people who wait for one; gives how many it offered.

    Requests whose people have got a visit by another way end first. Nothing is offered outside the sending window.
    """
    now = utc_now()
    with db.read() as session:
        to_settle = anybody_to_settle(session)
        clinics = _clinics_with_both(session, now) if in_window(now, settings, outreach=False) else []
    if to_settle:
        with db.write() as session:
            settle_requests(session, now)
    return sum(_offer_in_clinic(db, settings, clinic_id, now) for clinic_id in clinics)


def _offer_in_clinic(db: Database, settings: Settings, clinic_id: int, now: datetime) -> int:
    """Nothing is locked before a time is seen that may suit somebody."""
    with db.read() as session:
        clinic = session.get_one(Clinic, clinic_id)
        if not _may_ask_now(clinic, settings, now):
            return 0
        there = Prospects(session, clinic, now)
        if not any(there.may_suit(request, patient) for request, patient in there.people):
            return 0
    with db.write() as session:
        return offer_in(session, settings, clinic_id, now)


def offer_in(session: Session, settings: Settings, clinic_id: int, now: datetime) -> int:
    """Offer what is free in a clinic, in a transaction under way, to those who wait; gives how many times.

    Outside the sending window nothing is, nor in school hours to young people.
    """
    clinic = session.get_one(Clinic, clinic_id)
    if not _may_ask_now(clinic, settings, now):
        return 0
    lock_clinic(session, clinic)
    there, made = Prospects(session, clinic, now), 0
    for request, patient in there.people:
        if there.may_suit(request, patient) and _offer_to(session, settings, request, there, now):
            there.look_again()
            made += 1
        if made == _AT_ONCE:
            break
    return made


def _hours_of(clinic: Clinic) -> str | None:
    """Hours in which alone people of a clinic are written to, where it has its own."""
    return AFTER_SCHOOL if clinic.purpose == ClinicPurpose.YOUTH else None


def _may_ask_now(clinic: Clinic, settings: Settings, now: datetime) -> bool:
    hours = _hours_of(clinic)
    return is_open(hours, now, settings) if hours else in_window(now, settings, outreach=False)


def _clinics_with_both(session: Session, now: datetime) -> list[int]:
    """Clinics in which somebody waits who is not asked, and a slot is nobody's."""
    its = (
        col(ClaimedTime.kind) == Whose.CLINICIAN,
        col(ClaimedTime.whose) == col(Slot.clinician_id),
        col(ClaimedTime.cell) >= col(Slot.first_cell),
        col(ClaimedTime.cell) < col(Slot.end_cell),
        or_(col(ClaimedTime.visit_id).is_not(None), col(ClaimedTime.held_until) > now),
    )
    free = exists().where(
        col(Slot.clinic_id) == col(Clinic.id),
        col(Slot.starts) >= now + BEFORE_START,
        col(Slot.withdrawn_at).is_(None),
        ~exists().where(*its).correlate(Slot),
    )
    waits = exists().where(
        col(WaitingRequest.clinic_id) == col(Clinic.id), col(WaitingRequest.state) == WaitingState.WAITING
    )
    clinics = select(col(Clinic.id)).where(waits, free).order_by(col(Clinic.id))
    return [clinic_id or 0 for clinic_id in session.scalars(clinics)]


def _offer_to(
    session: Session, settings: Settings, request: WaitingRequest, there: Prospects, now: datetime
) -> Offer | None:
    """Offer one person the time that suits them best, where there is one; nothing is left of what does not go."""
    wish = wish_of_request(session, request)
    time = _time_for(session, wish, now, there.offered_to(session.get_one(Patient, request.patient_id)))
    if time is None:
        return None
    try:
        with session.begin_nested():
            return _ask(session, settings, wish, time, request, now)
    except (NotApprovedError, Refused):
        return None


def _time_for(session: Session, wish: Wish, now: datetime, leaving_out: Collection[datetime]) -> FreeTime | None:
    """The time, with the days of its interpreter locked, so that no travel is overlooked."""
    times = free_times(session, wish, now, leaving_out, 1)
    time = min(times, key=lambda time: (time.starts.date(), time.leaves, time.starts), default=None)
    if time is None or time.interpreter is None:
        return time
    days = ((time.interpreter.id, day) for day in days_of(time.starts, time.ends))
    return None if lock_days(session, days) and not may_still_come(session, wish, time, now) else time


def _ask(
    session: Session, settings: Settings, wish: Wish, time: FreeTime, request: WaitingRequest, now: datetime
) -> Offer:
    """:raises TakenError: somebody else has the time, or asks the person at this moment; roll back."""
    if not _is_ours_to_ask(session, request, now):
        raise TakenError
    use_by = min(now + UNTIL_TAKEN, max(time.starts - BEFORE_START, now + _TIME_TO_GO))
    offer = hold_freed_time(session, wish, time, request, use_by + kept_for(time.starts, now), now)
    patient = session.get_one(Patient, request.patient_id)
    message = queue_text(
        session,
        settings,
        text_key=text_of(offer),
        language=patient.language,
        values=freed_time_values(session, offer),
        phone=patient.phone or "",
        practice=session.get_one(Practice, request.practice_id),
        kind=Kind.QUESTION,
        subject=about(request),
        question=WAITING_OFFER,
        patient_id=request.patient_id,
        use_by=use_by,
        hours=_hours_of(wish.clinic),
    )
    update_row(session, offer, message_id=message.id)
    return offer


def _is_ours_to_ask(session: Session, request: WaitingRequest, now: datetime) -> bool:
    """Whether nobody else asks this person at this moment, for another clinic; from then on nobody else can."""
    if session.get_bind().dialect.name != "sqlite":
        theirs = select(col(Patient.id)).where(col(Patient.id) == request.patient_id, ~has_times_before_them(now))
        if session.execute(theirs.with_for_update(skip_locked=True, key_share=True)).first() is None:
            return False
    asks = update(WaitingRequest).where(
        col(WaitingRequest.id) == request.id, col(WaitingRequest.state) == WaitingState.WAITING
    )
    asked = session.execute(asks.values(state=WaitingState.ASKED, asked=col(WaitingRequest.asked) + 1))
    return bool(asked.rowcount)  # type: ignore[attr-defined]


def text_of(offer: Offer) -> str:
    """Which text offers a freed time: an interpreter is promised only where one is kept."""
    return "waiting-offer" if offer.interpreter_id is None else "waiting-offer-interpreter"


def freed_time_values(session: Session, offer: Offer) -> Mapping[str, Value]:
    """What the text says of the time: when, where, and for how long it is kept."""
    wall = offer.starts.astimezone(LONDON)
    clinic = session.get_one(Clinic, offer.clinic_id)
    place = site_in_words(session.get_one(Site, clinic.site_id), clinic)
    minutes = int(kept_for(offer.starts, offer.made_at).total_seconds()) // 60
    return {"date": wall.date(), "time": wall.time(), "minutes": minutes, "place": place}
