"""Secrets of webhooks and what is signed with them (Standard Webhooks): shown once, kept encrypted.

The key they are kept under is made from SECRET_KEY, as that of the second factor: a copy of the database alone signs
nothing.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from standardwebhooks import Webhook as Signer

from bot.accounts.keyed_hashes import box_of
from bot.settings import Settings

BEGINS = "whsec_"
_BYTES = 32
_KIND = "webhook-secrets"
FORMER_COUNTS = timedelta(hours=24)
"""How long what is sent is signed with the secret before as well, so that the other side can change over."""


def new_secret() -> str:
    """A secret as the other side enters it: `whsec_` and 256 bits in base64."""
    return f"{BEGINS}{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"


def seal(settings: Settings, secret: str) -> str:
    """A secret as it is kept."""
    return box_of(settings, _KIND).encrypt(secret.encode()).decode()


def unseal(settings: Settings, sealed: str) -> str | None:
    """A secret that is kept; None where it was kept under another SECRET_KEY."""
    try:
        return box_of(settings, _KIND).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def counting(kept: Sequence[str], rotated_at: datetime | None, now: datetime) -> Sequence[str]:
    """Of the secrets of a webhook those that sign now: the newest, and for a day the one before it."""
    return kept if rotated_at is not None and now < rotated_at + FORMER_COUNTS else kept[:1]


def signed(event: str, body: str, secrets_: Sequence[str], now: datetime) -> Mapping[str, str]:
    """The headers with which the other side sees that we wrote it, and when."""
    signatures = (Signer(secret).sign(event, now, body) for secret in secrets_)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
