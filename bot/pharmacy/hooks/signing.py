"""Secrets of webhooks and what is signed with them (Standard Webhooks): shown once, kept encrypted.

The key they are kept under is made from SECRET_KEY, as that of the second factor: a copy of the database alone signs
nothing.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from standardwebhooks import Webhook as Signer

from bot.settings import Settings, session_secret

BEGINS = "whsec_"
_BYTES = 32
FORMER_COUNTS = timedelta(hours=24)
"""How long what is sent is signed with the secret before as well, so that the other side can change over."""


def new_secret() -> str:
    """A secret as the other side enters it: `whsec_` and 256 bits in base64."""
    return f"{BEGINS}{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"


def seal(settings: Settings, secret: str) -> str:
    """A secret as it is kept."""
    return _box(settings).encrypt(secret.encode()).decode()


def unseal(settings: Settings, sealed: str) -> str | None:
    """A secret that is kept; None where it was kept under another SECRET_KEY."""
    try:
        return _box(settings).decrypt(sealed.encode()).decode()
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


def _box(settings: Settings) -> Fernet:
    key = hashlib.sha256(f"webhook-secrets:{session_secret(settings)}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
