"""A poster on a wall, on a Tuesday morning."""

import pytest
import time_machine

from bot.database import Database
from bot.settings import Settings
from tests.appointments.youth.walls import Wall, a_wall


@pytest.fixture
def wall(db: Database, settings: Settings, clock: time_machine.Traveller) -> Wall:
    return a_wall(db, settings, clock)
