"""Accounts: made by invitation, a password set by a one-time link, ended from one place."""

import hashlib
import re
import secrets
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.accounts.memberships import find_place, has_membership
from bot.accounts.passwords import check_password, hash_password, password_fits
from bot.accounts.rights import MANAGE_ACCOUNTS, practice_of, require
from bot.accounts.tries import Tried, count_try, try_succeeded
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Membership, PasswordLink, Role, UserAccount, actor_of
from bot.tables.organisations import Practice

LINK_LASTS = timedelta(hours=48)
_EMAIL = re.compile(r"[^@\s<>\"',;:]+@[^@\s<>\"',;:]+\.[^@\s<>\"',;:]+")


def tidy_email(email: str) -> str:
    """An email address as accounts keep it.

    :raises Refused: it does not look like one.
    """
    tidy = email.strip().lower()
    if not _EMAIL.fullmatch(tidy):
        raise Refused(
            "bad-email",
            f"{email.strip() or 'Nothing'} is not an email address. It should look like name@example.org.",
        )
    return tidy


def create_account(
    session: Session,
    settings: Settings,
    *,
    email: str,
    role: Role,
    actor: Actor,
    name: str = "",
    organisation: str | None = None,
    password_hash: str | None = None,
    demo: bool = False,
) -> UserAccount:
    """Add an account with its first role to the transaction in hand; without `password_hash` nobody can sign in yet.

    :param organisation: the code of the organisation in which it has that role; None is the service itself.
    :raises Refused: a demo account in live, or the email has an account.
    """
    if demo and settings.live:
        raise Refused("demo-only", "Demo accounts cannot exist in live.")
    email = tidy_email(email)
    if _find(session, email) is not None:
        raise Refused("account-exists", f"{email} already has an account.")
    account = UserAccount(email=email, name=name, password_hash=password_hash, demo=demo, created_at=utc_now())
    session.add(account)
    session.flush()
    _add_membership(session, account, role, organisation, "account-created", actor)
    return account


def invite_account(
    db: Database, settings: Settings, email: str, role: Role, organisation_code: str | None, actor: Actor
) -> str | None:
    """Make an account with a role in an organisation, or add that role to the account with this email.

    Gives a one-time link to set a password (48 hours); None once one is set, for the person signs in as before.
    Adding the same again changes nothing, and gives another link while no password is set.

    :raises Refused: no such organisation, one that does not fit the role, a closed account, or not an administrator.
    """

    def invite(session: Session) -> str | None:
        allowed = require(session, actor, MANAGE_ACCOUNTS, None)
        place = find_place(session, role, organisation_code)
        account = _with_role(session, settings, email, role, place.code if place else None, allowed)
        return None if account.password_hash else _new_link(session, settings, account, allowed)

    # Twice: somebody may invite the same person at this moment.
    return db.write_with_retry(invite)


def _with_role(
    session: Session, settings: Settings, email: str, role: Role, organisation: str | None, actor: Actor
) -> UserAccount:
    account = _find(session, tidy_email(email))
    if account is None:
        return create_account(session, settings, email=email, role=role, actor=actor, organisation=organisation)
    if not account.active:
        raise Refused("account-closed", f"The account {account.email} was closed. Open it again instead.")
    _refuse_demo_in_live(account, settings)
    if not has_membership(session, account.id or 0, role, organisation):
        _add_membership(session, account, role, organisation, "membership-added", actor)
    return account


def _add_membership(
    session: Session, account: UserAccount, role: Role, organisation: str | None, action: str, actor: Actor
) -> None:
    session.add(Membership(user_id=account.id or 0, role=role, organisation=organisation))
    session.flush()
    subject = f"account:{account.id}"
    practice_id = _practice_id(session, organisation)
    record(session, actor, action, subject, practice_id=practice_id, role=role, organisation=organisation)


def _practice_id(session: Session, code: str | None) -> int | None:
    """The practice of that code; None when it is no practice's."""
    return session.exec(select(Practice.id).where(Practice.code == code)).first()


