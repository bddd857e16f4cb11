"""A clinic's day at the practice: who comes, what happened, and a visit booked from the list of free times."""

import secrets
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_code, own_practice_id
from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.reception.clinic_days import clinic_days
from bot.appointments.reception.day_view import bounds_of, day_of
from bot.appointments.timetable.slots import free_slots, is_held
from bot.appointments.written_times import read_day, read_time
from bot.clock import LONDON, utc_now
from bot.patients.eligibility import IN_WORDS
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.appointments import Clinic, InterpreterState, Site, Visit, VisitState
from bot.web import SUCCESS, database, render, settings, when

blueprint = Blueprint("day", __name__)
_FIELDS = {"unknown-person": "nhs_number", "bad-nhs-number": "nhs_number", "already-booked": "nhs_number"}
"""The part of the form that a refusal is about; any other is about the time."""
_GIVEN_UP = Refused("given-up", "This was sent before, and that visit was given up since. Send it again for a new one.")
_NEEDS_NEW_KEY = ("bad-key", "key-used", "given-up")


@blueprint.get("/clinics/<code>/<day>")
@for_roles(Role.PRACTICE, Role.LEAD)
def day_page(code: str, day: str) -> Response:
    """Everybody who comes on a day, and the times that are free."""
    return _page(code, _read_day(day))


@blueprint.post("/clinics/<code>/book")
@for_roles(Role.PRACTICE, Role.LEAD)
def book(code: str) -> Response:
    """Book a visit: clinician, interpreter and person in one step. Pressed twice it is one visit."""
    day = _read_day(request.form.get("day", ""), otherwise=utc_now().astimezone(LONDON).date())
    _own_clinic(code)
    try:
        visit = book_joint_visit(database(), settings(), _wanted(code), own_actor())
    except Refused as refused:
        return _page(code, day, refused)
    if visit.state == VisitState.CANCELLED:
        return _page(code, day, _GIVEN_UP)
    flash(_booked(visit, _another(visit)), SUCCESS)
    return redirect(url_for("day.day_page", code=code, day=visit.starts.astimezone(LONDON).date()), 303)


def _wanted(code: str) -> VisitWanted:
    form = request.form
    nhs_number = form.get("nhs_number", "")
    if not nhs_number.strip():
        raise Refused("bad-nhs-number", "Enter the NHS number of the person.")
    return VisitWanted(
        practice_code=own_code(),
        nhs_number=nhs_number,
        clinic_code=code,
        starts=_read_moment(form.get("starts", "")),
        clinician_sex=form.get("clinician_sex") or None,
        interpreter_sex=form.get("interpreter_sex") or None,
        longer=bool(form.get("longer")),
        idempotency_key=form.get("idempotency_key") or None,
    )


def _read_moment(written: str) -> datetime | None:
    return _read_starts(written) if written else None


def _read_starts(written: str) -> datetime:
    try:
        return read_time(written)
    except Refused as refused:
        raise Refused(refused.code, "Choose a time from the list.") from None


def _booked(visit: Visit, another: Visit | None) -> str:
    said = [f"The visit is booked for {when(visit.starts)}."]
    if visit.interpreter_state == InterpreterState.BOOKED:
        said.append("An interpreter is booked with it.")
    if another is not None:
        said.append(f"Look: this person has another visit, {when(another.starts)}. If one is enough, give one up.")
    return " ".join(said)


def _another(visit: Visit) -> Visit | None:
    """The next visit that the person has besides: perhaps they were booked twice."""
    if visit.patient_id is None:
        return None
    with database().read() as session:
        coming = select(Visit).where(
            Visit.patient_id == visit.patient_id,
            Visit.id != visit.id,
            Visit.state == VisitState.BOOKED,
            col(Visit.starts) > utc_now(),
        )
        return session.exec(coming.order_by(col(Visit.starts)).limit(1)).first()


def _read_day(written: str, otherwise: date | None = None) -> date:
    try:
        return read_day(written)
    except Refused:
        if otherwise is None:
            abort(404)
        return otherwise


def _own_clinic(code: str) -> tuple[Clinic, Site]:
    """Another practice's clinic does not exist for this one."""
    with database().read() as session:
        clinic = session.exec(
            select(Clinic).where(Clinic.code == code, Clinic.practice_id == own_practice_id())
        ).first()
        if clinic is None:
            abort(404)
        return clinic, session.get_one(Site, clinic.site_id)


def _page(code: str, day: date, refused: Refused | None = None) -> Response:
    clinic, site = _own_clinic(code)
    with database().read() as session:
        visits = day_of(session, clinic, day)
        free = _free_starts(session, clinic, day)
        later = () if free else clinic_days(session, clinic.practice_id, day + timedelta(days=1), clinic.id)
    return render(
        "appointments/day.html",
        409 if refused else 200,
        clinic=clinic,
        site=site,
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        visits=visits,
        coming=sum(one.visit.state != VisitState.CANCELLED for one in visits),
        free_times=free,
        later=next((each.days for each in later), ()),
        why_not=IN_WORDS,
        key=_key_of_form(refused) or secrets.token_urlsafe(16),
        entered=request.form,
        refused=refused,
        field=_FIELDS.get(refused.code, "starts") if refused else "",
    )


def _key_of_form(refused: Refused | None) -> str | None:
    """The key of the form that was sent, unless it can book nothing any more."""
    used_up = refused is not None and refused.code in _NEEDS_NEW_KEY
    return None if used_up else request.form.get("idempotency_key")


def _free_starts(session: Session, clinic: Clinic, day: date) -> dict[datetime, bool]:
    """The times that are free, in order; whether each is held for people who need an interpreter."""
    held: dict[datetime, bool] = {}
    for slot in free_slots(session, clinic.id, *bounds_of(day)):
        held[slot.starts] = held.get(slot.starts, True) and is_held(slot)
    return held
