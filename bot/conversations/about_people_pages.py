"""What staff change about a person from the page of an inbox item; each form leads back there with what was done."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from flask import Blueprint, abort, flash, redirect, request
from sqlmodel import Session
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_code, own_practice_id
from bot.conversations.about_people import (
    KnownPerson,
    Whom,
    Whose,
    opt_out_person,
    people_of_item,
    record_death,
    say_whose_phone,
    set_persons_language,
    undo_death,
)
from bot.conversations.inbox import InboxEntry, find_item
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.patients import OptOutScope, PhoneStatus
from bot.texts.dates_in_words import format_date
from bot.texts.languages import LANGUAGES, WORDED
from bot.web import ERROR, SUCCESS, database, here

blueprint = Blueprint("about_people", __name__)
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)
_ADDRESS = "/inbox/<int:item_id>/people/<int:patient_id>"
NO_MORE = {
    OptOutScope.OUTREACH: "{} gets no more invitations. An answer from you may still go.",
    OptOutScope.ALL: "{} gets no more texts at all. Phone instead.",
}
OF_THE_PHONE = {
    Whose.OWN: "This number counts as {}’s own from now on.",
    Whose.NOT_OWN: "This number does not count as {}’s own any more. Nothing about them is texted to it.",
    Whose.WRONG: "This is recorded as a wrong number for {}. Nothing is texted to them until the list has another.",
}


NUMBER_WORDS = {
    PhoneStatus.OWN: "theirs, and on nobody else’s record",
    PhoneStatus.CONFIRMED: "confirmed as their own",
    PhoneStatus.SHARED: "on more than one person’s record",
    PhoneStatus.UNSAFE: "not for certain their own",
    PhoneStatus.FAILED: "wrong, or it does not work",
}


def about_people(session: Session, practice_id: int, entry: InboxEntry) -> dict[str, Any]:
    """What `conversations/_person.html` needs."""
    return {
        "people_known": people_of_item(session, practice_id, entry),
        "number_words": NUMBER_WORDS,
        "day": lambda day: format_date(day, "en"),
    }


def _back_to_the_item(deed: Callable[[Whom, KnownPerson], str]) -> Callable[[int, int], Response]:
    """A view that does something about one person of an item, and goes back there with one sentence."""

    @wraps(deed)
    def view(item_id: int, patient_id: int) -> Response:
        person = _person_of_item(item_id, patient_id)
        try:
            flash(deed(Whom(own_code(), person.patient.nhs_number), person), SUCCESS)
        except Refused as refused:
            flash(refused.message, ERROR)
        return redirect(here(f"/inbox/{item_id}"), 303)

    return view


def _person_of_item(item_id: int, patient_id: int) -> KnownPerson:
    with database().read() as session:
        entry = find_item(session, own_practice_id(), item_id) or abort(404)
        people = people_of_item(session, own_practice_id(), entry)
    return next((person for person in people if person.patient.id == patient_id), None) or abort(404)


@blueprint.post(f"{_ADDRESS}/opt-out")
@_for_practice
@_back_to_the_item
def opt_out(whom: Whom, person: KnownPerson) -> str:
    """They want no invitations, or no texts at all."""
    scope = request.form.get("scope")
    if scope not in list(OptOutScope):
        raise Refused("no-choice", "Choose what they want no more: invitations, or any text.")
    opt_out_person(database(), whom, OptOutScope(scope), own_actor())
    return NO_MORE[OptOutScope(scope)].format(person.name)


@blueprint.post(f"{_ADDRESS}/died")
@_for_practice
@_back_to_the_item
def died(whom: Whom, person: KnownPerson) -> str:
    """They have died, on a day that may be unknown."""
    if request.form.get("sure") != "yes":
        raise Refused("not-sure", f"Nothing was changed. Tick the box to say that {person.name} has died.")
    record_death(database(), whom, _day(request.form.get("day", "")), own_actor())
    return f"{person.name} is marked as having died. Nothing more will be texted to them."


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise Refused("bad-date", "Enter the day as a date, such as 3 December 2026, or leave it out.") from None


@blueprint.post(f"{_ADDRESS}/lives")
@_for_practice
@_back_to_the_item
def lives(whom: Whom, person: KnownPerson) -> str:
    """A colleague marked them as having died by mistake."""
    undo_death(database(), whom, own_actor())
    return f"{person.name} is not marked as having died any more. Texts that were cancelled stay cancelled."


@blueprint.post(f"{_ADDRESS}/phone")
@_for_practice
@_back_to_the_item
def phone(whom: Whom, person: KnownPerson) -> str:
    """The item's phone is theirs, not theirs, or a wrong number."""
    said = request.form.get("whose")
    if said not in list(Whose):
        raise Refused("no-choice", "Choose whose number this is.")
    say_whose_phone(database(), whom, Whose(said), own_actor(), seen=request.form.get("seen", ""))
    return OF_THE_PHONE[Whose(said)].format(person.name)


@blueprint.post(f"{_ADDRESS}/language")
@_for_practice
@_back_to_the_item
def language(whom: Whom, person: KnownPerson) -> str:
    """The language to text them in from now on."""
    tag = request.form.get("language", "")
    if tag not in LANGUAGES:
        raise Refused("unknown-language", "Choose one of the languages.")
    set_persons_language(database(), whom, tag, own_actor())
    name = LANGUAGES[tag].english
    if tag not in WORDED:
        return f"{name} is recorded for {person.name}. There are no texts in {name} yet, so English goes."
    return f"What goes to {person.name} from now on is in {name}. Texts that wait already stay as they are."
