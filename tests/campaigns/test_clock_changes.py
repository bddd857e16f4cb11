"""A campaign planned and released in the night in which the clocks change."""

import pytest
import time_machine

from bot.clock import LONDON, in_window, utc_now
from bot.database import Database
from bot.settings import Settings
from tests.campaigns.helpers import approve, make_cohort, plan
from tests.factories import make_partner, make_practice
from tests.messaging.helpers import claim, with_changes

NIGHTS = [
    "2026-10-24T23:30:00Z",  # before they go back
    "2026-10-25T00:30:00Z",  # 1:30, summer time
    "2026-10-25T01:00:00Z",  # 1:00 again
    "2026-10-25T01:30:00Z",
    "2027-03-28T00:59:00Z",  # the last minute of winter time
    "2027-03-28T01:00:00Z",  # 2:00
    "2027-03-28T01:30:00Z",
]
WINDOWS = ["08:00-20:00", "01:00-02:00", "01:30-03:00", "02:00-04:00", "00:00-24:00"]


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("window", WINDOWS)
def test_every_text_goes_in_the_window_and_none_is_forgotten(
    db: Database, settings: Settings, night: str, window: str
) -> None:
    ours = with_changes(settings, send_window=window, send_days="all", sender_parts_per_second=1000)
    with time_machine.travel(night, tick=False) as clock:
        practice = make_practice(db)
        make_partner(db, practice, places=3)
        make_cohort(db, practice, 3)
        released = approve(db, ours, plan(db, ours).campaign)
        sent = 0
        for _ in range(2 * 24 * 4):
            went = len(claim(db, ours))
            assert not went or in_window(utc_now(), ours, outreach=True), utc_now().astimezone(LONDON)
            sent += went
            clock.shift(15 * 60)
    assert sent == released > 0
