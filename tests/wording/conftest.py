"""Somebody who may approve, and settings of a practice that works in earnest."""

import pytest

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from tests.factories import make_account
from tests.messaging.helpers import live


@pytest.fixture
def earnest(settings: Settings) -> Settings:
    return live(settings)


@pytest.fixture
def reviewer(db: Database) -> UserAccount:
    return make_reviewer(db)


@pytest.fixture
def second(db: Database) -> UserAccount:
    """Somebody else who reads the language."""
    return make_reviewer(db)


def make_reviewer(db: Database, role: Role = Role.REVIEWER) -> UserAccount:
    """Somebody who has signed in before."""
    return make_account(db, role, password_hash="has signed in")
