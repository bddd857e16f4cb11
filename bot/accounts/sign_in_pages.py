"""Signing in and out, and one's own account."""

from flask import Blueprint, flash, g, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import (
    SIGN_IN,
    address_of_request,
    begin_half_session,
    begin_session,
    end_session,
    for_everyone_signed_in,
    known_browser,
    own_account,
    own_account_id,
    public,
)
from bot.accounts.accounts import account_of_link, change_password, end_all_sessions, set_password
from bot.accounts.demo import DEMO_PASSWORD, demo_accounts
from bot.accounts.passwords import SHORTEST
from bot.accounts.second_factor import recovery_codes_left
from bot.accounts.signing_in import needs_code, sign_in
from bot.accounts.tried_pages import render_tried
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount
from bot.web import SUCCESS, database, here, local_path, render, settings

blueprint = Blueprint("staff", __name__)
DEMO_STARTS = {
    Role.LEAD: "/campaigns",
    Role.PARTNER: "/referrals",
    Role.INTERPRETER: "/interpreter/",
    Role.PHARMACY: "/pharmacy/",
}
"""Where a visitor to the demo wants to be first, by role."""


@blueprint.get("/sign-in")
@public
def sign_in_page() -> Response:
    """Ask who it is."""
    if g.account is not None:
        return redirect(local_path(request.args.get("next")), 303)
    return _sign_in_form()


@blueprint.post("/sign-in")
@public
def sign_in_now() -> Response:
    """Sign in, and go where the person wanted to."""
    email = request.form.get("email", "")
    password, address = request.form.get("password", ""), address_of_request()
    try:
        account = sign_in(database(), settings(), email, password, address, known_browser(email))
    except Refused as refused:
        return _sign_in_form(refused, email)
    return _go_on(account, local_path(request.form.get("next")))


def _go_on(account: UserAccount, onward: str) -> Response:
    """Sign in whose password was right, or ask for the code that is needed besides."""
    if needs_code(settings(), account):
        begin_half_session(account, onward)
        return redirect(here("/second-factor"), 303)
    begin_session(account)
    return redirect(onward, 303)


def _sign_in_form(refused: Refused | None = None, email: str = "") -> Response:
    return render_tried(
        "accounts/sign-in.html",
        refused,
        email=email,
        next=local_path(request.values.get("next")),
        accounts=demo_accounts(database(), settings()),
        password=DEMO_PASSWORD,
        starts=DEMO_STARTS,
    )


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """Sign out here or, when asked, on every browser."""
    if g.account is not None and request.form.get("everywhere"):
        end_all_sessions(database(), own_account_id())
    end_session()
    flash("You are signed out.", SUCCESS)
    return redirect(SIGN_IN, 303)


@blueprint.get("/set-password/<token>")
@public
def set_password_page(token: str) -> Response:
    """Ask for a new password; opening the link does not spend it."""
    with database().read() as session:
        account = account_of_link(session, token)
    return _password_form(account.email)


@blueprint.post("/set-password/<token>")
@public
def set_password_now(token: str) -> Response:
    """Set the password and sign in."""
    with database().read() as session:
        email = account_of_link(session, token).email
    try:
        account = set_password(database(), settings(), token, _password_entered_twice())
    except Refused as refused:
        return _password_form(email, refused)
    answer = _go_on(account, "/")
    flash("Your password is set.", SUCCESS)
    return answer


def _password_form(email: str, refused: Refused | None = None) -> Response:
    status = 400 if refused else 200
    return render("accounts/set-password.html", status, email=email, refused=refused, shortest=SHORTEST)


def _password_entered_twice() -> str:
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        raise Refused("password-differs", "The two passwords are not the same. Enter the same one twice.")
    return password


@blueprint.get("/account")
@for_everyone_signed_in
def own_account_page() -> Response:
    """One's own account."""
    return _account_page()


def _account_page(refused: Refused | None = None) -> Response:
    account = own_account()
    with database().read() as session:
        codes = recovery_codes_left(session, own_account_id()) if account.totp_since else None
    return render_tried("accounts/account.html", refused, shortest=SHORTEST, recovery_codes=codes)


@blueprint.post("/account")
@for_everyone_signed_in
def change_own_password() -> Response:
    """Change one's own password and stay signed in on this browser only."""
    try:
        password = _password_entered_twice()
        old, address = request.form.get("old", ""), address_of_request()
        account = change_password(database(), settings(), own_account_id(), old, password, address)
    except Refused as refused:
        return _account_page(refused)
    begin_session(account)
    flash("Your password is changed. Everywhere else you are signed out.", SUCCESS)
    return redirect(here("/account"), 303)
