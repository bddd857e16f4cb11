"""The accounts, for the administrator."""

from flask import Blueprint, abort, flash, redirect, request
from sqlmodel import col, select
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor
from bot.accounts.accounts import invite_account, renew_link
from bot.accounts.closing import close_account, held_by_nobody_else, reopen_account
from bot.accounts.memberships import in_words, memberships_in_words, organisation_choices
from bot.accounts.second_factor import reset_second_factor
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount
from bot.web import ERROR, SUCCESS, database, here, render, settings

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/accounts")
@for_roles(Role.ADMIN)
def list_accounts() -> Response:
    """Everybody who can sign in, or could."""
    return _accounts_page()


@blueprint.post("/accounts")
@for_roles(Role.ADMIN)
def invite() -> Response:
    """Make an account, whose link is shown once, to be handed over; or add a role to one that is there."""
    code = request.form.get("organisation") or None
    try:
        link = invite_account(database(), settings(), request.form.get("email", ""), _role_of_form(), code, own_actor())
    except Refused as refused:
        return _accounts_page(refused=refused)
    email = request.form.get("email", "").strip()
    if link is None:
        flash(f"{email} has that role now, and signs in as before.", SUCCESS)
        return redirect(here("/accounts"), 303)
    return _accounts_page(link, email)


@blueprint.post("/accounts/<int:account_id>/link")
@for_roles(Role.ADMIN)
def new_link(account_id: int) -> Response:
    """A new link for who has lost theirs, or a password."""
    link = renew_link(database(), settings(), account_id, own_actor())
    with database().read() as session:
        email = session.get_one(UserAccount, account_id).email
    return _accounts_page(link, email)


@blueprint.get("/accounts/<int:account_id>/close")
@for_roles(Role.ADMIN)
def confirm_close(account_id: int) -> Response:
    """Say what closing an account does, and ask."""
    with database().read() as session:
        account = session.get(UserAccount, account_id)
        if account is None:
            abort(404)
        if not account.active:
            return _back(f"The account {account.email} is closed already.")
        roles = memberships_in_words(session).get(account_id, [])
        alone = in_words(session, held_by_nobody_else(session, account_id))
    return render("accounts/close.html", person=account, roles=roles, alone=alone)


@blueprint.post("/accounts/<int:account_id>/close")
@for_roles(Role.ADMIN)
def close(account_id: int) -> Response:
    """Close an account."""
    try:
        account = close_account(database(), account_id, own_actor())
    except Refused as refused:
        return _back(refused.message, ERROR)
    return _back(f"The account {account.email} is closed. You can open it again in the list.")


@blueprint.post("/accounts/<int:account_id>/reopen")
@for_roles(Role.ADMIN)
def reopen(account_id: int) -> Response:
    """Undo that an account was closed."""
    try:
        account = reopen_account(database(), account_id, own_actor())
    except Refused as refused:
        return _back(refused.message, ERROR)
    return _back(f"The account {account.email} is open again. They sign in as before.")


def _back(told: str, category: str = SUCCESS) -> Response:
    flash(told, category)
    return redirect(here("/accounts"), 303)


@blueprint.post("/accounts/<int:account_id>/codes/reset")
@for_roles(Role.ADMIN)
def reset_codes(account_id: int) -> Response:
    """Take away the codes of who has lost the phone; a new app is set up at the next sign-in."""
    account = reset_second_factor(database(), settings(), account_id, own_actor())
    flash(f"{account.email} sets up new codes at the next sign-in.", SUCCESS)
    return redirect(here("/accounts"), 303)


def _role_of_form() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        raise Refused("unknown-role", "Choose one of the roles.") from None


def _accounts_page(link: str | None = None, link_for: str = "", refused: Refused | None = None) -> Response:
    with database().read() as session:
        accounts = session.exec(
            select(UserAccount).order_by(col(UserAccount.active).desc(), col(UserAccount.email))
        ).all()
        memberships, organisations = memberships_in_words(session), organisation_choices(session)
    return render(
        "accounts/accounts.html",
        400 if refused else 200,
        refused=refused,
        form=request.form,
        accounts=accounts,
        memberships=memberships,
        organisations=organisations,
        link=link,
        link_for=link_for,
        roles=list(Role),
    )
