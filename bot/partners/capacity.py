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


def taken_in_words(holding: int, places: int) -> str:
    """How many of a partner's places are taken, in a sentence. More than there are is no fault of anybody's."""
    if holding <= places and places:
        return f"{holding} of {places} places are taken."
    if not holding:
        return "There are no places at the moment."
    beyond = holding - places
    people = "person" if beyond == 1 else "people"
    keep = "keeps their place" if beyond == 1 else "keep their places"
    full = {0: "There are no places at the moment", 1: "The 1 place is taken"}
    more = "" if places == 0 else " more"
    start = full.get(places, f"All {places} places are taken")
    return f"{start}, and {beyond}{more} {people} referred before {keep}. Nobody new is sent until places come back."
