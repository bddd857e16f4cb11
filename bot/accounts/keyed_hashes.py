"""Hashes under the key of sessions: what is kept so tells nobody the word it was made from."""

import hashlib
import hmac

from bot.settings import Settings, session_secret


def keyed(settings: Settings, kind: str, value: str) -> str:
    """The hash of a value; equal values of two kinds have different ones."""
    return hmac.new(session_secret(settings).encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
