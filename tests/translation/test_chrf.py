"""How alike two texts are; the figures are sacrebleu's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translation.chrf import chrf


@pytest.mark.parametrize(
    ("hypothesis", "reference", "score"),
    [
        ("The cat sat on the mat.", "The cat sat on a mat.", 71.42247563033848),
        ("Do not take 4 tablets", "Take 4 tablets", 80.49134530716422),
        ("میں پیر کو نہیں آ سکتا", "مجھے پیر کو آنا ہے", 24.733548420776582),
        ("a", "a", 100.0),
        ("ab", "abc", 63.636363636363626),
        ("x", "y", 0.0),
        ("hello there", "Hello  there ", 85.90608465608466),
        ("Please call us", "We have your test results.", 5.833333333333333),
    ],
)
def test_it_counts_as_sacrebleu_does(hypothesis: str, reference: str, score: float) -> None:
    assert chrf(hypothesis, reference) == pytest.approx(score)


@given(st.text(), st.text())
def test_it_lies_between_nothing_and_the_same(one: str, other: str) -> None:
    assert 0 <= chrf(one, other) <= 100.0001
    assert chrf(one, one) == pytest.approx(100 if one.split() else 0)
