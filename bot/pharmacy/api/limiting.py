"""How often a key may ask: 60 requests a minute, kept on the key's own row.

Our own bucket instead of a library: the row is read at every request anyway, both databases judge it for all processes
at once, and nothing else has to run.
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlmodel import Session, select

from bot.pharmacy.organising.keys import REQUESTS_A_MINUTE
from bot.rows import update_row
from bot.tables.pharmacy import PharmacyKey

WINDOW = 60
"""Seconds in which so many requests may come."""
_A_SECOND = REQUESTS_A_MINUTE / WINDOW


@dataclass(frozen=True)
class Allowance:
    """Whether a request may go on, and what is left: `left` whole requests, the next one in `wait` seconds."""

    allowed: bool
    left: int
    wait: int

    def headers(self) -> dict[str, str]:
        """The fields that say so (draft-ietf-httpapi-ratelimit-headers, Retry-After of RFC 9110)."""
        named = f'"key";q={REQUESTS_A_MINUTE};w={WINDOW}'
        fields = {"RateLimit-Policy": named, "RateLimit": f'"key";r={self.left};t={self.wait}'}
        return fields if self.allowed else fields | {"Retry-After": str(self.wait)}


def take_token(session: Session, key_id: int, now: datetime) -> Allowance:
    """Count a request of a key, in the caller's transaction; requests at the same moment come one after the other."""
    locked = select(PharmacyKey).where(PharmacyKey.id == key_id).with_for_update(key_share=True)
    key = session.exec(locked, execution_options={"populate_existing": True}).one()
    passed = max(0.0, (now - key.tokens_at).total_seconds())
    tokens = min(float(REQUESTS_A_MINUTE), key.tokens + passed * _A_SECOND)
    allowed = tokens >= 1
    tokens -= allowed
    update_row(session, key, tokens=tokens, tokens_at=max(now, key.tokens_at))
    return Allowance(allowed, int(tokens), max(0, ceil((1 - tokens) / _A_SECOND)))
