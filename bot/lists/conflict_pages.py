"""Pages on which a person of the practice settles what rows of a list disagree on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.database import LARGEST_ID
from bot.lists.conflicts import open_conflicts, settle_conflict, versions_of
from bot.lists.judging.grouping import COMPARED
from bot.lists.judging.row_reading import PersonIn
from bot.lists.reading.columns import Field
from bot.tables.accounts import Role
from bot.tables.lists import ConflictState, ListConflict
from bot.texts.dates_in_words import format_date
from bot.texts.languages import LANGUAGES
from bot.web import SUCCESS, database, one_page, page_number, phone_for_people, render, settings

blueprint = Blueprint("conflicts", __name__)
_PER_PAGE = 50
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)


@dataclass(frozen=True)
class ComparedField:
    """One thing about a person as each of the rows says it."""

    heading: str
    values: list[str]
    disputed: bool


@blueprint.get("/lists/conflicts")
@_for_practice
def conflicts() -> Response:
    """Everybody about whom rows disagree."""
    number = page_number()
    with database().read() as session:
        rows = open_conflicts(session, own_practice_id(), skip=(number - 1) * _PER_PAGE, most=_PER_PAGE + 1)
    people = [(conflict, versions_of(conflict)[0].person) for conflict in rows]
    return render("lists/conflicts.html", page=one_page(people, number, _PER_PAGE))


@blueprint.get("/lists/conflicts/<int:conflict_id>")
@_for_practice
def conflict_page(conflict_id: int) -> Response:
    """What each row says, side by side."""
    with database().read() as session:
        conflict = _own(session, conflict_id)
    versions = versions_of(conflict)
    lines = [_line(field, name, [v.person for v in versions], conflict) for field, name in COMPARED]
    shown = [line for line in lines if any(line.values)]
    return render("lists/conflict.html", conflict=conflict, versions=versions, lines=shown)


@blueprint.post("/lists/conflicts/<int:conflict_id>")
@_for_practice
def settle(conflict_id: int) -> Response:
    """Use one of them."""
    with database().read() as session:
        _own(session, conflict_id)
    choice = request.form.get("choice", default=-1, type=int)
    settle_conflict(database(), settings(), conflict_id, choice, own_actor())
    flash("Settled. What you chose is used from now on.", SUCCESS)
    return redirect(url_for("people.conflicts.conflicts"), 303)


def _line(field: Field, name: str, people: list[PersonIn], conflict: ListConflict) -> ComparedField:
    values = [_in_words(field, getattr(person, name), person) for person in people]
    return ComparedField(field.value, values, field.value in conflict.fields)


def _in_words(field: Field, value: Any, person: PersonIn) -> str:
    if isinstance(value, date):
        return format_date(value, "en")
    if field is Field.DIED:
        return "Died" if value else "Not said to have died"
    if field is Field.REGISTRATION:
        return "Not registered" if value is False else "Registered"
    if field is Field.CONSENT:
        return "Refused texts" if value else "Has not refused texts"
    if field is Field.CERVICAL:
        return str(value or "").replace("-", " ").capitalize()
    if field is Field.PHONE:
        return phone_for_people(value) if value else person.phone_status.replace("-", " ")
    if field is Field.INTERPRETER:
        return "" if value is None else "Needed" if value else "Not needed"
    if field is Field.LANGUAGE:
        return LANGUAGES[value].english if value else ""
    return "" if value is None else str(value)


def _own(session: Session, conflict_id: int) -> ListConflict:
    found = session.get(ListConflict, conflict_id) if conflict_id <= LARGEST_ID else None
    if found is None or found.practice_id != own_practice_id() or found.state != ConflictState.OPEN:
        abort(404)
    return found
