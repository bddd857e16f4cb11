"""For the administrator: practices and partners, who works with whom, added and changed as by command."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor
from bot.capability import in_use
from bot.organisations.partners import (
    PartnerLine,
    add_partner,
    change_partner,
    link_partner,
    list_partners,
    unlink_partner,
)
from bot.organisations.practices import PracticeLine, add_practice, change_practice, list_practices
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.web import SUCCESS, database, here, render, settings

blueprint = Blueprint("organisations", __name__, url_prefix="/organisations")
_FIELDS = {"bad-phone": "phone", "bad-sender": "sender", "bad-places": "places", "unknown-practice": "practice"}
"""The part of a form that a refusal is about; any other is about the code."""


@blueprint.get("")
@for_roles(Role.ADMIN)
def organisations() -> Response:
    """All practices and partners."""
    return _page()


@blueprint.post("/practices")
@for_roles(Role.ADMIN)
def new_practice() -> Response:
    """Add a practice; a code that is in use is no new one."""
    code, name, phone, sender = _given("code"), _given("name"), _optional("phone"), _optional("sender")

    def add() -> str:
        _refuse_known(code, [line.code for line in _practices()])
        practice = add_practice(database(), settings(), code, name, phone, actor=own_actor(), sender=sender)
        return f"{practice.name} is added as {practice.code}. Now add its people under Accounts."

    return _done("add-practice", add)


@blueprint.post("/practices/change")
@for_roles(Role.ADMIN)
def change_a_practice() -> Response:
    """Change the name and the phone of a practice."""
    code, name, phone = _given("code"), _given("name"), _optional("phone")

    def change() -> str:
        return f"{change_practice(database(), code, own_actor(), name=name, phone=phone).name} is changed."

    return _done(f"change-{code}", change)


@blueprint.post("/partners")
@for_roles(Role.ADMIN)
def new_partner() -> Response:
    """Add a partner that works with a practice; a code that is in use is no new one."""
    code, practice, name, phone = _given("code"), _given("practice"), _given("name"), _optional("phone")

    def add() -> str:
        _refuse_known(code, [line.code for line in _partners()])
        places = _places()
        partner = add_partner(database(), code, practice, own_actor(), name=name, places=places, phone=phone)
        return f"{partner.name} is added as {partner.code}. Now add its people under Accounts."

    return _done("add-partner", add)


@blueprint.post("/partners/change")
@for_roles(Role.ADMIN)
def change_a_partner() -> Response:
    """Change the name and the phone of a partner."""
    code, name, phone = _given("code"), _given("name"), _optional("phone")

    def change() -> str:
        return f"{change_partner(database(), code, own_actor(), name=name, phone=phone).name} is changed."

    return _done(f"change-{code}", change)


@blueprint.post("/partners/link")
@for_roles(Role.ADMIN)
def link() -> Response:
    """Let a partner work with another practice."""
    code, practice = _given("code"), _given("practice")
    return _done(
        f"link-{code}",
        lambda: f"{link_partner(database(), code, practice, own_actor()).name} works with {practice} now.",
    )


@blueprint.post("/partners/unlink")
@for_roles(Role.ADMIN)
def unlink() -> Response:
    """End the work of a partner with a practice."""
    code, practice = _given("code"), _given("practice")
    return _done(
        f"link-{code}",
        lambda: f"{unlink_partner(database(), code, practice, own_actor()).name} does not work with {practice} now.",
    )


def _done(form: str, deed: Callable[[], str]) -> Response:
    """Do it and say so; what is refused is said at the form of that name, with what was entered."""
    try:
        flash(deed(), SUCCESS)
    except Refused as refused:
        return _page(refused, form)
    return redirect(here("/organisations"), 303)


def _page(refused: Refused | None = None, form: str = "") -> Response:
    return render(
        "organisations/organisations.html",
        400 if refused else 200,
        refused=refused,
        wrong=form,
        field=_field(refused) if refused else "",
        entered=request.form,
        practices=_practices(),
        partners=_partners(),
        others=in_use().bring("organisation_pages"),
    )


def _field(refused: Refused) -> str:
    """The part of the form that a refusal is about."""
    if refused.code in ("bad-practice", "bad-partner") and _given("code"):
        return "name"
    return _FIELDS.get(refused.code, "code")


def _practices() -> list[PracticeLine]:
    with database().read() as session:
        return list_practices(session)


def _partners() -> list[PartnerLine]:
    with database().read() as session:
        return list_partners(session)


def _refuse_known(code: str, known: list[str]) -> None:
    """The command may be repeated; somebody at a form did not mean to rename another."""
    if code in known:
        raise Refused("code-taken", f"{code} is in the list already. Change it there, or choose another code.")


def _given(field: str) -> str:
    return request.form.get(field, "").strip()


def _optional(field: str) -> str | None:
    return _given(field) or None


def _places() -> int:
    entered = _given("places")
    if not (entered.isascii() and entered.isdigit()):
        raise Refused("bad-places", "Enter the places as a whole number, such as 30.")
    return int(entered)
