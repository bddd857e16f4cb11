"""How alike two texts are, by the runs of letters they share: chrF, as sacrebleu counts it."""

from collections import Counter

_LONGEST = 6
_RECALL_OVER_PRECISION = 2**2


def chrf(hypothesis: str, reference: str) -> float:
    """Return 0 (nothing in common) to 100 (the same), over character n-grams of 1 to 6, beta 2, without spaces.

    Orders for which one side is too short are left out. Two empty texts have nothing in common.
    """
    ours, theirs = "".join(hypothesis.split()), "".join(reference.split())
    longest = min(_LONGEST, len(ours), len(theirs))
    if longest == 0:
        return 0.0
    shares = [_precision_and_recall(ours, theirs, order) for order in range(1, longest + 1)]
    precision = sum(share[0] for share in shares) / longest
    recall = sum(share[1] for share in shares) / longest
    weighed = _RECALL_OVER_PRECISION * precision + recall
    return 100 * (1 + _RECALL_OVER_PRECISION) * precision * recall / weighed if weighed else 0.0


def _precision_and_recall(ours: str, theirs: str, order: int) -> tuple[float, float]:
    found, wanted = _runs(ours, order), _runs(theirs, order)
    shared = (found & wanted).total()
    return shared / found.total(), shared / wanted.total()


def _runs(text: str, order: int) -> Counter[str]:
    return Counter(text[at : at + order] for at in range(len(text) - order + 1))
