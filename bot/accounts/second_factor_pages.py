"""The second step of signing in: a code from an app, set up at the first sign-in."""

import segno
from flask import Blueprint, g, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.accounts.access import (
    PASSWORD_GIVEN,
    SIGN_IN,
    address_of_request,
    begin_session,
    half_signed_in,
    public,
    wanted_page,
    welcome,
)
from bot.accounts.second_factor import (
    app_link,
    check_second_factor,
    confirm_second_factor,
    prepare_second_factor,
    secret_of,
)
from bot.accounts.tried_pages import render_tried
from bot.refusals import Refused
from bot.tables.accounts import UserAccount
from bot.web import database, here, render, settings

blueprint = Blueprint("second_factor", __name__, url_prefix="/second-factor")


@blueprint.get("")
@public
def ask() -> Response:
    """Ask for a code of who has given the password; who has no app yet sets one up."""
    account = half_signed_in()
    if account is None:
        return redirect(here("/") if g.account else SIGN_IN, 303)
    if account.totp_since is None:
        return redirect(here("/second-factor/set-up"), 303)
    return _code_form()


@blueprint.post("")
@public
def check() -> Response:
    """Sign in with a code."""
    account = half_signed_in()
    if account is None:
        raise _too_late()
    try:
        account = check_second_factor(database(), settings(), account.id or 0, _code_entered(), address_of_request())
    except Refused as refused:
        return _code_form(refused)
    onward = wanted_page()
    begin_session(account)
    return redirect(onward, 303)


@blueprint.get("/set-up")
@public
def set_up() -> Response:
    """Show the QR code, and the same as letters."""
    account = half_signed_in()
    if account is None or account.totp_since is not None:
        return redirect(here("/second-factor"), 303)
    return _set_up_form(account)


@blueprint.post("/set-up")
@public
def confirm() -> Response:
    """The first right code: signed in, and the recovery codes are shown this once."""
    account = half_signed_in()
    if account is None:
        raise _too_late()
    try:
        codes = confirm_second_factor(database(), settings(), account.id or 0, _code_entered(), address_of_request())
    except Refused as refused:
        return _set_up_form(account, refused)
    onward = wanted_page()
    begin_session(account)
    welcome(account)
    return render("accounts/recovery-codes.html", codes=codes, onward=onward)


def _too_late() -> Refused:
    minutes = int(PASSWORD_GIVEN.total_seconds() // 60)
    return Refused("too-late", f"More than {minutes} minutes have passed. Sign in again with your password.")


def _code_entered() -> str:
    return request.form.get("code", "")


def _code_form(refused: Refused | None = None) -> Response:
    return render_tried("accounts/second-factor.html", refused)


def _set_up_form(account: UserAccount, refused: Refused | None = None) -> Response:
    prepare_second_factor(database(), settings(), account.id or 0)
    account = half_signed_in() or account
    picture = segno.make_qr(app_link(settings(), account)).svg_inline(scale=5, border=2, light="#fff")
    secret = secret_of(settings(), account)
    letters = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    # Safe: drawn by the library, of rectangles alone.
    page = "accounts/second-factor-set-up.html"
    return render_tried(page, refused, picture=Markup(picture), letters=letters)  # noqa: S704
