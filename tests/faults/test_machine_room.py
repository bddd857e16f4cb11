"""A short form of the harness: a handful of random kills under load and trouble at Twilio, on both databases."""

from pathlib import Path

import pytest

from tests.faults.harness import a_room, run

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_random_kills_under_load_lose_nothing_and_send_nothing_twice(database: str, tmp_path: Path) -> None:
    with a_room(database, tmp_path) as (world, server):
        verdict = run(world, server, kills=3, seed=7)
    assert (verdict.lost, verdict.twice) == (0, 0), verdict
