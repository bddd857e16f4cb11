"""How often strangers may ask is counted in memory of the process: each test begins with nothing counted."""

import pytest

from bot.appointments.calendars import feed_pages
from bot.appointments.calendars.slowing import Slowing


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OF_ONE_CALENDAR", "IN_VAIN"):
        monkeypatch.setattr(feed_pages, name, Slowing(30, feed_pages.WITHIN))
