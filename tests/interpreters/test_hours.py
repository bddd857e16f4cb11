from datetime import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.interpreters.hours import hours_in_words, read_hours


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("", ""),
        ("mon 08:30-11:00; thu 13:00-17:00", "mon 08:30-11:00; thu 13:00-17:00"),
        ("Monday 8.30 – 11; Thurs 13-17;", "mon 08:30-11:00; thu 13:00-17:00"),
        ("mon-wed 9-12", "mon 09:00-12:00; tue 09:00-12:00; wed 09:00-12:00"),
        ("mon 9-11; mon 11-12; mon 10-11:30", "mon 09:00-12:00"),
        ("mon 9-11, tue 9-11", "mon 09:00-11:00; tue 09:00-11:00"),
        ("fri 18:00-24:00", "fri 18:00-23:59"),
    ],
)
def test_hours_are_read_as_people_write_them(written: str, hours: str) -> None:
    assert hours_in_words(read_hours(written)) == hours


@pytest.mark.parametrize(
    "written", ["mo 9-12", "mon", "mon 9", "mon 12-9", "mon 9-9", "mon 25-26", "wed-mon 9-12", "x"]
)
def test_what_is_no_hours_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=written):
        read_hours(f"sun 9-12; {written}")


spans = st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59))


@given(st.lists(spans, max_size=8))
def test_hours_written_and_read_again_are_the_same(found: list[tuple[int, ...]]) -> None:
    hours = [(day, time(a, b), time(c, d)) for day, a, b, c, d in found if (a, b) < (c, d)]
    once = read_hours(hours_in_words(hours))
    assert read_hours(hours_in_words(once)) == once
    for one, other in pairwise(once):
        assert one[0] < other[0] or one[2] < other[1]
