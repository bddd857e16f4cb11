"""Closing an account, and opening it again: roles, password and codes stay as they were."""

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.accounts.accounts import find_open_account, tidy_email
from bot.accounts.rights import MANAGE_ACCOUNTS, practice_of, require
from bot.audit import Actor, record
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import Membership, Role, UserAccount


def close_account(db: Database, account_id: int, actor: Actor) -> UserAccount:
    """Close an account: it cannot sign in, and its sessions end.

    :raises Refused: no such account, already closed, one's own, the last administrator's, or not an administrator.
    """
    if actor.user_id == account_id:
        raise Refused("own-account", "You cannot close your own account. Ask another administrator.")
    with db.write() as session:
        administrators = _lock_administrators(session)
        actor = require(session, actor, MANAGE_ACCOUNTS, None)
        account = find_open_account(session, account_id)
        if administrators == [account_id]:
            raise Refused("last-administrator", "This is the last administrator. Make somebody else one first.")
        account.active = False
        account.session_epoch += 1
        session.add(account)
        _note(session, actor, "account-closed", account)
    return account


def _lock_administrators(session: Session) -> list[int]:
    """The administrators who can sign in; none of them can be closed by another meanwhile."""
    statement = (
        select(col(UserAccount.id))
        .join(Membership, col(Membership.user_id) == col(UserAccount.id))
        .where(Membership.role == Role.ADMIN, col(UserAccount.active), col(UserAccount.password_hash).is_not(None))
        .order_by(col(UserAccount.id))
        .with_for_update(of=UserAccount)
    )
    return [found for found in session.exec(statement) if found]


def reopen_account(db: Database, account_id: int, actor: Actor) -> UserAccount:
    """Open a closed account again: the person signs in with the same password and codes; no former session counts.

    :raises Refused: no such account, it is open, or not an administrator.
    """
    with db.write() as session:
        actor = require(session, actor, MANAGE_ACCOUNTS, None)
        account = session.get(UserAccount, account_id, with_for_update=True)
        if account is None or account.active:
            raise Refused("not-closed", "There is no such account, or it is open already.")
        account.active = True
        session.add(account)
        _note(session, actor, "account-reopened", account)
    return account


def held_by_nobody_else(session: Session, account_id: int) -> list[Membership]:
    """The roles that no other open account has in the same organisation."""
    other = aliased(Membership)
    another = (
        exists()
        .where(col(other.user_id) == col(UserAccount.id), col(UserAccount.active), col(other.user_id) != account_id)
        .where(col(other.role) == col(Membership.role))
        .where(col(other.organisation).is_not_distinct_from(col(Membership.organisation)))
    )
    mine = select(Membership).where(Membership.user_id == account_id, ~another).order_by(col(Membership.id))
    return list(session.exec(mine))


def account_id_of(session: Session, email: str) -> int:
    """The number of the account with that email, closed or not.

    :raises Refused: there is none.
    """
    found = session.exec(select(UserAccount.id).where(UserAccount.email == tidy_email(email))).first()
    if found is None:
        raise Refused("unknown-account", f"There is no account {email}.")
    return found


def _note(session: Session, actor: Actor, action: str, account: UserAccount) -> None:
    record(session, actor, action, f"account:{account.id}", practice_id=practice_of(session, account.id))
