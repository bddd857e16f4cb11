"""What a reply most likely says, where the rules leave it open: a guess that a person sees, and that does nothing.

It weighs the concepts of the reply, which are the same in every language, with those that stand before and after them.
The weights are made by `make likely-weights` from replies whose meaning is known (tests/understanding/replies), and
kept as a file beside this. No word has a weight, so nothing of what anybody wrote is in the file.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import exp
from pathlib import Path

from bot.understanding.intents import BIT, CONCEPTS, bits_of
from bot.understanding.marking import joined
from bot.understanding.reasons import not_to_stop
from bot.understanding.reply import Intent, Reply
from bot.understanding.sensing import Sense, senses_of

WEIGHTS = Path(__file__).with_name("likely-weights.json")
LIKELY = "likely"
"""The rule of a reading that is a guess."""
SURE_ENOUGH = 0.6
"""From which share on a guess is told."""
_FILLER = BIT["filler"]
_OF_TEXTS = bits_of("send message receive number more stop remove")
_OF_A_NUMBER = bits_of("wrong number person mine")
_BEFORE = 3
_MOST_LENGTHS, _MOST_STRANGE = 6, 5


@dataclass(frozen=True)
class Weights:
    """How much each sign speaks for each intent: a weight for each of `intents`, in their order."""

    intents: Sequence[Intent]
    of_sign: Mapping[str, Sequence[float]]

    def shares(self, signs: Iterator[str]) -> Mapping[Intent, float]:
        """How likely each intent is, all of them together 1."""
        found = [self.of_sign[sign] for sign in signs if sign in self.of_sign]
        totals = [sum(each) for each in zip(*found, strict=True)] or [0.0] * len(self.intents)
        raised = [exp(total - max(totals)) for total in totals]
        return {intent: share / sum(raised) for intent, share in zip(self.intents, raised, strict=True)}

    def as_text(self) -> str:
        """The weights as their file holds them, a sign a line."""
        signs = ",\n".join(f"{json.dumps(sign)}: {json.dumps(self.of_sign[sign])}" for sign in sorted(self.of_sign))
        return f'{{"intents": {json.dumps(self.intents)},\n"of_sign": {{\n{signs}\n}}}}\n'


@cache
def kept_weights() -> Weights:
    """The weights that came with this version."""
    return Weights(**json.loads(WEIGHTS.read_text(encoding="utf-8")))


def likely_intent(reply: Reply) -> Intent | None:
    """The guess, where one intent is likely enough, asks for something, and nothing that is known speaks against it.

    Of whose language nobody knows, and of numbers among words, nothing is guessed.
    """
    clauses = steps_of_clauses(reply)
    if not reply.own or any(word.isdecimal() for word in reply.every_word) or not _says_enough(clauses):
        return None
    shares = kept_weights().shares(signs_of(reply, clauses))
    intent = max(shares, key=lambda each: shares[each])
    return intent if shares[intent] >= SURE_ENOUGH and _may_be(intent, reply, clauses) else None


def _may_be(intent: Intent, reply: Reply, clauses: Collection[Sequence[int]]) -> bool:
    """Whether what is known of a reply allows a guess."""
    if intent in ("yes", "no"):
        return reply.question is not None and reply.question.yes_no and not reply.asks
    if intent == "opt_out":
        return not any(not_to_stop(steps) for steps in clauses) and bool(_every(clauses) & _OF_TEXTS)
    if intent == "wrong_number":
        return not reply.asks and bool(_every(clauses) & _OF_A_NUMBER)
    return intent != "none"


def _says_enough(clauses: Collection[Sequence[int]]) -> bool:
    """Whether as many words say something that is known as are not known."""
    steps = [bits for clause in clauses for bits in clause if bits != _FILLER]
    known = sum(1 for bits in steps if bits)
    return known > 0 and known >= len(steps) - known


def _every(clauses: Collection[Sequence[int]]) -> int:
    return joined(bits for steps in clauses for bits in steps)


def steps_of_clauses(reply: Reply) -> list[list[int]]:
    """The bits of each step of each clause; 0 is a word that no list has, the names of languages apart."""
    named = frozenset(reply.every_word).difference(reply.names.left)
    return [_without_names(clause, named) for clause in senses_of(reply.clauses, reply.own | {"en"})]


def _without_names(clause: Sense, named: frozenset[str]) -> list[int]:
    strange = iter(clause.unexplained)
    return [bits or (_FILLER if next(strange) in named else 0) for bits in clause.steps]


def signs_of(reply: Reply, clauses: Collection[Sequence[int]]) -> Iterator[str]:
    """What is weighed of a reply that is made of these steps, each sign once."""
    said = [[_names(bits) for bits in steps if bits and bits != _FILLER] for steps in clauses]
    strange = sum(1 for steps in clauses for bits in steps if not bits)
    asked = "invited" if reply.invited else "asked" if reply.question else "unasked"
    found = (
        f"to {asked}",
        f"words {min(len(reply.every_word).bit_length(), _MOST_LENGTHS)}",
        f"strange {min(strange, _MOST_STRANGE)}",
        *(["?"] if reply.asks else []),
        *(["a language"] if reply.names.names else []),
        *_of_what_is_said(said, asked),
    )
    yield from dict.fromkeys(found)


def _of_what_is_said(said: Sequence[Sequence[Sequence[str]]], asked: str) -> Iterator[str]:
    steps = [names for clause in said for names in clause]
    every = sorted({name for names in steps for name in names})
    yield from every
    yield from (f"{name} to {asked}" for name in every)
    yield from (f"{one} & {other}" for one, other in combinations(every, 2))
    yield from ("+".join(names) for names in steps if len(names) > 1)
    yield from (f"first {name}" for names in steps[:1] for name in names)
    yield from (f"last {name}" for names in steps[-1:] for name in names)
    yield from _in_order(said)


def _in_order(said: Sequence[Sequence[Sequence[str]]]) -> Iterator[str]:
    """Which concept stands right before which, which a little before, and which opens a clause."""
    before: list[Sequence[str]] = []
    for clause in said:
        before = [*before[-1:], ["|"]]
        for names in clause:
            for far, earlier in enumerate(reversed(before[-_BEFORE:])):
                yield from (f"{one} {'>>' if far else '>'} {name}" for one in earlier for name in names)
            before.append(names)


@cache
def _names(bits: int) -> Sequence[str]:
    return [name for name in CONCEPTS if bits & BIT[name] and name != "filler"]
