"""A practice with its pharmacy, and commands on a database of the test's own."""

import pytest

from bot.database import Database
from bot.tables.accounts import Role, UserAccount
from bot.tables.organisations import Pharmacy, Practice
from tests.factories import make_account, make_practice
from tests.organisations.conftest import ask as ask
from tests.pharmacy.organising.making import make_pharmacy


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def pharmacy(db: Database) -> Pharmacy:
    """Linked to nobody yet."""
    return make_pharmacy(db)


@pytest.fixture
def lead(db: Database, practice: Practice) -> UserAccount:
    return make_account(db, Role.LEAD, practice=practice)


@pytest.fixture
def dispenser(db: Database, pharmacy: Pharmacy) -> UserAccount:
    return make_account(db, Role.PHARMACY, pharmacy=pharmacy)
