"""Accounts: made by invitation, a password set by a one-time link, ended from one place."""

import hashlib
import re
import secrets
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.accounts.passwords import check_password, hash_password, password_fits
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import OF_A_PRACTICE, PasswordLink, Role, UserAccount
from bot.tables.organisations import Partner, Practice

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
    practice_id: int | None = None,
    partner_id: int | None = None,
    password_hash: str | None = None,
    demo: bool = False,
) -> UserAccount:
    """Add an account to the transaction in hand; without `password_hash` nobody can sign in to it yet.

    :raises Refused: a demo account in live, or the email has an account.
    """
    if demo and settings.live:
        raise Refused("demo-only", "Demo accounts cannot exist in live.")
    email = tidy_email(email)
    if _find(session, email) is not None:
        raise Refused("account-exists", f"{email} already has an account.")
    account = UserAccount(
        email=email,
        name=name,
        role=role,
        practice_id=practice_id,
        partner_id=partner_id,
        password_hash=password_hash,
        demo=demo,
        created_at=utc_now(),
    )
    session.add(account)
    session.flush()
    record(session, actor, "account-created", f"account:{account.id}", practice_id=practice_id, role=role)
    return account


def invite_account(
    db: Database, settings: Settings, email: str, role: Role, organisation_code: str | None, actor: Actor
) -> str:
    """Make an account, or find the same one again, and return a one-time link to set its password (48 hours).

    :raises Refused: no such organisation, one that does not fit the role, or another account with that email.
    """
    with db.write() as session:
        practice_id, partner_id = _organisation(session, role, organisation_code)
        account = _find(session, tidy_email(email))
        if account is None:
            account = create_account(
                session,
                settings,
                email=email,
                role=role,
                actor=actor,
                practice_id=practice_id,
                partner_id=partner_id,
            )
        elif (account.role, account.practice_id, account.partner_id) != (role, practice_id, partner_id):
            raise Refused(
                "account-exists", f"{account.email} already has an account with another role or organisation."
            )
        return _new_link(session, settings, account, actor)


def renew_link(db: Database, settings: Settings, account_id: int, actor: Actor) -> str:
    """A new one-time link for an account that exists: for who lost the first, or a password.

    :raises Refused: no such account, or it is closed.
    """
    with db.write() as session:
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
        _replace_password(session, account, hashed, _self(account))
    return account


def change_password(db: Database, account_id: int, old: str, new: str) -> UserAccount:
    """Change one's own password; ends every session of the account.

    :raises Refused: the old one is wrong, or the new one is easy to guess.
    """
    with db.read() as reading:
        account = find_open_account(reading, account_id)
    if not password_fits(account.password_hash, old):
        raise Refused("password-wrong", "The present password is not right. Enter it again.")
    check_password(new, account.email)
    hashed = hash_password(new)
    with db.write() as session:
        account = find_open_account(session, account_id)
        _replace_password(session, account, hashed, _self(account))
    return account


def end_all_sessions(db: Database, account_id: int) -> None:
    """Sign an account out on every browser.

    :raises Refused: no such account, or it is closed.
    """
    with db.write() as session:
        account = find_open_account(session, account_id)
        account.session_epoch += 1
        session.add(account)
        record(
            session,
            _self(account),
            "signed-out-everywhere",
            f"account:{account.id}",
            practice_id=account.practice_id,
        )


def close_account(db: Database, account_id: int, actor: Actor) -> UserAccount:
    """Close an account: it cannot sign in, and its sessions end.

    :raises Refused: no such account, already closed, or one's own.
    """
    if actor.user_id == account_id:
        raise Refused("own-account", "You cannot close your own account. Ask another administrator.")
    with db.write() as session:
        account = find_open_account(session, account_id)
        account.active = False
        account.session_epoch += 1
        session.add(account)
        record(session, actor, "account-closed", f"account:{account.id}", practice_id=account.practice_id)
    return account


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


def _organisation(session: Session, role: Role, code: str | None) -> tuple[int | None, int | None]:
    """The practice or partner a code names, as far as the role is bound to one."""
    if role == Role.ADMIN:
        return None, None
    practice = session.exec(select(Practice).where(Practice.code == code)).first() if code else None
    partner = session.exec(select(Partner).where(Partner.code == code)).first() if code else None
    if code and practice is None and partner is None:
        raise Refused("unknown-organisation", f"There is no practice or partner {code}. Add it first.")
    if role in OF_A_PRACTICE and practice is None:
        raise Refused("needs-practice", f"The role {role} belongs to a practice: name its code.")
    if role == Role.PARTNER and partner is None:
        raise Refused("needs-partner", "The role partner belongs to a partner: name its code.")
    if role == Role.PARTNER or practice is None:
        return None, partner.id if partner else None
    return practice.id, None


def _new_link(session: Session, settings: Settings, account: UserAccount, actor: Actor) -> str:
    _refuse_demo_in_live(account, settings)
    token = secrets.token_urlsafe(32)
    link = PasswordLink(user_id=account.id or 0, token_hash=_token_hash(token), expires_at=utc_now() + LINK_LASTS)
    session.add(link)
    record(session, actor, "password-link-made", f"account:{account.id}", practice_id=account.practice_id)
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
    record(session, actor, "password-set", f"account:{account.id}", practice_id=account.practice_id)


def _self(account: UserAccount) -> Actor:
    return Actor(account.id, f"{account.role}:{account.id}")
