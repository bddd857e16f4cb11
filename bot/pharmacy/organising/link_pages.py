"""Which pharmacies work with which practices: each side sees its own links, and says yes to them or ends them."""

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_code, own_pharmacy_id, own_practice_id, own_roles
from bot.organisations.practices import list_practices
from bot.pharmacy.organising.links import LinkLine, confirm_link, end_link, links_of
from bot.pharmacy.organising.listing import list_pharmacies
from bot.pharmacy.organising.places import FOR_PHARMACIES, FOR_PRACTICES
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.web import SUCCESS, Place, database, here, render

blueprint = Blueprint("pharmacy_links", __name__)


@blueprint.get(FOR_PRACTICES.path)
@for_roles(Role.PRACTICE, Role.LEAD)
def pharmacies_of_practice() -> Response:
    """The pharmacies that may text the practice's people, and those that wait for a yes."""
    return _practice_page()


@blueprint.post(f"{FOR_PRACTICES.path}/confirm")
@for_roles(Role.LEAD)
def confirm_for_practice() -> Response:
    """The lead says yes to a pharmacy."""
    return _confirmed(_given("code"), own_code(), FOR_PRACTICES)


@blueprint.post(f"{FOR_PRACTICES.path}/end")
@for_roles(Role.LEAD)
def end_for_practice() -> Response:
    """The lead ends the work with a pharmacy."""
    return _ended(_given("code"), own_code(), FOR_PRACTICES)


@blueprint.get(FOR_PHARMACIES.path)
@for_roles(Role.PHARMACY)
def practices_of_pharmacy() -> Response:
    """The practices whose people the pharmacy may text, and those that wait for a yes."""
    return _pharmacy_page()


@blueprint.post(f"{FOR_PHARMACIES.path}/confirm")
@for_roles(Role.PHARMACY)
def confirm_for_pharmacy() -> Response:
    """The pharmacy says yes to a practice."""
    return _confirmed(own_code(), _given("code"), FOR_PHARMACIES)


@blueprint.post(f"{FOR_PHARMACIES.path}/end")
@for_roles(Role.PHARMACY)
def end_for_pharmacy() -> Response:
    """The pharmacy ends its work with a practice."""
    return _ended(own_code(), _given("code"), FOR_PHARMACIES)


def _confirmed(pharmacy: str, practice: str, place: Place) -> Response:
    try:
        flash(confirm_link(database(), pharmacy, practice, own_actor()).in_words(), SUCCESS)
    except Refused as refused:
        return _again(place, refused)
    return redirect(here(place.path), 303)


def _ended(pharmacy: str, practice: str, place: Place) -> Response:
    try:
        end_link(database(), pharmacy, practice, own_actor())
    except Refused as refused:
        return _again(place, refused)
    flash("That is ended. No text about prescriptions goes to people of the practice from that pharmacy.", SUCCESS)
    return redirect(here(place.path), 303)


def _again(place: Place, refused: Refused) -> Response:
    return _practice_page(refused) if place is FOR_PRACTICES else _pharmacy_page(refused)


def _practice_page(refused: Refused | None = None) -> Response:
    with database().read() as session:
        links = links_of(session, practice_id=own_practice_id())
        known = [(line.code, line.name) for line in list_pharmacies(session)]
    taken = {link.pharmacy for link in links}
    rows = [_row(link, link.pharmacy, link.pharmacy_name, "practice") for link in links]
    choices = [choice for choice in known if choice[0] not in taken]
    return _links_page("pharmacy/pharmacies.html", refused, rows, choices, may_say=Role.LEAD in own_roles())


def _pharmacy_page(refused: Refused | None = None) -> Response:
    with database().read() as session:
        links = links_of(session, pharmacy_id=own_pharmacy_id())
        known = [(line.code, line.name) for line in list_practices(session)]
    taken = {link.practice for link in links}
    rows = [_row(link, link.practice, link.practice_name, "pharmacy") for link in links]
    choices = [choice for choice in known if choice[0] not in taken]
    return _links_page("pharmacy/practices.html", refused, rows, choices, may_say=True)


def _row(link: LinkLine, code: str, name: str, side: str) -> dict[str, str]:
    """The other side of a link, and whose yes it waits for: `us`, `them` or nobody's."""
    waits = "" if not link.waits_for else "us" if side in link.waits_for else "them"
    return {"code": code, "name": name, "waits": waits}


def _links_page(
    template: str,
    refused: Refused | None,
    rows: list[dict[str, str]],
    choices: list[tuple[str, str]],
    *,
    may_say: bool,
) -> Response:
    status = 400 if refused else 200
    return render(template, status, refused=refused, rows=rows, choices=choices, may_say=may_say)


def _given(field: str) -> str:
    return request.form.get(field, "").strip()
