"""The head: what turns the vector of a sentence into how likely it tells of danger, and from where on that counts.

It is made by `make danger-head` from the sentences in `locales/`, for the vectors of one model alone, and kept as a
file beside this. Pure: it knows no model and no database.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from math import exp
from pathlib import Path
from typing import Any

HEAD = Path(__file__).with_name("danger-head.json")
RED, PAGED = "red", "paged"
LEAST_PRESSING_FIRST: Sequence[str | None] = (None, "amber", PAGED, RED)


@dataclass(frozen=True)
class Layer:
    """One weight for each number of a vector, and one by itself."""

    weights: Sequence[float]
    bias: float

    def __call__(self, vector: Sequence[float]) -> float:
        """How likely it is, from 0 to 1."""
        total = self.bias + sum(weight * number for weight, number in zip(self.weights, vector, strict=True))
        return 1 / (1 + exp(-max(-60.0, min(60.0, total))))


@dataclass(frozen=True)
class Opinion:
    """How likely a text tells of danger, and of harm that another person does; 0 to 1."""

    danger: float
    by_another: float


@dataclass(frozen=True)
class Head:
    """Two layers over the vectors of one model, and from which danger on a reply is paged, and from which red.

    `model` is the sha256 of the model's file, `sentences` that of the sentences it was made from (`digest_of`).
    `harm_from`: from how likely harm by another on no 999 text goes unasked.
    """

    model: str
    sentences: str
    paged_from: float
    red_from: float
    harm_from: float
    danger: Layer
    by_another: Layer

    @property
    def name(self) -> str:
        """What an opinion is marked with."""
        return digest(json.dumps(asdict(self), sort_keys=True))[:16]

    def weigh(self, vectors: Sequence[Sequence[float]]) -> Opinion:
        """What a text is whose pieces have these vectors: as dangerous as the worst of them; nothing has none.

        Harm by another counts in any piece that is pressing.
        """
        pieces = [(self.danger(vector), vector) for vector in vectors]
        worst = max((danger for danger, _ in pieces), default=0.0)
        pressing = (vector for danger, vector in pieces if danger >= min(worst, self.paged_from))
        return Opinion(worst, max(map(self.by_another, pressing), default=0.0))

    def level(self, opinion: Opinion) -> str | None:
        """How pressing that is by itself."""
        if opinion.danger >= self.red_from:
            return RED
        return PAGED if opinion.danger >= self.paged_from else None

    def is_by_another(self, opinion: Opinion) -> bool:
        """Whether somebody else may do the harm, and hold the phone."""
        return opinion.by_another >= self.harm_from

    def as_text(self) -> str:
        """The head as its file holds it."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def of_text(cls, text: str) -> "Head":
        """The head in a file.

        :raises ValueError: it is no head.
        """
        try:
            kept: dict[str, Any] = json.loads(text)
            return cls(**kept | {name: Layer(**kept[name]) for name in ("danger", "by_another")})
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError("no head") from error


@cache
def kept_head() -> Head:
    """The head that came with this version.

    :raises OSError: there is none.
    :raises ValueError: it is damaged.
    """
    return Head.of_text(HEAD.read_text(encoding="utf-8"))


def raised_to(found: str | None, opinion: str | None) -> str | None:
    """What an opinion makes of a reply of which the rules found this; None where it makes no difference.

    :param found: "red", "paged", "amber" or None.
    """
    more = LEAST_PRESSING_FIRST.index(opinion) > LEAST_PRESSING_FIRST.index(found)
    return opinion if more else None


def plain(text: str) -> str:
    """A text as it is given to the model: capitals and odd forms of letters say nothing of danger."""
    return unicodedata.normalize("NFKC", text).lower().strip()


def digest(text: str) -> str:
    """The sha256 of a text."""
    return sha256(text.encode()).hexdigest()
