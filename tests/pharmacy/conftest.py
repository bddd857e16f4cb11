"""A town with a pharmacy, on a clock that stands still until a test moves it."""

from collections.abc import Iterator

import pytest
import time_machine

from bot.database import Database
from bot.settings import Settings
from tests.conftest import WORKING_TUESDAY
from tests.pharmacy.notices.world import Town


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A Tuesday morning as the pharmacy opens; time passes only where a test says so."""
    with time_machine.travel(WORKING_TUESDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def town(db: Database, settings: Settings, clock: time_machine.Traveller) -> Town:
    return Town(db, settings, clock)
