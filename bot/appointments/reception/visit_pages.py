"""One visit at the practice: what is known of it, what was texted about it, and what may be done with it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from flask import Blueprint, Response, abort, flash, jsonify, redirect, request, url_for
from sqlmodel import Session, and_, col, or_, select
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.appointments.interpreted.blocking import block_interpreter
from bot.appointments.joint.finding import FreeTime, find_times
from bot.appointments.joint.giving_up import By, give_up_visit
from bot.appointments.joint.moving import move_visit, wish_of_visit
from bot.appointments.joint.outcomes import record_outcome
from bot.appointments.reception.day_view import DayVisit, visit_of
from bot.appointments.reception.fhir import as_appointment
from bot.appointments.subject import about
from bot.appointments.written_times import read_time
from bot.attention.reasons import STATES
from bot.clock import LONDON, utc_now
from bot.interpreters.words import mode_in_words
from bot.patients.eligibility import IN_WORDS, Reason
from bot.patients.person_codes import person_code_of, show_code
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.appointments import Clinic, Visit, VisitKind, VisitState
from bot.tables.messaging import Direction, Message
from bot.tables.organisations import Agency, Practice
from bot.web import SUCCESS, database, here, nhs_number_for_people, phone_for_people, render, settings, when

blueprint = Blueprint("visit", __name__)
MOST_TIMES = 150
"""Times to choose from when a visit is moved."""


@blueprint.get("/visits/<code>")
@for_roles(Role.PRACTICE, Role.LEAD)
def visit_page(code: str) -> Response:
    """A visit of this practice."""
    return _page(code)


@blueprint.get("/visits/<code>.fhir.json")
@for_roles(Role.PRACTICE, Role.LEAD)
def visit_as_fhir(code: str) -> Response:
    """The visit as an Appointment of FHIR R4."""
    with database().read() as session:
        one = _own(session, code)
        practice = session.get_one(Practice, one.visit.practice_id)
    answer = jsonify(as_appointment(one, practice))
    answer.mimetype = "application/fhir+json"
    return answer


@blueprint.post("/visits/<code>/outcome")
@for_roles(Role.PRACTICE, Role.LEAD)
def outcome(code: str) -> AnyResponse:
    """They came, they were seen, or they did not come."""
    _require_own(code)
    visit = record_outcome(database(), code, _read_outcome(), own_actor())
    clinic, day = request.form.get("clinic"), request.form.get("day")
    back = url_for("day.day_page", code=clinic, day=day) if clinic and day else _page_of(code)
    return redirect(f"{back}#{visit.code}", 303)


@blueprint.post("/visits/<code>/move")
@for_roles(Role.PRACTICE, Role.LEAD)
def move(code: str) -> AnyResponse:
    """Another time for it; the person is told."""
    _require_own(code)
    try:
        visit = move_visit(database(), settings(), code, _read_starts(), own_actor())
    except Refused as refused:
        return _page(code, refused, "starts")
    flash(f"The visit is moved to {when(visit.starts)}.", SUCCESS)
    return redirect(_page_of(code), 303)


@blueprint.post("/visits/<code>/give-up")
@for_roles(Role.PRACTICE, Role.LEAD)
def give_up(code: str) -> AnyResponse:
    """It will not take place; its time is free for others at once."""
    died = _require_own(code).not_texted == Reason.DECEASED
    by: By = "person" if request.form.get("by") == "person" else "practice"
    try:
        give_up_visit(database(), settings(), code, by, request.form.get("reason") or None, own_actor())
    except Refused as refused:
        return _page(code, refused, "reason")
    then = "" if by == "person" or died else " Now find the person a new time: they expect to hear from you."
    flash(f"The time is given up and free for somebody else.{then}", SUCCESS)
    return redirect(_page_of(code), 303)


@blueprint.post("/visits/<code>/another-interpreter")
@for_roles(Role.PRACTICE, Role.LEAD)
def another_interpreter(code: str) -> AnyResponse:
    """The person does not want this interpreter again; nobody asks why."""
    _require_own(code)
    block_interpreter(database(), settings(), code, own_actor())
    flash("That interpreter will not be booked for this person again.", SUCCESS)
    return redirect(_page_of(code), 303)


def _read_outcome() -> VisitState:
    try:
        return VisitState(request.form.get("outcome", ""))
    except ValueError:
        raise Refused("bad-outcome", "Press what happened: arrived, attended, or did not attend.") from None


def _read_starts() -> datetime:
    try:
        return read_time(request.form.get("starts", ""))
    except Refused as refused:
        raise Refused(refused.code, "Choose a time from the list.") from None


def _page_of(code: str) -> str:
    return url_for("visit.visit_page", code=code)


def _own(session: Session, code: str) -> DayVisit:
    """Another practice's visit does not exist for this one."""
    one = visit_of(session, own_practice_id(), code)
    if one is None:
        abort(404)
    return one


