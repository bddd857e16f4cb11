"""Browsers on which an account has signed in before: where guessing went on, they need not wait for others' failures.

A cookie says so, signed by us. It opens nothing, and has a count of failures of its own, so that one which was stolen
is no better than another place.
"""

import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.accounts.keyed_hashes import keyed
from bot.settings import Settings, session_secret

KNOWN_FOR = timedelta(days=180)
MOST_ACCOUNTS = 10
"""People who share one browser; of more, who signed in longest ago is forgotten."""


def known_as(settings: Settings, cookie: str | None, email: str) -> str:
    """What a browser is known by to the account of that email; nothing when it never signed in there."""
    return _read(settings, cookie).get(_name(settings, email), "")


def with_account(settings: Settings, cookie: str | None, email: str) -> str:
    """The cookie of a browser on which this account has just signed in; its count begins anew."""
    name = _name(settings, email)
    others = {other: mark for other, mark in _read(settings, cookie).items() if other != name}
    marks = {**others, name: secrets.token_urlsafe(12)}
    return str(_signer(settings).dumps(dict(list(marks.items())[-MOST_ACCOUNTS:])))


def _read(settings: Settings, cookie: str | None) -> dict[str, str]:
    try:
        read: dict[str, str] = _signer(settings).loads(cookie or "", max_age=int(KNOWN_FOR.total_seconds()))
    except BadSignature:
        return {}
    return read


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(session_secret(settings), salt="device")


def _name(settings: Settings, email: str) -> str:
    """What the cookie calls an account: whoever reads it learns nobody's address."""
    return keyed(settings, "device", email.strip().lower())[:16]
