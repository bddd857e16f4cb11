"""How often one may try a password or a code: counted in the database, so that all processes count together.

Failures count by account and place together, so nobody who guesses keeps the owner out from elsewhere. After a few of
them each further one has to wait a little longer, at most a minute; an early try is refused at once, even with the
right words. A place is an address; a browser on which the account has signed in before is a place of its own.
"""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import func, text, update
from sqlmodel import Session, col, select

from bot.accounts.keyed_hashes import keyed
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import SignInAttempt

COUNTED_FOR = timedelta(minutes=15)
FREE_FAILURES = 4
"""Of one account at one place, before the waiting begins."""
LONGEST_WAIT = timedelta(minutes=1)
FAILURES_PER_PLACE = 50
"""Of all accounts together, within fifteen minutes."""
CODES_COUNTED_FOR = timedelta(hours=1)
FAILED_CODES_PER_ACCOUNT = 20
"""From all places together: who guesses codes has the password already."""
_HOME_NETWORK = 64
"""Bits of an IPv6 address that are the same for everybody behind one connection."""
_FIRST_HALF = 2**63


class Tried(StrEnum):
    """What is tried; each is counted by itself."""

    PASSWORD = "account"  # noqa: S105
    CODE = "code"


class TooManyTries(Refused):
    """Tried too soon after failures; `seconds` is how long to wait."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__("too-many-tries", f"Too many tries. Wait {in_words(self.seconds)}, then try again.")


def in_words(seconds: int) -> str:
    """A wait as people say it: `8 seconds`, `1 minute`, `15 minutes`."""
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


@dataclass(frozen=True)
class _Keys:
    """The keyed hashes under which a try counts."""

    account: str
    place: str
    both: str


def count_try(db: Database, settings: Settings, kind: Tried, email: str, address: str, device: str = "") -> int | None:
    """Count a try as failed, before what was entered is looked at; gives its number.

    :param address: where the request came from; kept, like the email, only as a keyed hash.
    :param device: what a browser on which the account has signed in before is known by.
    :raises TooManyTries: says how long to wait.
    """
    keys = _keys(settings, kind, email, address, device)
    with db.write() as session:
        _one_at_a_time(session, keys)
        now = utc_now()
        until = max((moment for moment in _waits(session, kind, keys, now) if moment), default=now)
        if until > now:
            raise TooManyTries(until - now)
        attempt = SignInAttempt(
            account_hash=keys.account, address_hash=keys.place, both_hash=keys.both, succeeded=False, at=now
        )
        session.add(attempt)
        session.flush()
        return attempt.id


def _keys(settings: Settings, kind: Tried, email: str, address: str, device: str) -> _Keys:
    place = place_of(address)
    both = f"{email} on {device}" if device else f"{email} at {place}"
    return _Keys(keyed(settings, kind, email), keyed(settings, "address", place), keyed(settings, kind, both))


def place_of(address: str) -> str:
    """What counts as one place: an IPv4 address, of IPv6 the network of a household or an office."""
    try:
        found = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), _HOME_NETWORK), strict=False))


def _without_port(address: str) -> str:
    """Some proxies name the port as well: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    if address.startswith("[") or address.count(":") == 1:
        return urlsplit(f"//{address}").hostname or address
    return address


def _one_at_a_time(session: Session, keys: _Keys) -> None:
    """Of tries at one moment each sees those before it; SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for number in sorted(int(key[:16], 16) - _FIRST_HALF for key in (keys.account, keys.place, keys.both)):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})


def _waits(session: Session, kind: Tried, keys: _Keys, now: datetime) -> list[datetime | None]:
    """Until when each of the counts makes this try wait; None where there is room."""
    waits = [
        _growing_wait(session, keys.both, now),
        _full(session, SignInAttempt.address_hash, keys.place, FAILURES_PER_PLACE, COUNTED_FOR, now),
    ]
    if kind == Tried.CODE:
        everywhere = SignInAttempt.account_hash
        waits.append(_full(session, everywhere, keys.account, FAILED_CODES_PER_ACCOUNT, CODES_COUNTED_FOR, now))
    return waits


def _growing_wait(session: Session, both: str, now: datetime) -> datetime | None:
    """After the last failure since the account last got it right here; a clock that was set back adds nothing."""
    mine = col(SignInAttempt.both_hash) == both
    right = select(func.max(SignInAttempt.id)).where(mine, col(SignInAttempt.succeeded)).scalar_subquery()
    statement = select(func.count(), func.max(SignInAttempt.at)).where(
        mine,
        col(SignInAttempt.succeeded).is_(False),
        SignInAttempt.at > now - COUNTED_FOR,
        col(SignInAttempt.id) > func.coalesce(right, 0),
    )
    failures, last = session.exec(statement).one()
    wait = wait_after(failures)
    return min(last + wait, now + wait) if wait else None


def wait_after(failures: int) -> timedelta:
    """None at first, then 1, 2, 4 … seconds, at most a minute."""
    if failures <= FREE_FAILURES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES - 1, 6)), LONGEST_WAIT)


def _full(
    session: Session, column: str, value: str, limit: int, counted_for: timedelta, now: datetime
) -> datetime | None:
    """When the oldest failure that fills a count falls out of it; None while there is room."""
    statement = (
        select(SignInAttempt.at)
        .where(col(column) == value, col(SignInAttempt.succeeded).is_(False))
        .where(SignInAttempt.at > now - counted_for)
        .order_by(col(SignInAttempt.at).desc())
        .offset(limit - 1)
        .limit(1)
    )
    filling = session.exec(statement).first()
    return min(filling, now) + counted_for if filling else None


def try_succeeded(session: Session, attempt_id: int | None) -> None:
    """This try was right: neither it nor what failed before it, there, makes anybody wait."""
    attempt = session.get_one(SignInAttempt, attempt_id)
    attempt.succeeded = True
    session.add(attempt)


def forget_failures(session: Session, settings: Settings, kind: Tried, email: str) -> None:
    """What an account tried does not count any more: what it was tried against is gone."""
    # Not deleted: one of them may be at work at this moment.
    session.execute(
        update(SignInAttempt)
        .where(col(SignInAttempt.account_hash) == keyed(settings, kind, email))
        .values(succeeded=True)
    )
