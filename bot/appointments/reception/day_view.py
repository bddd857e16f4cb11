"""A clinic's day as its staff see it: who comes when, in which language, with whom, and what is still to be done."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, case, cast, func, literal
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.appointments.by_text.telling import minutes_of
from bot.clock import LONDON, london_today, utc_now
from bot.interpreters.words import SEXES, language_in_words, mode_in_words
from bot.patients.eligibility import Reason, Recipient, reason_sql
from bot.patients.optouts import blocked_sql
from bot.patients.phone_safety import may_be_a_parents
from bot.tables.appointments import (
    Clinic,
    Clinician,
    InterpreterState,
    OwnSystemTask,
    PosterStart,
    Site,
    Visit,
    VisitState,
)
from bot.tables.interpreters import Interpreter
from bot.tables.messaging import Kind
from bot.tables.patients import Patient

STATES = {
    VisitState.BOOKED: "Booked",
    VisitState.ARRIVED: "Arrived",
    VisitState.ATTENDED: "Attended",
    VisitState.DID_NOT_ATTEND: "Did not attend",
    VisitState.CANCELLED: "Will not take place",
}


@dataclass(frozen=True)
class DayVisit:
    """A visit as staff of its practice see it. `not_texted` is the reason why no text about it may go, if any.

    `to_enter`: it still has to be entered in the practice's own system. `may_be`: the young person whose birthday a
    phone gave that booked by a poster; a hint, until staff have spoken to them.
    """

    visit: Visit
    patient: Patient | None
    clinician: Clinician | None
    interpreter: Interpreter | None
    site: Site | None
    not_texted: str | None
    to_enter: bool
    may_be: Patient | None = None

    @property
    def name(self) -> str:
        """Who comes; a phone without a record has no name here yet."""
        found = f"{self.patient.given_name} {self.patient.surname}".strip() if self.patient else ""
        return found or "Name not known: ask"

    @property
    def phone(self) -> str | None:
        """Where the person is reached."""
        return self.patient.phone if self.patient else self.visit.phone

    @property
    def may_reach_a_parent(self) -> bool:
        """Whether the number on a young person's record may be somebody else's, so that nobody speaks of it there."""
        return self.patient is not None and may_be_a_parents(self.patient, london_today())

    @property
    def language(self) -> str:
        """The language to speak, in English."""
        tag = self.visit.language or (self.patient.language if self.patient else None)
        return language_in_words(tag, "Not recorded")

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        return STATES[VisitState(self.visit.state)]

    @property
    def interpreting(self) -> str:
        """Who interprets and how, in words: what staff need to know before the person is there."""
        visit = self.visit
        if visit.interpreter_state == InterpreterState.NOT_NEEDED:
            return "Not needed"
        if visit.state == VisitState.CANCELLED:
            return "Not needed any more"
        if visit.interpreter_state == InterpreterState.SEEKING:
            return "Being asked: nobody yet"
        if visit.interpreter_state == InterpreterState.FAILED:
            return "Nobody found: phone the person"
        how = mode_in_words(visit.interpreter_mode or visit.mode)
        if self.interpreter is None:
            return f"Interpreter {how}: ring the telephone service when the person is there"
        sex = SEXES.get(self.interpreter.sex)
        who = f"{self.interpreter.name} ({sex})" if sex else self.interpreter.name
        return f"{who}, {how}, code {self.interpreter.code}"

    @property
    def may_have_come(self) -> bool:
        """Whether its day has come: nobody arrives before it."""
        return bounds_of(self.visit.starts.astimezone(LONDON).date())[0] <= utc_now()

    @property
    def may_have_stayed_away(self) -> bool:
        """Whether it has begun, and could take place: without its interpreter nobody has stayed away."""
        lacks = self.visit.interpreter_state in (InterpreterState.SEEKING, InterpreterState.FAILED)
        return self.visit.starts <= utc_now() and not lacks

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return minutes_of(self.visit)


def day_of(session: Session, clinic: Clinic, day: date) -> list[DayVisit]:
    """The visits of a clinic on a day in London, by their start; those that will not take place come last."""
    starts, ends = bounds_of(day)
    of_clinic = and_(col(Visit.clinic_id) == clinic.id, col(Visit.starts) >= starts, col(Visit.starts) < ends)
    return _visits(session, clinic.practice_id, of_clinic)


def visit_of(session: Session, practice_id: int, code: str) -> DayVisit | None:
    """A visit of a practice by its code; None where there is no such one."""
    found = _visits(session, practice_id, col(Visit.code) == code)
    return found[0] if found else None


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """When a day in London begins and ends; on two days of the year it has not 24 hours."""
    return datetime.combine(day, time(), LONDON), datetime.combine(day + timedelta(days=1), time(), LONDON)


def _visits(session: Session, practice_id: int, which: ColumnElement[bool]) -> list[DayVisit]:
    maybe = aliased(Patient)
    to_enter = (
        select(OwnSystemTask.id)
        .where(
            col(OwnSystemTask.visit_id) == col(Visit.id),
            OwnSystemTask.what == "enter",
            col(OwnSystemTask.done_at).is_(None),
        )
        .exists()
    )
    statement = (
        sqlalchemy_select(Visit, Patient, Clinician, Interpreter, Site, _not_texted(), to_enter, maybe)
        .outerjoin(Patient, col(Patient.id) == col(Visit.patient_id))
        .outerjoin(
            maybe,
            and_(col(Visit.patient_id).is_(None), col(maybe.id) == _proposed(), col(maybe.deceased).is_(False)),
        )
        .outerjoin(Clinician, col(Clinician.id) == col(Visit.clinician_id))
        .outerjoin(Interpreter, col(Interpreter.id) == col(Visit.interpreter_id))
        .outerjoin(Clinic, col(Clinic.id) == col(Visit.clinic_id))
        .outerjoin(Site, col(Site.id) == func.coalesce(col(Visit.site_id), col(Clinic.site_id)))
        .where(col(Visit.practice_id) == practice_id, which)
        .order_by(col(Visit.state) == VisitState.CANCELLED, col(Visit.starts), col(Visit.id))
    )
    return [DayVisit(*row) for row in session.execute(statement)]


def _proposed() -> ScalarSelect[int | None]:
    """Whom the birthday proposed that was given as the Visit of a query was booked by a poster."""
    given = select(func.min(PosterStart.may_be_id)).where(col(PosterStart.visit_id) == col(Visit.id))
    return given.correlate(Visit).scalar_subquery()


def _not_texted() -> ColumnElement[str | None]:
    phone = func.coalesce(col(Patient.phone), col(Visit.phone))
    to = Recipient(col(Visit.practice_id), phone, col(Visit.patient_id))
    blocked = case((blocked_sql(col(Visit.practice_id), phone), literal(Reason.OPTED_OUT.value)))
    reason = func.coalesce(cast(reason_sql(to, Kind.REMINDER), String), blocked)
    return case((phone.is_(None), literal("no-mobile")), else_=reason)
