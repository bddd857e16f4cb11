"""`make danger-head`: the head of the second opinion, made anew from the sentences in `locales/` and from replies.

Two logistic layers over the vectors of whole sentences, fitted by Newton's method from nothing, so that the same
sentences and the same model give the same head. Most replies of the seen halves (`tests/understanding/replies`) are
learned from as harmless: answers with reasons, "take me off the list, the phone wakes the child", are what it reads
most. From which danger on a reply is paged or red is chosen on the seen halves of danger, and on those replies and
ordinary sentences that are not learned from; nothing here looks at what is only scored.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.opinions.head import HEAD, Head, Layer, digest, plain
from bot.opinions.pieces import pieces_of
from bot.opinions.vectors import Vectors, model_digest, model_file
from bot.texts.wording import LOCALES_DIR
from bot.understanding.sentences import SENTENCES, Sentence, sentences_in
from tests.understanding import replies_scoring
from tests.understanding.scoring import Line, lines

BY_ANOTHER = ("abuse", "child-at-risk")
RED, FINE, AMBER, ORDINARY, REPLY = "red", "fine", "amber", "ordinary", "reply"
MOST_RED = {FINE: 0.005, AMBER: 0.04, ORDINARY: 0.003, REPLY: 0.002}
MOST_PAGED = {FINE: 0.06, ORDINARY: 0.01, REPLY: 0.006}
"""Of the sentences of a kind, the share that may be called so by the second opinion alone."""
HARM_FOUND = 0.9
"""Of harm by another, the share for which no 999 text goes unasked."""
HELD_BACK, HARM_HELD_BACK = 300.0, 100.0
"""How strongly large weights are held back."""
WEIGHT = {FINE: 2.0}
"""What only sounds like danger counts for more: there it errs most."""
KEPT_APART = 4
"""Of so many replies or ordinary sentences one is not learned from: the thresholds are chosen on it."""
ROUNDS, DIGITS = 12, 5

Array = np.ndarray[Any, Any]
Embed = Callable[[str], Sequence[float]]


def learned_from(locales: Path) -> Iterator[tuple[str, Sentence]]:
    """Folder or tag, and sentence, of all that a head is made from."""
    for number, each in enumerate(written(locales)):
        if number % KEPT_APART or each[1].level != ORDINARY:
            yield each
    yield from (each for number, each in enumerate(replies()) if number % KEPT_APART)


def written(locales: Path) -> Iterator[tuple[str, Sentence]]:
    """Folder and sentence of all that is written down of danger and of none."""
    for path in sorted(locales.glob(f"*/{SENTENCES}")):
        yield from ((path.parent.name, sentence) for sentence in sentences_in(path))


def kept_apart(locales: Path) -> Iterator[Line]:
    """Replies and ordinary sentences that are not learned from."""
    for number, (tag, reply) in enumerate(replies()):
        if not number % KEPT_APART:
            yield Line(tag, *reply)
    for number, (folder, sentence) in enumerate(written(locales)):
        if not number % KEPT_APART and sentence.level == ORDINARY:
            yield Line(folder, *sentence)


def replies() -> Iterator[tuple[str, Sentence]]:
    """Tag and text of every reply of the seen halves, as a harmless sentence."""
    for line in replies_scoring.lines("seen"):
        yield line.tag, Sentence(REPLY, "", line.text)


def digest_of(locales: Path) -> str:
    """The sha256 of all sentences that a head is made from."""
    return digest("\n".join("\t".join((folder, *sentence)) for folder, sentence in learned_from(locales)))


def make_head(locales: Path, model: str, embed: Embed) -> Head:
    """The head for the sentences of this folder.

    :param model: the sha256 of the model whose vectors `embed` gives.
    """
    sentences = [sentence for _, sentence in learned_from(locales)]
    vectors = np.array([embed(plain(each.text)) for each in sentences])
    red = np.array([each.level == RED for each in sentences])
    harm = np.array([each.category in BY_ANOTHER for each in sentences])
    weights = np.array([WEIGHT.get(each.level, 1.0) for each in sentences])
    danger = _fit(vectors, red, weights, HELD_BACK)
    by_another = _fit(vectors[red], harm[red], weights[red], HARM_HELD_BACK)  # asked of what is red alone
    layers = Head(
        model, digest_of(locales), paged_from=0.0, red_from=0.0, harm_from=0.0, danger=danger, by_another=by_another
    )
    return _with_thresholds(layers, embed, kept_apart(locales))


def _with_thresholds(head: Head, embed: Embed, apart: Iterator[Line]) -> Head:
    """The same with the likelihoods from which it counts, by what is called so of what is seen and not learned from."""
    seen = [*lines("seen"), *apart]
    pieces = [[embed(piece) for piece in pieces_of(line.text)] for line in seen]
    levels = np.array([line.level for line in seen])
    likely = np.array([head.weigh(vectors).danger for vectors in pieces])
    head = replace(head, paged_from=_from(likely, levels, MOST_PAGED), red_from=_from(likely, levels, MOST_RED))
    theirs = [vectors for line, vectors in zip(seen, pieces, strict=True) if line.category in BY_ANOTHER]
    harm = np.quantile([head.weigh(vectors).by_another for vectors in theirs], 1 - HARM_FOUND)
    return replace(head, harm_from=_rounded(harm))


def _fit(vectors: Array, wanted: Array, counts: Array, held_back: float) -> Layer:
    """The layer that tells what is wanted from the rest, in the units of the vectors; each counts for so much."""
    middle, spread = vectors.mean(axis=0), vectors.std(axis=0).mean()
    given = np.column_stack(((vectors - middle) / spread, np.ones(len(vectors))))
    held = np.full(given.shape[1], held_back)
    held[-1] = 1e-6
    found = np.zeros(given.shape[1])
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp(-given @ found))
        slope = given.T @ (counts * (likely - wanted)) + held * found
        curve = (given * (counts * likely * (1 - likely))[:, None]).T @ given + np.diag(held)
        found = found - np.linalg.solve(curve, slope)
    weights = found[:-1] / spread
    return Layer([_rounded(weight) for weight in weights], _rounded(found[-1] - weights @ middle))


def _from(likely: Array, levels: Array, most: dict[str, float]) -> float:
    """The lowest likelihood at which no kind of sentence is called so more often than it may be."""
    lowest = (np.quantile(likely[levels == level], 1 - share) for level, share in most.items())
    return _rounded(max(lowest) + 10.0**-DIGITS)


def _rounded(number: float) -> float:
    return round(float(number), DIGITS)


def main() -> None:
    """Write the head that comes with this version."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--locales", type=Path, default=LOCALES_DIR)
    asked = parser.parse_args()
    file = model_file()
    if file is None:
        raise SystemExit("The model is not installed: there is a package for Linux on x86-64 alone.")
    head = make_head(asked.locales, model_digest(file), Vectors(file).of)
    HEAD.write_text(head.as_text(), encoding="utf-8")
    count = sum(1 for _ in learned_from(asked.locales))
    print(f"{count} sentences; paged from {head.paged_from}, red from {head.red_from}, harm from {head.harm_from}")


if __name__ == "__main__":
    main()