def _require_own(code: str) -> DayVisit:
    with database().read() as session:
        return _own(session, code)


def _page(code: str, refused: Refused | None = None, field: str = "") -> Response:
    with database().read() as session:
        one = _own(session, code)
        can_change = _can_change(one.visit)
        times = _other_times(session, one.visit) if can_change else ()
        texts = _texts(session, one.visit)
        clinic = session.get(Clinic, one.visit.clinic_id) if one.visit.clinic_id else None
        person = person_code_of(session, one.patient.id or 0, make=False) if one.patient else None
        agency = session.get(Agency, one.interpreter.agency_id) if one.interpreter else None
    return render(
        "appointments/visit.html",
        409 if refused else 200,
        one=one,
        code=show_code(one.visit.code),
        facts=[*_facts(one, clinic, agency, person)],
        times=times,
        texts=texts,
        states=STATES,
        can_change=can_change,
        why_not=IN_WORDS,
        back=_back(one.visit, clinic),
        refused=refused,
        field=field,
    )


def _can_change(visit: Visit) -> bool:
    """Whether its time is ours to change: not once it is over, nor where another system made it."""
    return visit.kind == VisitKind.OURS and visit.state == VisitState.BOOKED and visit.starts > utc_now()


def _other_times(session: Session, visit: Visit) -> Sequence[tuple[date, Sequence[FreeTime]]]:
    """By day, so that a day is quickly found among them; none for who cannot be seen there any more."""
    try:
        wish = wish_of_visit(session, visit)
        times = find_times(session, wish, utc_now(), limit=MOST_TIMES, leaving_out=[visit.starts]).times
    except Refused:
        return []
    by_day = groupby(times, key=lambda time: time.starts.astimezone(LONDON).date())
    return [(day, list(of_day)) for day, of_day in by_day]


def _texts(session: Session, visit: Visit) -> Sequence[Message]:
    """What the person was told of it, the newest first; what interpreters were asked is not theirs."""
    subject = about(visit)
    statement = select(Message).where(
        Message.subject_kind == subject.kind,
        Message.subject_id == subject.id,
        Message.direction == Direction.OUT,
        or_(
            col(Message.patient_id) == visit.patient_id,
            and_(col(Message.patient_id).is_(None), col(Message.phone) == visit.phone),
        ),
    )
    return session.exec(statement.order_by(col(Message.id).desc())).all()


def _facts(
    one: DayVisit, clinic: Clinic | None, agency: Agency | None, person: str | None
) -> Iterator[tuple[str, str]]:
    visit = one.visit
    if one.patient:
        yield "NHS number", nhs_number_for_people(one.patient.nhs_number)
    yield "How", mode_in_words(visit.mode).capitalize()
    yield "Where", f"{one.site.name}, {one.site.address}" if one.site else "Not known here"
    if clinic:
        yield "Clinic", clinic.code
    if one.clinician:
        yield "Clinician", one.clinician.name
    yield "Language", one.language
    yield "Interpreter", one.interpreting
    if agency:
        yield "Agency", f"{agency.name}, {phone_for_people(agency.phone)}" if agency.phone else agency.name
    if visit.moved_from:
        yield "Moved from", when(visit.moved_from)
    yield "Visit code", show_code(visit.code)
    if person:
        yield "Code of the person", f"{show_code(person)}, which they give to an interpreter who books for them"
    if visit.kind == VisitKind.EXTERNAL:
        yield "Booked in", f"Your own system{f', as {visit.external_ref}' if visit.external_ref else ''}"
    if visit.given_up_by:
        yield "Given up by", "the person" if visit.given_up_by == "person" else "the practice"
    if visit.given_up_why:
        yield "Why", visit.given_up_why


def _back(visit: Visit, clinic: Clinic | None) -> str:
    if clinic is None:
        return here("/visits")
    return url_for("day.day_page", code=clinic.code, day=visit.starts.astimezone(LONDON).date())
