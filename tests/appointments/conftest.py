"""A practice, and commands on a database of the test's own."""

import pytest

from bot.database import Database
from bot.tables.organisations import Practice
from tests.factories import make_practice
from tests.organisations.conftest import Ask as Ask
from tests.organisations.conftest import ask as ask


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)
