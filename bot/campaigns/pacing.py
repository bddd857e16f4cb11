"""How many people to invite next, so that nobody is promised more than there is. Pure arithmetic.

Each yes takes a place of a partner, or a time of a clinic. The yes-rate of a campaign begins as its purpose says, by
default as Beta(34, 71): 25 to 40 yeses per 100 texts, as the Universal Healthcare National Inquiry saw them. It learns
from the campaign's own settled texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp, floor, lgamma
from typing import Literal, NamedTuple

PRIOR = (34, 71)
BATCH_LIMIT = 100
SETTLED_AFTER = timedelta(hours=72)
CONFIDENCE = 0.9

LimitedBy = Literal["batch-size", "places", "slots", "cohort"]


@dataclass(frozen=True)
class Learned:
    """What a campaign's texts have shown: those settled (answered, or 72 hours old), and their yeses.

    `prior` are the shape parameters that the yes-rate begins with.
    """

    settled: int = 0
    yes: int = 0
    prior: tuple[int, int] = PRIOR

    @property
    def shape(self) -> tuple[int, int]:
        """The two shape parameters of the yes-rate's Beta distribution."""
        yes, no = self.prior
        return yes + self.yes, no + self.settled - self.yes

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
    fitting = _most_that_fit(waiting, free, learned)
    if fitting < min(BATCH_LIMIT, waiting):
        return fitting, "places"
    return fitting, "cohort" if fitting == waiting else "batch-size"


def _most_that_fit(waiting: int, free: float, learned: Learned) -> int:
    fitting, too_many = 0, min(BATCH_LIMIT, waiting) + 1
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if chance_of_at_most(floor(free), middle, learned) >= CONFIDENCE:
            fitting = middle
        else:
            too_many = middle
    return fitting


class InLine(NamedTuple):
    """People who wait and share times: how many they are, and how many times may be promised to them."""

    waiting: int
    free: float


def next_shares(groups: Sequence[InLine], learned: Learned) -> tuple[list[int], LimitedBy]:
    """How many of each group may be in the next batch, and what limits it; times of one group are of no use to others.

    Of each group the most whose yeses fit its times nine times in ten. Together they may be more than a batch takes.
    """
    shares = [_most_that_fit(group.waiting, group.free, learned) for group in groups]
    limited = any(share < min(BATCH_LIMIT, group.waiting) for share, group in zip(shares, groups, strict=True))
    if limited:
        return shares, "slots"
    return shares, "cohort" if sum(group.waiting for group in groups) <= BATCH_LIMIT else "batch-size"
