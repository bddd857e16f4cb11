"""Everything a plan is made of: who waits and needs an interpreter, free slots, interpreters and what stands around.

Read in a fixed number of statements, however many people wait in however many clinics and practices.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.appointments.joint.choosing import FreeSlot, Picture, Place, SeenBy
from bot.appointments.joint.finding import asked_of, earliest_start, travel_by
from bot.appointments.joint.refusing import as_if_free
from bot.appointments.packing.ground import Request
from bot.appointments.timetable.slots import state_of_slot
from bot.appointments.waiting.requests import wish_of_request
from bot.appointments.written_times import day_begins
from bot.interpreters.reading import candidates
from bot.interpreters.suiting import Busy, Candidate, Travel
from bot.rows import among
from bot.tables.appointments import (
    Clinic,
    Clinician,
    Offer,
    OfferState,
    Site,
    SiteTravel,
    Slot,
    Visit,
    VisitState,
    WaitingRequest,
    WaitingState,
)
from bot.tables.interpreters import AgencyPractice, BlockedInterpreter, Interpreter, Mode
from bot.tables.patients import Patient

Span = tuple[datetime, datetime]
_OF_NO_PRACTICE = 0


@dataclass(frozen=True)
class Waiting:
    """Who waits, as a plan takes them, with the pictures of their clinics; of each request its practice."""

    requests: Sequence[Request]
    pictures: Mapping[int, Picture]
    practices: Mapping[int, int]


@dataclass(frozen=True)
class _Stretch:
    """The days of a plan: from the first moment until the end of the last day (UTC)."""

    begins: datetime
    ends: datetime
    now: datetime

    @property
    def weeks(self) -> Span:
        """The same in whole weeks, in which an interpreter's work is counted, and a little more on both sides."""
        return self.begins - timedelta(days=8), self.ends + timedelta(days=8)


def read_waiting(session: Session, first_day: date, last_day: date, now: datetime, practice_id: int | None) -> Waiting:
    """Who waits for a clinic with slots of a clinician, needs an interpreter, and has no time before them.

    :param practice_id: those of this practice; None: of all.
    """
    rows = session.exec(_who_waits(practice_id)).all()
    if not rows:
        return Waiting((), {}, {})
    stretch = _Stretch(day_begins(first_day), day_begins(last_day + timedelta(days=1)), now)
    people = {request.patient_id for request, *_ in rows}
    unwanted, known, theirs = _unwanted(session, people), _known(session, people, now), _theirs(session, people, now)
    requests = [
        Request(
            id=request.id or 0,
            person=request.patient_id,
            clinic_id=request.clinic_id,
            since=request.since,
            asked=asked_of(wish_of_request(session, request), now),
            theirs=tuple(theirs[request.patient_id]),
            unwanted=frozenset(unwanted[request.patient_id]),
            known=frozenset(known[request.patient_id]),
        )
        for request, *_ in rows
    ]
    clinics = {clinic.id or 0: (clinic, site) for _, _, clinic, site in rows}
    practices = {request.id or 0: request.practice_id for request, *_ in rows}
    return Waiting(requests, _pictures(session, clinics, stretch), practices)


def anybody_waits(session: Session, practice_id: int | None = None) -> bool:
    """Whether there is anybody for whom a plan could be made."""
    return session.exec(_who_waits(practice_id).limit(1)).first() is not None


def _who_waits(practice_id: int | None) -> Any:
    statement = (
        select(WaitingRequest, Patient, Clinic, Site)
        .join(Patient, col(Patient.id) == col(WaitingRequest.patient_id))
        .join(Clinic, col(Clinic.id) == col(WaitingRequest.clinic_id))
        .join(Site, col(Site.id) == col(Clinic.site_id))
        .where(
            WaitingRequest.state == WaitingState.WAITING,
            col(Patient.interpreter).is_(True),
            col(Patient.deceased).is_(False),
            col(Clinic.places).is_(None),
            or_(col(Clinic.women_only).is_(False), col(Patient.sex) == "F"),
        )
        .order_by(col(WaitingRequest.since), col(WaitingRequest.id))
    )
    return statement if practice_id is None else statement.where(WaitingRequest.practice_id == practice_id)


def _pictures(session: Session, clinics: Mapping[int, tuple[Clinic, Site]], stretch: _Stretch) -> dict[int, Picture]:
    practices = {clinic.practice_id for clinic, _ in clinics.values()}
    slots, clinicians = _slots(session, clinics, stretch), _clinicians(session, practices)
    interpreters, travel = _interpreters(session, practices, stretch), _travel(session)
    return {
        clinic_id: Picture(
            clinic_id=clinic_id,
            site=Place(site.id or 0, site.code, site.name, site.address),
            slots=slots[clinic_id],
            clinicians=clinicians,
            candidates=interpreters[clinic.practice_id],
            travel=travel,
            theirs=(),
        )
        for clinic_id, (clinic, site) in clinics.items()
    }


