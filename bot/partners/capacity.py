"""What a partner can still take: places less referrals that hold one, less what has been promised."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import floor

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.capability import in_use
from bot.tables.organisations import Partner
from bot.tables.partners import HOLDING_A_PLACE, Referral

Promise = Callable[[Session, Partner, datetime], float]
"""Places of a partner that a capability expects to need at a moment (UTC)."""


@dataclass(frozen=True)
class Capacity:
    """A partner's places; `expected` are the yeses that texts and open consent questions may still bring."""

    places: int
    holding: int
    expected: float

    @property
    def free(self) -> float:
        """Places that may still be promised; below zero when more is promised than the partner can take."""
        return self.places - self.holding - self.expected

    @property
    def whole_free(self) -> int:
        """Free places as people count them."""
        return max(0, floor(self.free))


def partner_capacity(session: Session, partner: Partner, now: datetime) -> Capacity:
    """The partner's places at `now` (UTC), over all that share it."""
    promises: tuple[Promise, ...] = in_use().bring("promises")
    expected = sum(promise(session, partner, now) for promise in promises)
    return Capacity(partner.places, count_holding(session, partner), expected)


def count_holding(session: Session, partner: Partner) -> int:
    """Referrals that hold one of the partner's places."""
    holding = select(func.count()).where(
        col(Referral.partner_id) == partner.id, col(Referral.state).in_(HOLDING_A_PLACE)
    )
    number: int = session.execute(holding).scalar_one()
    return number
