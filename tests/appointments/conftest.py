"""A practice and commands; a person with a phone and a clinic of their practice, on a Tuesday morning."""

from collections.abc import Iterator

import pytest
import time_machine

from bot.database import Database
from bot.settings import Settings
from bot.tables.organisations import Practice
from tests.appointments.talking import Talk, a_talk
from tests.factories import make_practice
from tests.messaging.helpers import london, with_changes
from tests.organisations.conftest import Ask as Ask
from tests.organisations.conftest import ask as ask

MORNING = "2026-11-24 10:05"


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(london(MORNING), tick=False) as traveller:
        yield traveller


@pytest.fixture
def talk(db: Database, settings: Settings, clock: time_machine.Traveller) -> Talk:
    """A person who reads Urdu, whose practice sends from 8 to 20."""
    return a_talk(db, with_changes(settings, sender_parts_per_second=1000, send_window="08:00-20:00"), clock)
