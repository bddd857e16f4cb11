"""For the administrator: the accounts; for the administrator and the lead: the audit trail."""

from flask import Blueprint, flash, redirect, request
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id, own_roles
from bot.accounts.accounts import close_account, invite_account, renew_link
from bot.accounts.memberships import memberships_in_words, organisation_choices
from bot.accounts.second_factor import reset_second_factor
from bot.audit import AuditEntry
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount
from bot.web import SUCCESS, database, here, one_page, page_number, render, settings

blueprint = Blueprint("accounts", __name__)
ENTRIES_PER_PAGE = 50


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


@blueprint.post("/accounts/<int:account_id>/close")
@for_roles(Role.ADMIN)
def close(account_id: int) -> Response:
    """Close an account."""
    account = close_account(database(), account_id, own_actor())
    flash(f"The account {account.email} is closed.", SUCCESS)
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


@blueprint.get("/audit")
@for_roles(Role.ADMIN, Role.LEAD)
def audit_trail() -> Response:
    """Who did what: a lead sees the own practice, an administrator everything."""
    number = page_number()
    practice_id = None if Role.ADMIN in own_roles() else own_practice_id()
    with database().read() as session:
        rows = _entries(session, practice_id, number)
    return render("accounts/audit.html", page=one_page(rows, number, ENTRIES_PER_PAGE))


def _entries(session: Session, practice_id: int | None, number: int) -> list[tuple[AuditEntry, UserAccount | None]]:
    statement = (
        select(AuditEntry, UserAccount)
        .outerjoin(UserAccount, col(UserAccount.id) == AuditEntry.user_id)
        .order_by(col(AuditEntry.id).desc())
        .offset((number - 1) * ENTRIES_PER_PAGE)
        .limit(ENTRIES_PER_PAGE + 1)
    )
    if practice_id is not None:
        statement = statement.where(AuditEntry.practice_id == practice_id)
    return list(session.exec(statement))