def _slots(
    session: Session, clinics: Mapping[int, tuple[Clinic, Site]], stretch: _Stretch
) -> dict[int, list[FreeSlot]]:
    """Free slots of each clinic that can still be booked."""
    statement = (
        select(Slot)
        .join(Clinic, col(Clinic.id) == col(Slot.clinic_id))
        .where(
            among(session, col(Slot.clinic_id), clinics),
            col(Slot.starts) >= stretch.begins,
            col(Slot.starts) < stretch.ends,
            state_of_slot(stretch.now) == "free",
        )
        .order_by(col(Slot.starts), col(Slot.id))
    )
    found: dict[int, list[FreeSlot]] = defaultdict(list)
    for slot in session.exec(statement):
        if slot.starts >= earliest_start(clinics[slot.clinic_id][0], stretch.now):
            found[slot.clinic_id].append(as_if_free(slot))
    return found


def _clinicians(session: Session, practices: Collection[int]) -> dict[int, SeenBy]:
    found = session.exec(select(Clinician).where(among(session, col(Clinician.practice_id), practices)))
    return {each.id or 0: SeenBy(each.id or 0, each.code, each.name, each.sex) for each in found}


def _interpreters(session: Session, practices: Collection[int], stretch: _Stretch) -> dict[int, list[Candidate]]:
    """By practice all interpreters, with what they do else; `linked` where their agency serves it."""
    everybody, busy = candidates(session, _OF_NO_PRACTICE), _busy(session, stretch)
    statement = (
        select(Interpreter.id, AgencyPractice.practice_id)
        .join(AgencyPractice, col(AgencyPractice.agency_id) == col(Interpreter.agency_id))
        .where(among(session, col(AgencyPractice.practice_id), practices))
    )
    linked = {tuple(row) for row in session.exec(statement)}
    return {
        practice_id: [
            replace(each, linked=(each.id, practice_id) in linked, busy=tuple(sorted(busy[each.id], key=_by_start)))
            for each in everybody
        ]
        for practice_id in practices
    }


def _by_start(busy: Busy) -> datetime:
    return busy.starts


def _busy(session: Session, stretch: _Stretch) -> dict[int, list[Busy]]:
    """Visits of interpreters around these days, and times that are held with them for somebody's answer."""
    begins, ends = stretch.weeks
    taken_up = (col(Visit.starts), col(Visit.ends), col(Visit.site_id), col(Visit.interpreter_mode))
    visits = columns(col(Visit.interpreter_id), *taken_up).where(
        col(Visit.interpreter_id).is_not(None),
        col(Visit.starts).between(begins, ends),
        col(Visit.state) != VisitState.CANCELLED,
    )
    offers = (
        select(Offer.interpreter_id, Offer.starts, Offer.ends, Clinic.site_id)
        .join(Clinic, col(Clinic.id) == col(Offer.clinic_id))
        .where(
            col(Offer.interpreter_id).is_not(None),
            col(Offer.state) == OfferState.HELD,
            col(Offer.held_until) > stretch.now,
        )
    )
    found: dict[int, list[Busy]] = defaultdict(list)
    for whose, *visit in session.execute(visits):
        found[whose or 0].append(Busy._make(visit))
    for whose, starts, held_to, site_id in session.exec(offers):
        found[whose or 0].append(Busy(starts, held_to, site_id, Mode.IN_PERSON))
    return found


def _travel(session: Session) -> Travel:
    said = session.exec(select(SiteTravel))
    return travel_by({(each.one_id, each.other_id): each.minutes for each in said})


def _unwanted(session: Session, people: Collection[int]) -> dict[int, set[int]]:
    statement = select(BlockedInterpreter.patient_id, BlockedInterpreter.interpreter_id)
    return _by_person(session, statement, among(session, col(BlockedInterpreter.patient_id), people))


def _known(session: Session, people: Collection[int], now: datetime) -> dict[int, set[int]]:
    statement = select(Visit.patient_id, Visit.interpreter_id).where(
        col(Visit.interpreter_id).is_not(None),
        col(Visit.starts) <= now,
        col(Visit.state).in_((VisitState.BOOKED, VisitState.ARRIVED, VisitState.ATTENDED)),
    )
    return _by_person(session, statement, among(session, col(Visit.patient_id), people))


def _by_person(session: Session, statement: Any, of_these: ColumnElement[bool]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for person, interpreter_id in session.exec(statement.where(of_these)):
        found[person].add(interpreter_id)
    return found


def _theirs(session: Session, people: Collection[int], now: datetime) -> dict[int, list[Span]]:
    """When these people are seen anyway."""
    statement = (
        select(Visit.patient_id, Visit.starts, Visit.ends)
        .where(
            among(session, col(Visit.patient_id), people),
            col(Visit.ends) > now,
            col(Visit.state) != VisitState.CANCELLED,
        )
        .order_by(col(Visit.starts), col(Visit.id))
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for person, starts, ends in session.exec(statement):
        found[person or 0].append((starts, ends))
    return found