def renew_link(db: Database, settings: Settings, account_id: int, actor: Actor) -> str:
    """A new one-time link for an account that exists: for who lost the first, or a password.

    :raises Refused: no such account, it is closed, or not an administrator.
    """
    with db.write() as session:
        actor = require(session, actor, MANAGE_ACCOUNTS, None)
        account = find_open_account(session, account_id)
        return _new_link(session, settings, account, actor)


def account_of_link(session: Session, token: str) -> UserAccount:
    """The account whose password this link may set.

    :raises Refused: the link is unknown, used or too old.
    """
    link = session.exec(select(PasswordLink).where(PasswordLink.token_hash == _token_hash(token))).first()
    account = session.get(UserAccount, link.user_id) if link else None
    if link is None or account is None or link.used_at or link.expires_at <= utc_now() or not account.active:
        raise Refused("link-spent", "This link has been used or is too old. Ask your administrator for a new one.")
    return account


def set_password(db: Database, settings: Settings, token: str, password: str) -> UserAccount:
    """Set the password by a one-time link; ends every session of the account.

    :raises Refused: the link is spent, or the password is easy to guess.
    """
    with db.read() as reading:
        email = account_of_link(reading, token).email
    check_password(password, email)
    hashed = hash_password(password)
    with db.write() as session:
        account = account_of_link(session, token)
        _refuse_demo_in_live(account, settings)
        now = utc_now()
        links = update(PasswordLink).where(col(PasswordLink.user_id) == account.id, col(PasswordLink.used_at).is_(None))
        session.exec(links.values(used_at=now))
        _replace_password(session, account, hashed, actor_of(account))
    return account


def change_password(db: Database, settings: Settings, account_id: int, old: str, new: str, address: str) -> UserAccount:
    """Change one's own password; ends every session of the account.

    The old one is counted as a try like one of signing in: whoever has got hold of a session must not guess it.

    :param address: where the request came from.
    :raises Refused: the old one is wrong or was tried too often, or the new one is easy to guess.
    """
    with db.read() as reading:
        account = find_open_account(reading, account_id)
    check_password(new, account.email)
    attempt_id = count_try(db, settings, Tried.PASSWORD, account.email, address)
    if not password_fits(account.password_hash, old):
        raise Refused("password-wrong", "The present password is not right. Enter it again.")
    hashed = hash_password(new)
    with db.write() as session:
        account = find_open_account(session, account_id)
        try_succeeded(session, attempt_id)
        _replace_password(session, account, hashed, actor_of(account))
    return account


def end_all_sessions(db: Database, account_id: int) -> None:
    """Sign an account out on every browser.

    :raises Refused: no such account, or it is closed.
    """
    with db.write() as session:
        account = find_open_account(session, account_id)
        account.session_epoch += 1
        session.add(account)
        _note(session, actor_of(account), "signed-out-everywhere", account)


def _find(session: Session, email: str) -> UserAccount | None:
    return session.exec(select(UserAccount).where(UserAccount.email == email)).first()


def find_open_account(session: Session, account_id: int) -> UserAccount:
    """The account of that number, locked where the database has row locks.

    :raises Refused: no such account, or it is closed.
    """
    account = session.get(UserAccount, account_id, with_for_update=True)
    if account is None or not account.active:
        raise Refused("unknown-account", "There is no such account, or it was closed.")
    return account


def _new_link(session: Session, settings: Settings, account: UserAccount, actor: Actor) -> str:
    _refuse_demo_in_live(account, settings)
    token = secrets.token_urlsafe(32)
    link = PasswordLink(user_id=account.id or 0, token_hash=_token_hash(token), expires_at=utc_now() + LINK_LASTS)
    session.add(link)
    _note(session, actor, "password-link-made", account)
    return f"{settings.base_url}/set-password/{token}"


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _refuse_demo_in_live(account: UserAccount, settings: Settings) -> None:
    if account.demo and settings.live:
        raise Refused("demo-only", "Demo accounts cannot be used in live.")


def _replace_password(session: Session, account: UserAccount, hashed: str, actor: Actor) -> None:
    account.password_hash = hashed
    account.session_epoch += 1
    session.add(account)
    _note(session, actor, "password-set", account)


def _note(session: Session, actor: Actor, action: str, account: UserAccount) -> None:
    record(session, actor, action, f"account:{account.id}", practice_id=practice_of(session, account.id))
