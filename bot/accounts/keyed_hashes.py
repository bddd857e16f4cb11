"""What is kept under the key of sessions: hashes that tell nobody the word, and secrets that we alone read again."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet

from bot.settings import Settings, session_secret


def keyed(settings: Settings, kind: str, value: str) -> str:
    """The hash of a value; equal values of two kinds have different ones."""
    return hmac.new(session_secret(settings).encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def box_of(settings: Settings, kind: str) -> Fernet:
    """What encrypts secrets of one kind: a copy of the database alone opens nothing."""
    key = hashlib.sha256(f"{kind}:{session_secret(settings)}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
