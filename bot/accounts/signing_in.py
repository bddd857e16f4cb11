"""Signing in, with every try counted in the database, so that all processes count together."""

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.accounts.passwords import password_fits
from bot.accounts.rights import practice_of
from bot.audit import record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings, session_secret
from bot.tables.accounts import SignInAttempt, UserAccount, actor_of

COUNTED_FOR = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 50


def sign_in(db: Database, settings: Settings, email: str, password: str, address: str) -> UserAccount:
    """The account these words open.

    A try is counted before its password is looked at, so that many at once cannot slip past the count; an
    unknown account takes as long as a wrong password.

    :param address: where the request came from; kept, like the email, only as a keyed hash.
    :raises Refused: `too-many-tries` says how long to wait; `not-signed-in` not which of the two is wrong.
    """
    email = email.strip().lower()
    attempt_id = count_try(db, settings, "account", email, FAILURES_PER_ACCOUNT, address)
    with db.read() as reading:
        account = reading.exec(select(UserAccount).where(UserAccount.email == email)).first()
    right = password_fits(account.password_hash if account else None, password)
    if account is None or not right or not account.active or (account.demo and settings.live):
        raise Refused("not-signed-in", "The email address or the password is not right. Check both and try again.")
    deed = "password-given" if needs_code(settings, account) else "signed-in"
    with db.write() as session:
        try_succeeded(session, attempt_id)
        record(session, actor_of(account), deed, f"account:{account.id}", practice_id=practice_of(session, account.id))
    return account


def needs_code(settings: Settings, account: UserAccount) -> bool:
    """Whether a password alone does not sign in: always in live, in demo only for who has set up codes."""
    return settings.live or account.totp_since is not None


def try_succeeded(session: Session, attempt_id: int | None) -> None:
    """This try was right: it does not count towards too many."""
    attempt = session.get_one(SignInAttempt, attempt_id)
    attempt.succeeded = True
    session.add(attempt)


def forget_failures(session: Session, settings: Settings, kind: str, email: str) -> None:
    """What an account tried does not count any more: what it was tried against is gone."""
    # Not deleted: one of them may be at work at this moment.
    session.execute(
        update(SignInAttempt)
        .where(col(SignInAttempt.account_hash) == _keyed(settings, kind, email))
        .values(succeeded=True)
    )


def count_try(
    db: Database, settings: Settings, kind: str, email: str, limit: int, address: str | None = None
) -> int | None:
    """Count a try before what was entered is looked at; gives its number.

    :param kind: what is tried, such as `account` for its password or `code`; each is counted by itself.
    :param limit: failures within fifteen minutes after which the account waits.
    :raises Refused: `too-many-tries`, says how long to wait.
    """
    account_hash = _keyed(settings, kind, email)
    address_hash = _keyed(settings, "address", address) if address else ""
    with db.write() as session:
        _refuse_too_many(_blocked_until(session, account_hash, limit, address_hash))
        attempt = SignInAttempt(account_hash=account_hash, address_hash=address_hash, succeeded=False, at=utc_now())
        session.add(attempt)
        session.flush()
        return attempt.id


def _refuse_too_many(until: datetime | None) -> None:
    if until is None:
        return
    minutes = max(1, math.ceil((until - utc_now()).total_seconds() / 60))
    wait = "1 minute" if minutes == 1 else f"{minutes} minutes"
    raise Refused("too-many-tries", f"Too many tries to sign in. Wait {wait}, then try again.")


def _blocked_until(session: Session, account_hash: str, limit: int, address_hash: str) -> datetime | None:
    """When the oldest failure that fills the count falls out of it; None while there is room."""
    moments = [_filling_failure(session, SignInAttempt.account_hash, account_hash, limit)]
    if address_hash:
        moments.append(_filling_failure(session, SignInAttempt.address_hash, address_hash, FAILURES_PER_ADDRESS))
    return max((moment + COUNTED_FOR for moment in moments if moment), default=None)


def _filling_failure(session: Session, column: str, value: str, limit: int) -> datetime | None:
    statement = (
        select(SignInAttempt.at)
        .where(col(column) == value, col(SignInAttempt.succeeded).is_(False))
        .where(SignInAttempt.at > utc_now() - COUNTED_FOR)
        .order_by(col(SignInAttempt.at).desc())
        .offset(limit - 1)
        .limit(1)
    )
    return session.exec(statement).first()


def _keyed(settings: Settings, kind: str, value: str) -> str:
    return hmac.new(session_secret(settings).encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
