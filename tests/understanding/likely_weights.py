"""`make likely-weights`: what each sign of a reply speaks for, learned anew from replies whose meaning is known.

From the seen halves (`tests/understanding/replies`), and from ordinary sentences (`locales/`), which ask for nothing;
what is only scored is not looked at. One layer over the signs, fitted step by step in an order that a seed gives, so
that the same replies give the same weights.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

import numpy as np

from bot.understanding.likely import WEIGHTS, Weights, signs_of, steps_of_clauses
from bot.understanding.questions import QUESTIONS
from bot.understanding.reply import Reply
from tests.understanding import replies_scoring, scoring

RAREST = 12
"""In so many replies at least a sign must be to be weighed."""
UNKNOWN = (0.0, 0.15, 0.3)
"""The shares of its words that nobody knows, in each telling of a reply."""
ONE_OF_SO_MANY = 2
"""One of so many ordinary sentences is learned from."""
ASKED_WHEN_THEY_CHAT = (None, QUESTIONS["invitation"], QUESTIONS["visit"])
"""What may be open when somebody writes such a sentence."""
ROUNDS, PACE, HELD_BACK, DIGITS, SEED = 12, 0.3, 4e-4, 1, 1

Known = tuple[Sequence[str], str]
"""The signs of a reply, and its intent."""


def learned_from() -> Iterator[Known]:
    """Every reply of which it learns: as it is, and as it is to who does not know some of its words."""
    chance = random.Random(SEED)
    for reply, intent in _known():
        clauses = steps_of_clauses(reply)
        for unknown in UNKNOWN:
            yield sorted(signs_of(reply, [_with_unknown(steps, unknown, chance) for steps in clauses])), intent


def _known() -> Iterator[tuple[Reply, str]]:
    for line in replies_scoring.lines("seen"):
        yield Reply(line.text, line.tag, QUESTIONS[line.question] if line.question else None, None), line.intent
    ordinary = (sentence for sentence in scoring.lines(scoring.WRITTEN) if sentence.level == "ordinary")
    for each, question in zip(islice(ordinary, 0, None, ONE_OF_SO_MANY), cycle(ASKED_WHEN_THEY_CHAT)):
        yield Reply(each.text, each.tag, question, None), "none"


def _with_unknown(steps: Sequence[int], share: float, chance: random.Random) -> list[int]:
    return [0 if chance.random() < share else bits for bits in steps]


def fitted(known: Sequence[Known]) -> Weights:
    """The weights that tell these replies apart."""
    counted = Counter(sign for signs, _ in known for sign in signs)
    signs = sorted(sign for sign, number in counted.items() if number >= RAREST)
    intents = sorted({intent for _, intent in known})
    place = {sign: number for number, sign in enumerate(signs)}
    rows = [(np.array([place[sign] for sign in own if sign in place]), intents.index(intent)) for own, intent in known]
    found = _fitted(rows, len(signs), len(intents))
    return Weights(intents, {sign: found[place[sign]].round(DIGITS).tolist() for sign in signs})


def _fitted(rows: Sequence[tuple[np.ndarray, int]], signs: int, intents: int) -> np.ndarray:
    """Softmax regression by AdaGrad: each row pulls at the weights of its own signs alone."""
    weights, pulled = np.zeros((signs, intents)), np.full((signs, intents), 1e-2)
    order = list(range(len(rows)))
    chance = random.Random(SEED)
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for own, intent in (rows[number] for number in order):
            totals = weights[own].sum(0)
            wrong = np.exp(totals - totals.max())
            wrong /= wrong.sum()
            wrong[intent] -= 1
            pull = wrong + HELD_BACK * weights[own]
            pulled[own] += pull * pull
            weights[own] -= PACE * pull / np.sqrt(pulled[own])
    return weights


if __name__ == "__main__":
    WEIGHTS.write_text(fitted(list(learned_from())).as_text(), encoding="utf-8")
