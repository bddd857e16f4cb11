"""For the practice: who waits for a time, put on the list and taken off it."""

from flask import Blueprint, flash, redirect, request
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_code, own_practice_id
from bot.appointments.waiting.joining import WaitingWanted, join_waiting_list, leave_waiting_list
from bot.appointments.waiting.listing import Waiting, list_waiting
from bot.interpreters.words import SEXES, language_in_words
from bot.patients.eligibility import IN_WORDS
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.appointments import Clinic, Site
from bot.web import SUCCESS, database, here, render

blueprint = Blueprint("waiting", __name__, url_prefix="/waiting")
PATH = "/waiting"
_ABOUT_THE_CLINIC = ("unknown-clinic", "another-practice", "not-suited")


@blueprint.get("")
@for_roles(Role.PRACTICE, Role.LEAD)
def waiting_list() -> Response:
    """Who waits since when, for what, and who has to be phoned."""
    return _page()


@blueprint.post("")
@for_roles(Role.PRACTICE, Role.LEAD)
def join() -> Response:
    """Put a person on the list; pressed twice it is one place."""
    try:
        join_waiting_list(database(), _wanted(), own_actor())
    except Refused as refused:
        return _page(refused)
    flash("The person is on the waiting list. When a time is free, we text them.", SUCCESS)
    return redirect(here(PATH), 303)


@blueprint.post("/leave")
@for_roles(Role.PRACTICE, Role.LEAD)
def leave() -> Response:
    """Take a person off the list of one clinic."""
    form = request.form
    clinic = form.get("clinic", "")
    try:
        leave_waiting_list(database(), own_code(), form.get("nhs_number", ""), clinic, own_actor())
    except Refused as refused:
        return _page(refused)
    flash("The person is off the waiting list. No text was sent.", SUCCESS)
    return redirect(here(PATH), 303)


def _wanted() -> WaitingWanted:
    form = request.form
    nhs_number, clinic = form.get("nhs_number", ""), form.get("clinic", "")
    if not nhs_number.strip():
        raise Refused("bad-nhs-number", "Enter the NHS number of the person.")
    if not clinic:
        raise Refused("unknown-clinic", "Choose the clinic they wait for.")
    return WaitingWanted(
        practice_code=own_code(),
        nhs_number=nhs_number,
        clinic_code=clinic,
        clinician_sex=form.get("clinician_sex") or None,
        interpreter_sex=form.get("interpreter_sex") or None,
        longer=bool(form.get("longer")),
    )


def _page(refused: Refused | None = None) -> Response:
    with database().read() as session:
        rows = list_waiting(session, own_practice_id())
        clinics = _clinics(session)
    field = "clinic" if refused and refused.code in _ABOUT_THE_CLINIC else "nhs_number"
    return render(
        "appointments/waiting.html",
        409 if refused else 200,
        lines=[{"row": row, "needs": _needs(row), "why": _why(row)} for row in rows],
        clinics=clinics,
        entered=request.form,
        refused=refused,
        field=field,
    )


def _clinics(session: Session) -> list[tuple[str, str]]:
    """The clinics of the practice by code, each with the name of its site."""
    statement = (
        select(Clinic.code, Site.name)
        .join(Site, col(Site.id) == col(Clinic.site_id))
        .where(Clinic.practice_id == own_practice_id())
        .order_by(col(Clinic.code))
    )
    return [(code, name) for code, name in session.exec(statement)]


def _needs(row: Waiting) -> list[str]:
    """Language, interpreter and wishes, in words."""
    asked, language = row.request, language_in_words(row.patient.language)
    needs = [f"{language}, with an interpreter" if row.patient.interpreter else language]
    for sex, words in ((asked.clinician_sex, "to see them"), (asked.interpreter_sex, "to interpret")):
        if sex is not None:
            needs.append(f"A {SEXES.get(sex, 'person of that sex')} {words}")
    return [*needs, "A longer visit"] if asked.longer else needs


def _why(row: Waiting) -> str | None:
    return IN_WORDS[row.phone_only] if row.phone_only else None
