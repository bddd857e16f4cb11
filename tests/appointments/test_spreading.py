"""Times that are offered lie on different days and at different parts of the day, and leave no slot alone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.appointments.by_text.spreading import Part, part_of, spread
from bot.appointments.joint.choosing import Leaves
from bot.clock import LONDON
from tests.appointments.talking import wall
from tests.messaging.helpers import london


class Time(NamedTuple):
    starts: datetime
    ends: datetime
    leaves: Leaves = Leaves.NONE_ALONE


def times(*starts: str, minutes: int = 20, leaves: Leaves = Leaves.NONE_ALONE) -> list[Time]:
    moments = [london(f"2026-{start}").astimezone(UTC) for start in starts]
    return [Time(moment, moment + timedelta(minutes=minutes), leaves) for moment in moments]


def offered(given: list[Time]) -> list[str]:
    return [wall(time.starts)[5:] for time in spread(given)]


def test_three_days_and_three_parts_of_the_day_where_there_are_such() -> None:
    all_of_it = times(
        *("12-01 09:00", "12-01 09:20", "12-01 14:00", "12-02 09:00", "12-02 14:00", "12-03 09:00", "12-03 18:30")
    )
    assert offered(all_of_it) == ["12-01 09:00", "12-02 14:00", "12-03 18:30"]


def test_of_mornings_alone_three_days_and_of_one_day_its_parts() -> None:
    assert offered(times("12-01 09:00", "12-01 10:00", "12-02 09:00", "12-03 09:00")) == [
        "12-01 09:00",
        "12-02 09:00",
        "12-03 09:00",
    ]
    assert offered(times("12-01 09:00", "12-01 09:20", "12-01 14:00", "12-01 17:30")) == [
        "12-01 09:00",
        "12-01 14:00",
        "12-01 17:30",
    ]


def test_a_saturday_is_a_part_of_its_own() -> None:
    assert part_of(london("2026-12-05 10:00")) == Part.WEEKEND
    assert offered(times("12-01 09:00", "12-02 09:00", "12-03 09:00", "12-05 09:00")) == [
        "12-01 09:00",
        "12-02 09:00",
        "12-05 09:00",
    ]


def test_an_evening_in_five_weeks_is_no_choice_beside_tomorrow() -> None:
    assert offered(times("12-01 09:00", "12-02 09:00", "12-03 09:00", "12-31 18:00")) == [
        "12-01 09:00",
        "12-02 09:00",
        "12-03 09:00",
    ]


def test_what_leaves_a_slot_alone_comes_last() -> None:
    astray = times("12-01 09:10", "12-02 14:10", leaves=Leaves.ONE_ASTRAY)
    assert offered([*astray, *times("12-03 09:00", "12-03 09:20", "12-03 09:40")]) == [
        "12-03 09:00",
        "12-03 09:20",
        "12-03 09:40",
    ]
    assert offered([*astray, *times("12-03 09:00")]) == ["12-01 09:10", "12-02 14:10", "12-03 09:00"]


@pytest.mark.parametrize("wanted", [0, 1, 2, 3, 5])
def test_no_more_than_wanted_and_all_there_are(wanted: int) -> None:
    assert len(spread(times("12-01 09:00", "12-02 09:00", "12-03 09:00"), wanted)) == min(wanted, 3)
    assert spread([], wanted) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, 40 * 24 * 6), st.sampled_from([10, 20]), st.sampled_from(Leaves)),
        unique_by=lambda time: time[0],
        max_size=40,
    )
)
def test_what_is_offered_was_free_is_in_order_and_does_not_overlap(drawn: list[tuple[int, int, Leaves]]) -> None:
    first = datetime(2026, 10, 20, tzinfo=UTC)
    given_times = [
        Time(start := first + timedelta(minutes=10 * at), start + timedelta(minutes=minutes), leaves)
        for at, minutes, leaves in drawn
    ]
    chosen = spread(given_times)
    assert set(chosen) <= set(given_times)
    assert chosen == sorted(chosen)
    assert all(one.ends <= other.starts for one, other in pairwise(chosen))
    assert (len(chosen) == 0) == (len(given_times) == 0)
    near = [time for time in given_times if time.leaves is not Leaves.ONE_ASTRAY]
    if len(near) == len(given_times) and near:
        soonest = min(time.starts for time in near)
        days = {t.starts.astimezone(LONDON).date() for t in near if t.starts - soonest <= timedelta(days=14)}
        assert len({time.starts.astimezone(LONDON).date() for time in chosen}) >= min(3, len(days))
