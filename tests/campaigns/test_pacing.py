from datetime import timedelta
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaigns.pacing import (
    BATCH_LIMIT,
    CONFIDENCE,
    InLine,
    Learned,
    age_weight,
    chance_of_at_most,
    next_batch_size,
    next_shares,
)
from bot.partners.capacity import Capacity

VISITS = (20, 80)
GROUPS = st.lists(st.builds(InLine, st.integers(0, 150), st.floats(-20, 120)), max_size=12)
LEARNED = st.integers(0, 300).flatmap(lambda settled: st.builds(Learned, st.just(settled), st.integers(0, settled)))


@pytest.mark.parametrize(
    ("free", "learned", "size"),
    [(30, Learned(), 73), (10, Learned(), 22), (10, Learned(settled=64, yes=30), 19)],
)
def test_the_worked_examples_hold_exactly(free: int, learned: Learned, size: int):
    assert next_batch_size(1000, free, learned) == (size, "places")


def test_the_first_yes_rate_is_a_third():
    assert Learned().yes_rate == pytest.approx(34 / 105)


def test_a_campaign_learns_from_its_own_settled_texts():
    assert Learned(settled=64, yes=30).yes_rate == pytest.approx(64 / 169)


@pytest.mark.parametrize(
    ("waiting", "free", "expected"),
    [
        (1000, 500, (100, "batch-size")),
        (40, 500, (40, "cohort")),
        (100, 500, (100, "cohort")),
        (1000, 0, (0, "places")),
        (1000, -4.5, (0, "places")),
        (1000, 0.99, (0, "places")),
        (1, 1, (1, "cohort")),
        (0, 30, (0, "cohort")),
    ],
)
def test_what_limits_a_batch_is_told(waiting: int, free: float, expected: tuple[int, str]):
    assert next_batch_size(waiting, free, Learned()) == expected


@pytest.mark.parametrize(("hours", "weight"), [(-1, 1.0), (0, 1.0), (18, 0.75), (36, 0.5), (72, 0.0), (100, 0.0)])
def test_an_unanswered_text_counts_less_in_a_straight_line(hours: int, weight: float):
    assert age_weight(timedelta(hours=hours)) == pytest.approx(weight)


def test_free_places_may_be_below_zero():
    assert Capacity(places=10, holding=9, expected=2.5).free == -1.5


@given(LEARNED, st.integers(0, 60))
def test_the_chances_of_all_counts_of_yeses_add_up_to_one(learned: Learned, texts: int):
    assert chance_of_at_most(texts - 1, texts, learned) <= chance_of_at_most(texts, texts, learned) == 1.0
    chances = [chance_of_at_most(k, texts, learned) for k in range(-1, texts)]
    assert chances == sorted(chances)
    assert all(0 <= chance <= 1 + 1e-9 for chance in chances)


@given(st.integers(0, 400), st.floats(-20, 200), LEARNED)
def test_a_batch_never_promises_more_than_the_places_nine_times_in_ten(waiting: int, free: float, learned: Learned):
    size, _ = next_batch_size(waiting, free, learned)
    assert 0 <= size <= min(BATCH_LIMIT, waiting)
    if size:
        assert chance_of_at_most(floor(free), size, learned) >= CONFIDENCE


@given(st.integers(0, 400), st.floats(-20, 200), LEARNED)
def test_no_larger_batch_would_have_fitted(waiting: int, free: float, learned: Learned):
    size, limited_by = next_batch_size(waiting, free, learned)
    if limited_by == "places":
        assert chance_of_at_most(floor(free), size + 1, learned) < CONFIDENCE


@given(st.integers(0, 400), st.floats(-20, 200), st.floats(0, 30), LEARNED)
def test_more_free_places_never_make_a_smaller_batch(waiting: int, free: float, more: float, learned: Learned):
    assert next_batch_size(waiting, free, learned)[0] <= next_batch_size(waiting, free + more, learned)[0]


@pytest.mark.parametrize(("free", "size"), [(0, 0), (1, 2), (2, 5), (6, 19), (10, 34)])
def test_the_worked_examples_of_visits_hold_exactly(free: int, size: int):
    learned = Learned(prior=VISITS)
    assert next_batch_size(1000, free, learned)[0] == size
    assert next_shares([InLine(1000, free)], learned) == ([size], "slots")


def test_a_campaign_of_visits_begins_at_a_fifth_and_learns():
    assert Learned(prior=VISITS).yes_rate == pytest.approx(0.2)
    assert Learned(settled=100, yes=50, prior=VISITS).yes_rate == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([], ([], "cohort")),
        ([InLine(3, 30), InLine(2, 30)], ([3, 2], "cohort")),
        ([InLine(3, 30), InLine(2, 0)], ([3, 0], "slots")),
        ([InLine(3, 30), InLine(0, 0)], ([3, 0], "cohort")),
        ([InLine(60, 90), InLine(40, 90)], ([60, 40], "cohort")),
        ([InLine(60, 90), InLine(41, 90)], ([60, 41], "batch-size")),
        ([InLine(300, 900)], ([100], "batch-size")),
        ([InLine(300, 900), InLine(9, 1)], ([100, 2], "slots")),
    ],
)
def test_what_limits_a_batch_of_groups_is_told(groups: list[InLine], expected: tuple[list[int], str]):
    assert next_shares(groups, Learned(prior=VISITS)) == expected


@given(GROUPS, LEARNED)
def test_no_group_is_invited_beyond_its_own_times_nor_short_of_them(groups: list[InLine], learned: Learned):
    shares, limited_by = next_shares(groups, learned)
    assert len(shares) == len(groups)
    for share, group in zip(shares, groups, strict=True):
        assert 0 <= share <= min(BATCH_LIMIT, group.waiting)
        if share:
            assert chance_of_at_most(floor(group.free), share, learned) >= CONFIDENCE
        if share < min(BATCH_LIMIT, group.waiting):
            assert limited_by == "slots"
            assert chance_of_at_most(floor(group.free), share + 1, learned) < CONFIDENCE


@given(GROUPS, GROUPS, LEARNED)
def test_other_groups_change_nothing_for_a_group(groups: list[InLine], others: list[InLine], learned: Learned):
    assert next_shares(groups + others, learned)[0][: len(groups)] == next_shares(groups, learned)[0]
