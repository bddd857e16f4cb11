from datetime import UTC, datetime, timedelta

import pytest

from bot.interpreters.asks import asked_from, lapses_at


def on(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "visit", "until"),
    [
        (on(25, 16, 10), on(26, 9, 40), on(25, 16, 40)),
        (on(25, 19, 50), on(26, 9, 40), on(26, 8, 20)),
        (on(25, 22), on(26, 9, 40), on(26, 8, 30)),
        (on(25, 6), on(26, 9, 40), on(25, 8, 30)),
        (on(25, 20), on(26, 8, 10), on(26, 8, 10)),
        (on(22, 9), on(25, 9), on(22, 9, 30)),
        (on(22, 9), on(25, 9, 1), on(23, 9)),
        (on(22, 23), on(26, 9), on(23, 23)),
    ],
)
def test_half_an_hour_runs_only_by_day_and_far_ahead_there_is_a_day(
    asked: datetime, visit: datetime, until: datetime
) -> None:
    assert lapses_at(asked, visit) == until


def test_the_day_is_that_of_the_wall_in_summer_too() -> None:
    asked = datetime(2026, 7, 1, 18, 50, tzinfo=UTC)  # 19:50 in London
    assert lapses_at(asked, asked + timedelta(days=1)) == datetime(2026, 7, 2, 7, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "texted"),
    [(on(25, 7, 59), on(25, 8)), (on(25, 8), on(25, 8)), (on(25, 19, 59), on(25, 19, 59)), (on(25, 20), on(26, 8))],
)
def test_nobody_is_asked_at_night(moment: datetime, texted: datetime) -> None:
    assert asked_from(moment) == texted
