import pytest
import time_machine

from bot.database import Database
from bot.settings import Settings
from tests.pharmacy.wire.world import Wired


@pytest.fixture
def wired(db: Database, settings: Settings, clock: time_machine.Traveller) -> Wired:
    return Wired(db, settings, clock)
