"""For the administrator: pharmacies, added and changed as by command, and the keys of their systems."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor
from bot.pharmacy.organising.keys import live_keys_of_all, make_key, revoke_keys
from bot.pharmacy.organising.listing import list_pharmacies
from bot.pharmacy.organising.pharmacies import OFFERS, Told, add_pharmacy
from bot.pharmacy.organising.places import REGISTER
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.web import SUCCESS, counted, database, here, render

blueprint = Blueprint("pharmacies", __name__, url_prefix=REGISTER.path)
_FIELDS = {
    "bad-ods": "ods",
    "ods-taken": "ods",
    "bad-address": "address",
    "bad-phone": "phone",
    "bad-hours": "hours",
    "bad-offers": "offers",
}
"""The part of a form that a refusal is about; any other is about the code."""


@blueprint.get("")
@for_roles(Role.ADMIN)
def pharmacies() -> Response:
    """All pharmacies, with their hours, links and keys."""
    return _page()


@blueprint.post("")
@for_roles(Role.ADMIN)
def new_pharmacy() -> Response:
    """Add a pharmacy; a code that is in use is no new one."""
    code = _given("code")

    def add() -> str:
        _refuse_known(code)
        pharmacy = add_pharmacy(database(), code, _told(), own_actor())
        return f"{pharmacy.name} is added as {pharmacy.code}. Now add its people under Accounts."

    return _done("add-pharmacy", add)


@blueprint.post("/change")
@for_roles(Role.ADMIN)
def change_a_pharmacy() -> Response:
    """Change what is known of a pharmacy that is there."""
    code = _given("code")

    def change() -> str:
        _refuse_unknown(code)
        return f"{add_pharmacy(database(), code, _told(), own_actor()).name} is changed."

    return _done(f"change-{code}", change)


@blueprint.post("/key")
@for_roles(Role.ADMIN)
def new_key() -> Response:
    """Make a key, shown this once."""
    code = _given("code")
    try:
        key = make_key(database(), code, own_actor(), ods=_given("ods") or None)
    except Refused as refused:
        return _page(refused, f"key-{code}")
    return render("pharmacy/key.html", key=key, code=code)


@blueprint.post("/revoke")
@for_roles(Role.ADMIN)
def revoke() -> Response:
    """End all keys of a pharmacy, as when one was lost."""
    code = _given("code")

    def end() -> str:
        ended = revoke_keys(database(), code, own_actor())
        return f"{counted(ended, 'key opens', 'keys open')} nothing any more."

    return _done(f"key-{code}", end)


def _done(form: str, deed: Callable[[], str]) -> Response:
    """Do it and say so; what is refused is said at the form of that name, with what was entered."""
    try:
        flash(deed(), SUCCESS)
    except Refused as refused:
        return _page(refused, form)
    return redirect(here(REGISTER.path), 303)


def _page(refused: Refused | None = None, form: str = "") -> Response:
    with database().read() as session:
        lines, keys = list_pharmacies(session), live_keys_of_all(session)
    return render(
        "pharmacy/register.html",
        400 if refused else 200,
        refused=refused,
        wrong=form,
        field=_field(refused) if refused else "",
        entered=request.form,
        lines=lines,
        keys=keys,
        offers=OFFERS,
    )


def _field(refused: Refused) -> str:
    """The part of the form that a refusal is about."""
    if refused.code == "bad-pharmacy" and _given("code"):
        return "name"
    return _FIELDS.get(refused.code, "code")


def _refuse_known(code: str) -> None:
    """The command may be repeated; somebody at a form did not mean to change another."""
    if code in _codes():
        raise Refused("code-taken", f"{code} is in the list already. Change it there, or choose another code.")


def _refuse_unknown(code: str) -> None:
    if code not in _codes():
        raise Refused("unknown-pharmacy", f"There is no pharmacy {code}. Add it below.")


def _codes() -> set[str]:
    with database().read() as session:
        return {line.code for line in list_pharmacies(session)}


def _told() -> Told:
    """What stands in the form; of an empty field the verb says whether a pharmacy can be without it."""
    return Told(
        name=_given("name"),
        ods=_given("ods"),
        address=_given("address"),
        phone=_given("phone"),
        hours=_given("hours"),
        offers=",".join(request.form.getlist("offers")),
    )


def _given(field: str) -> str:
    return request.form.get(field, "").strip()
