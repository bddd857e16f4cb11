"""How many people to invite next, so that a partner is not promised more than it can take. Pure arithmetic.

Each yes takes a place. The yes-rate of a campaign begins as Beta(34, 71): 25 to 40 yeses per 100 texts,
as the Universal Healthcare National Inquiry saw them, and learns from the campaign's own settled texts.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import exp, floor, lgamma
from typing import Literal

PRIOR_YES, PRIOR_NO = 34, 71
BATCH_LIMIT = 100
SETTLED_AFTER = timedelta(hours=72)
CONFIDENCE = 0.9

LimitedBy = Literal["batch-size", "places", "cohort"]


@dataclass(frozen=True)
class Learned:
    """What a campaign's texts have shown: those settled (answered, or 72 hours old), and their yeses."""

    settled: int = 0
    yes: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        """The two shape parameters of the yes-rate's Beta distribution."""
        return PRIOR_YES + self.yes, PRIOR_NO + self.settled - self.yes

    @property
    def yes_rate(self) -> float:
        """The mean of the yes-rate: yeses expected for one text."""
        yes, no = self.shape
        return yes / (yes + no)


def age_weight(age: timedelta) -> float:
    """How much an unanswered text still counts: 1 when just sent, in a straight line to 0 after 72 hours."""
    return min(1.0, max(0.0, 1 - age / SETTLED_AFTER))


def chance_of_at_most(yeses: int, texts: int, learned: Learned) -> float:
    """The chance that at most `yeses` of `texts` people say yes (beta-binomial)."""
    if yeses >= texts:
        return 1.0
    if yeses < 0:
        return 0.0
    yes, no = learned.shape
    # The chance of no yes at all; each next chance is a simple ratio of the one before.
    chance = exp(lgamma(texts + no) + lgamma(yes + no) - lgamma(texts + yes + no) - lgamma(no))
    total = chance
    for k in range(yeses):
        chance *= (texts - k) * (yes + k) / ((k + 1) * (texts - k - 1 + no))
        total += chance
    return min(total, 1.0)


def next_batch_size(waiting: int, free: float, learned: Learned) -> tuple[int, LimitedBy]:
    """The largest batch whose yeses fit the free places nine times in ten, and what limits it.

    At most 100, and at most `waiting`. The answer 0 means that no place may be promised now.
    """
    most = min(BATCH_LIMIT, waiting)
    fitting, too_many = 0, most + 1
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if chance_of_at_most(floor(free), middle, learned) >= CONFIDENCE:
            fitting = middle
        else:
            too_many = middle
    if fitting < most:
        return fitting, "places"
    return fitting, "cohort" if fitting == waiting else "batch-size"
