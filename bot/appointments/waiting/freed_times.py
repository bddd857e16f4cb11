"""Freed and new times, offered to people who wait: one time to one person, who has waited longest of those it suits.

A time that is offered is claimed, as any offer is, so it is never before two. What suits is decided by `find_times`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Set
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlmodel import Session, col

from bot.appointments.by_text.offering import UNTIL_TAKEN, hold_freed_time
from bot.appointments.by_text.telling import site_in_words
from bot.appointments.joint.booking import lock_clinic
from bot.appointments.joint.choosing import FreeTime
from bot.appointments.joint.claims import TakenError, days_of, lock_days
from bot.appointments.joint.finding import Wish, find_times, may_still_come
from bot.appointments.waiting.holds import kept_for
from bot.appointments.waiting.requests import anybody_to_settle, settle_requests, wish_of_request
from bot.appointments.waiting.subject import about
from bot.clock import LONDON, in_window, utc_now
from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.patients.eligibility import ON_RECORD, reason_sql
from bot.refusals import Refused
from bot.rows import update_row
from bot.settings import Settings
from bot.tables.appointments import (
    ClaimedTime,
    Clinic,
    Offer,
    OfferState,
    Site,
    Slot,
    WaitingRequest,
    WaitingState,
    Whose,
)
from bot.tables.messaging import Kind, Message, OpenQuestion, QuestionState, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.texts.catalogue import Value
from bot.wording.composing import NotApprovedError

WAITING_OFFER = "waiting-offer"
"""The question whether somebody takes a freed time."""
BEFORE_START = timedelta(hours=3)
"""So long before its start a time is offered to nobody any more."""
LATELY = timedelta(hours=2)
"""Who was asked something in that time is left in peace."""
_TIME_TO_GO = timedelta(minutes=5)
"""What a text has at least to be taken by the network."""
_AT_ONCE = 10
"""Times of one clinic that are offered in one transaction; the others a minute later."""
_LOOKED_AT = 100
_NOBODY = -1
_OPEN = (OfferState.HELD, OfferState.SOFT)


class Needs(NamedTuple):
    """What a time has to have for a person; who needs the same is looked up together."""

    language: str | None
    interpreter: bool | None
    longer: bool
    clinician_sex: str | None
    interpreter_sex: str | None


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
        there = _Prospects(session, session.get_one(Clinic, clinic_id), now)
        if not any(there.may_suit(request, patient) for request, patient in there.people):
            return 0
    with db.write() as session:
        return offer_in(session, settings, clinic_id, now)


def offer_in(session: Session, settings: Settings, clinic_id: int, now: datetime) -> int:
    """Offer what is free in a clinic, in a transaction under way, to those who wait; gives how many times.

    Outside the sending window nothing is.
    """
    if not in_window(now, settings, outreach=False):
        return 0
    clinic = session.get_one(Clinic, clinic_id)
    lock_clinic(session, clinic)
    there, made = _Prospects(session, clinic, now), 0
    for request, patient in there.people:
        if there.may_suit(request, patient) and _offer_to(session, settings, request, there, now):
            there.look_again()
            made += 1
        if made == _AT_ONCE:
            break
    return made


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


class _Prospects:
    """Who waits in a clinic and may be asked now, who has waited longest first, and what may suit them.

    What is free is looked up once for all who need the same; what one person alone stands in the way of (a visit of
    theirs, an interpreter they do not want) is seen when it is their turn.
    """

    def __init__(self, session: Session, clinic: Clinic, now: datetime) -> None:
        self._session, self._clinic, self._now = session, clinic, now
        self.people = [(request, patient) for request, patient in session.execute(_may_be_asked(clinic, now)).all()]
        self._offered = _offered_before(session, clinic, now) if self.people else {}
        self._starts: dict[Needs, frozenset[datetime]] = {}

    def may_suit(self, request: WaitingRequest, patient: Patient) -> bool:
        """Whether something is free for people with these needs that this one has not been offered."""
        return not self._free_for(_needs_of(request, patient)) <= self.offered_to(patient)

    def offered_to(self, patient: Patient) -> Set[datetime]:
        """Starts that the person has been offered in this clinic: none is offered twice."""
        return self._offered.get(patient.id or 0, frozenset())

    def look_again(self) -> None:
        """Something has been taken. Where nothing was free, nothing has become so."""
        self._starts = {needs: starts for needs, starts in self._starts.items() if not starts}

    def _free_for(self, needs: Needs) -> frozenset[datetime]:
        if needs not in self._starts:
            self._starts[needs] = self._look(needs)
        return self._starts[needs]

    def _look(self, needs: Needs) -> frozenset[datetime]:
        anybody = Patient(
            id=_NOBODY,
            practice_id=self._clinic.practice_id,
            nhs_number="",
            born=self._now.date(),
            sex="F",
            language=needs.language,
            interpreter=needs.interpreter,
            created_at=self._now,
            updated_at=self._now,
        )
        wish = Wish(anybody, self._clinic, needs.clinician_sex, needs.interpreter_sex, needs.longer)
        return frozenset(time.starts for time in _free_times(self._session, wish, self._now, (), _LOOKED_AT))


def _needs_of(request: WaitingRequest, patient: Patient) -> Needs:
    return Needs(patient.language, patient.interpreter, request.longer, request.clinician_sex, request.interpreter_sex)


def _may_be_asked(clinic: Clinic, now: datetime) -> Any:
    """Who waits, can be texted, has no times before them, and was asked nothing lately."""
    return (
        select(WaitingRequest, Patient)
        .join(Patient, col(Patient.id) == col(WaitingRequest.patient_id))
        .where(
            col(WaitingRequest.clinic_id) == clinic.id,
            col(WaitingRequest.state) == WaitingState.WAITING,
            col(Patient.practice_id) == clinic.practice_id,
            reason_sql(ON_RECORD, Kind.OUTREACH).is_(None),
            ~_has_times_before_them(now),
            ~_was_asked_lately(now),
        )
        .order_by(col(WaitingRequest.since), col(WaitingRequest.id))
    )


def _has_times_before_them(now: datetime) -> ColumnElement[bool]:
    theirs = exists().where(
        col(Offer.patient_id) == col(Patient.id), col(Offer.state).in_(_OPEN), col(Offer.until) > now
    )
    return theirs.correlate(Patient)


def _was_asked_lately(now: datetime) -> ColumnElement[bool]:
    waits = and_(col(Message.state).in_((State.QUEUED, State.HELD)), col(OpenQuestion.state) == QuestionState.PENDING)
    asked = (
        select(col(OpenQuestion.id))
        .join(Message, col(Message.id) == col(OpenQuestion.message_id))
        .where(
            col(Message.patient_id) == col(Patient.id),
            or_(waits, col(OpenQuestion.opened_at) > now - LATELY),
        )
    )
    return asked.correlate(Patient).exists()


def _offered_before(session: Session, clinic: Clinic, now: datetime) -> dict[int, set[datetime]]:
    """By person, the starts to come in the clinic that they were offered while they waited."""
    offered = (
        select(col(Offer.patient_id), col(Offer.starts))
        .join(WaitingRequest, col(WaitingRequest.patient_id) == col(Offer.patient_id))
        .where(
            col(WaitingRequest.clinic_id) == clinic.id,
            col(WaitingRequest.state) == WaitingState.WAITING,
            col(Offer.clinic_id) == clinic.id,
            col(Offer.waiting_id).is_not(None),
            col(Offer.starts) > now,
        )
    )
    before: dict[int, set[datetime]] = defaultdict(set)
    for patient_id, starts in session.execute(offered):
        before[patient_id].add(starts)
    return before


def _free_times(
    session: Session, wish: Wish, now: datetime, leaving_out: Collection[datetime], limit: int
) -> list[FreeTime]:
    try:
        found = find_times(session, wish, now, limit=limit, from_=now + BEFORE_START, leaving_out=leaving_out)
    except Refused:
        return []
    return found.times


def _offer_to(
    session: Session, settings: Settings, request: WaitingRequest, there: _Prospects, now: datetime
) -> Offer | None:
    """Offer one person the time that suits them best, where there is one; nothing is left of what does not go."""
    wish = wish_of_request(session, request)
    time = _time_for(session, wish, now, there.offered_to(wish.patient))
    if time is None:
        return None
    try:
        with session.begin_nested():
            return _ask(session, settings, wish, time, request, now)
    except (NotApprovedError, Refused):
        return None


def _time_for(session: Session, wish: Wish, now: datetime, leaving_out: Collection[datetime]) -> FreeTime | None:
    """The time, with the days of its interpreter locked, so that no travel is overlooked."""
    times = _free_times(session, wish, now, leaving_out, 1)
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
    message = queue_text(
        session,
        settings,
        text_key=text_of(offer),
        language=wish.patient.language,
        values=freed_time_values(session, offer),
        phone=wish.patient.phone or "",
        practice=session.get_one(Practice, request.practice_id),
        kind=Kind.QUESTION,
        subject=about(request),
        question=WAITING_OFFER,
        patient_id=request.patient_id,
        use_by=use_by,
    )
    update_row(session, offer, message_id=message.id)
    return offer


def _is_ours_to_ask(session: Session, request: WaitingRequest, now: datetime) -> bool:
    """Whether nobody else asks this person at this moment, for another clinic; from then on nobody else can."""
    if session.get_bind().dialect.name != "sqlite":
        theirs = select(col(Patient.id)).where(col(Patient.id) == request.patient_id, ~_has_times_before_them(now))
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
    site = session.get_one(Site, session.get_one(Clinic, offer.clinic_id).site_id)
    minutes = int(kept_for(offer.starts, offer.made_at).total_seconds()) // 60
    return {"date": wall.date(), "time": wall.time(), "minutes": minutes, "place": site_in_words(site)}
