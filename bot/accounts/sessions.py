"""Sessions of browsers: rows, so that one which was ended opens nothing, whoever has a copy of its cookie."""

import secrets
from datetime import timedelta

from sqlalchemy import Delete, delete
from sqlmodel import Session, col, select

from bot.accounts.keyed_hashes import keyed
from bot.accounts.rights import practice_of
from bot.audit import record
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import AccountSession, UserAccount, actor_of

SESSION_LASTS = timedelta(hours=12)
"""From signing in, however busy the session is."""


def open_session(db: Database, settings: Settings, account: UserAccount, former: str | None = None) -> str:
    """Begin a session of an account; gives its key, of which only a keyed hash is kept.

    :param former: the key of the session this browser had before, which ends.
    """
    key = secrets.token_urlsafe(32)
    with db.write() as session:
        if former:
            session.execute(_without(settings, former))
        session.add(
            AccountSession(
                key_hash=keyed(settings, "session", key),
                user_id=account.id or 0,
                epoch=account.session_epoch,
                ends_at=utc_now() + SESSION_LASTS,
            )
        )
    return key


def account_of_session(session: Session, settings: Settings, key: str) -> UserAccount | None:
    """Whose session this is; None when it was ended or is too old, or the account is closed."""
    statement = (
        select(UserAccount)
        .join(AccountSession, col(AccountSession.user_id) == col(UserAccount.id))
        .where(AccountSession.key_hash == keyed(settings, "session", key), AccountSession.ends_at >= utc_now())
        .where(col(UserAccount.session_epoch) == col(AccountSession.epoch), col(UserAccount.active))
    )
    return session.exec(statement).first()


def close_session(db: Database, settings: Settings, key: str) -> None:
    """Sign out: the session of this key ends. One that has ended already stays so."""
    with db.write() as session:
        account = account_of_session(session, settings, key)
        session.execute(_without(settings, key))
        if account is not None:
            practice_id = practice_of(session, account.id)
            record(session, actor_of(account), "signed-out", f"account:{account.id}", practice_id=practice_id)


def _without(settings: Settings, key: str) -> Delete:
    return delete(AccountSession).where(col(AccountSession.key_hash) == keyed(settings, "session", key))
