from collections.abc import Iterator

import pytest
import time_machine

from tests.messaging.helpers import london


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Later in the morning: the pharmacy has been open for an hour."""
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as traveller:
        yield traveller
