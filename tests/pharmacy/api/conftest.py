import pytest

from bot.pharmacy.api.limiting import Allowance
from tests.pharmacy.api.program import Program
from tests.pharmacy.notices.world import Town


@pytest.fixture
def program(town: Town) -> Program:
    """The system of the town's pharmacy, with a key."""
    return Program(town)


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key may ask as often as it likes."""
    monkeypatch.setattr("bot.pharmacy.api.openapi_pages.take_token", lambda *_: Allowance(True, 59, 0))
