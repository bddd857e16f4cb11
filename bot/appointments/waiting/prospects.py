"""Who of those that wait may be asked, and what may suit them: looked up once for all with the same needs."""

from collections import defaultdict
from collections.abc import Collection, Set
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import Session, col

from bot.appointments.joint.choosing import FreeTime
from bot.appointments.joint.finding import NOBODY, Wish, find_times
from bot.patients.eligibility import ON_RECORD, reason_sql
from bot.refusals import Refused
from bot.tables.appointments import STILL_OFFERED, Clinic, Offer, WaitingRequest, WaitingState
from bot.tables.messaging import Kind, Message, OpenQuestion, QuestionState, State
from bot.tables.patients import Patient

BEFORE_START = timedelta(hours=3)
"""So long before its start a time is offered to nobody any more."""
LATELY = timedelta(hours=2)
"""Who was asked something in that time is left in peace."""
_LOOKED_AT = 100


class Needs(NamedTuple):
    """What a time has to have for a person; who needs the same is looked up together."""

    language: str | None
    interpreter: bool | None
    longer: bool
    clinician_sex: str | None
    interpreter_sex: str | None


class Prospects:
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
            id=NOBODY,
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
        return frozenset(time.starts for time in free_times(self._session, wish, self._now, (), _LOOKED_AT))


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
            ~has_times_before_them(now),
            ~_was_asked_lately(now),
        )
        .order_by(col(WaitingRequest.since), col(WaitingRequest.id))
    )


def has_times_before_them(now: datetime) -> ColumnElement[bool]:
    theirs = exists().where(
        col(Offer.patient_id) == col(Patient.id), col(Offer.state).in_(STILL_OFFERED), col(Offer.until) > now
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


def free_times(
    session: Session, wish: Wish, now: datetime, leaving_out: Collection[datetime], limit: int
) -> list[FreeTime]:
    try:
        found = find_times(session, wish, now, limit=limit, from_=now + BEFORE_START, leaving_out=leaving_out)
    except Refused:
        return []
    return found.times
