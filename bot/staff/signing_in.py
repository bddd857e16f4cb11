"""Signing in, with every try counted in the database, so that all processes count together."""

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.audit import record
from bot.clock import utc_now
from bot.console import actor_of
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings, session_secret
from bot.staff.passwords import password_fits
from bot.staff.tables import SignInAttempt, UserAccount

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
    attempt_id = _count_try(db, settings, email, address)
    with db.read() as reading:
        account = reading.exec(select(UserAccount).where(UserAccount.email == email)).first()
    right = password_fits(account.password_hash if account else None, password)
    if account is None or not right or not account.active or (account.demo and settings.live):
        raise Refused("not-signed-in", "The email address or the password is not right. Check both and try again.")
    with db.write() as session:
        attempt = session.get_one(SignInAttempt, attempt_id)
        attempt.succeeded = True
        session.add(attempt)
        record(session, actor_of(account), "signed-in", f"account:{account.id}", practice_id=account.practice_id)
    return account


def _count_try(db: Database, settings: Settings, email: str, address: str) -> int | None:
    account_hash, address_hash = _keyed(settings, "account", email), _keyed(settings, "address", address)
    with db.write() as session:
        _refuse_too_many(_blocked_until(session, account_hash, address_hash))
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


def _blocked_until(session: Session, account_hash: str, address_hash: str) -> datetime | None:
    """When the oldest failure that fills the count falls out of it; None while there is room."""
    moments = (
        _filling_failure(session, SignInAttempt.account_hash, account_hash, FAILURES_PER_ACCOUNT),
        _filling_failure(session, SignInAttempt.address_hash, address_hash, FAILURES_PER_ADDRESS),
    )
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
