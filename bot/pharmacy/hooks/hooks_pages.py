"""Where a pharmacy's system listens, and what it was told: for the pharmacy's own people, and for the administrator."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_code
from bot.clock import utc_now
from bot.pharmacy.hooks import setting_up
from bot.pharmacy.hooks.places import WEBHOOK
from bot.pharmacy.hooks.showing import show_webhook
from bot.pharmacy.organising.pharmacies import pharmacy_by_code
from bot.pharmacy.organising.places import REGISTER
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.web import SUCCESS, counted, database, here, render, settings

blueprint = Blueprint("pharmacy_hooks", __name__)
_OF_ANY = f"{REGISTER.path}/<pharmacy_code>/webhook"


@blueprint.get(WEBHOOK.path)
@for_roles(Role.PHARMACY)
def own_webhook() -> Response:
    """The address of the own system, its secret, and its last events."""
    return _page(own_code(), WEBHOOK.path)


@blueprint.post(f"{WEBHOOK.path}/<deed>")
@for_roles(Role.PHARMACY)
def change_own_webhook(deed: str) -> Response:
    """Change it: the address, the secret, a test, what was given up, or the end."""
    return _changed(own_code(), WEBHOOK.path, deed)


@blueprint.get(_OF_ANY)
@for_roles(Role.ADMIN)
def webhook_of(pharmacy_code: str) -> Response:
    """The same of a pharmacy that an administrator looks after."""
    return _page(pharmacy_code, _path_of(pharmacy_code))


@blueprint.post(f"{_OF_ANY}/<deed>")
@for_roles(Role.ADMIN)
def change_webhook_of(pharmacy_code: str, deed: str) -> Response:
    """Change it for the pharmacy."""
    return _changed(pharmacy_code, _path_of(pharmacy_code), deed)


def _path_of(code: str) -> str:
    return f"{REGISTER.path}/{quote(code, safe='')}/webhook"


def _set_address(code: str) -> str | None:
    secret = setting_up.set_address(database(), settings(), code, request.form.get("url", ""), own_actor())
    if secret is None:
        flash("The address is saved. Its secret is the same as before.", SUCCESS)
    return secret


def _new_secret(code: str) -> str:
    return setting_up.rotate_secret(database(), settings(), code, own_actor())


def _drop_former(code: str) -> None:
    setting_up.drop_former_secret(database(), code, own_actor())
    flash("Only the newest secret counts now.", SUCCESS)


def _test(code: str) -> None:
    setting_up.send_test(database(), code, own_actor())
    flash("A test is on its way. Below stands what becomes of it.", SUCCESS)


def _again(code: str) -> None:
    tried = setting_up.try_again(database(), code, own_actor())
    flash(f"{counted(tried, 'event is', 'events are')} on the way again.", SUCCESS)


def _end(code: str) -> None:
    setting_up.end_webhook(database(), code, own_actor())
    flash("That is ended. No system is told anything any more.", SUCCESS)


_DEEDS: Mapping[str, Callable[[str], str | None]] = {
    "address": _set_address,
    "secret": _new_secret,
    "former": _drop_former,
    "test": _test,
    "again": _again,
    "end": _end,
}
"""What the buttons do; one that gives a secret shows it this once."""


def _changed(code: str, path: str, deed: str) -> Response:
    if deed not in _DEEDS:
        abort(404)
    try:
        secret = _DEEDS[deed](code)
    except Refused as refused:
        return _page(code, path, refused)
    if secret is not None:
        return render("pharmacy/webhook_secret.html", secret=secret, path=path)
    return redirect(here(path), 303)


def _page(code: str, path: str, refused: Refused | None = None) -> Response:
    with database().read() as session:
        try:
            pharmacy = pharmacy_by_code(session, code)
        except Refused:
            abort(404)
        shown = show_webhook(session, pharmacy.id or 0, utc_now())
    return render(
        "pharmacy/webhook.html",
        400 if refused else 200,
        refused=refused,
        entered=request.form.get("url", shown.url or ""),
        pharmacy=pharmacy,
        shown=shown,
        path=path,
        of_another=path != WEBHOOK.path,
    )
