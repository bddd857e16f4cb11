from collections.abc import Iterator

import pytest

from bot.settings import Settings
from tests.pharmacy.hooks.receiver import Receiver
from tests.pharmacy.hooks.system import System
from tests.pharmacy.notices.world import Town


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def system(town: Town, settings: Settings, receiver: Receiver) -> System:
    """The pharmacy of the town, whose system listens on this machine."""
    return System(town, receiver)
