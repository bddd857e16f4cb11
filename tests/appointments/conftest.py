"""A person with a phone and a clinic of their practice, on a Tuesday morning."""

from collections.abc import Iterator

import pytest
import time_machine

from bot.database import Database
from bot.settings import Settings
from tests.appointments.talking import Talk, a_talk
from tests.messaging.helpers import london, with_changes

MORNING = "2026-11-24 10:05"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(london(MORNING), tick=False) as traveller:
        yield traveller


@pytest.fixture
def talk(db: Database, settings: Settings, clock: time_machine.Traveller) -> Talk:
    """A person who reads Urdu, whose practice sends from 8 to 20."""
    return a_talk(db, with_changes(settings, sender_parts_per_second=1000, send_window="08:00-20:00"), clock)
