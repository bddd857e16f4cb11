import pytest
from flask.testing import FlaskClient

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.applications import application, browser_of
from tests.factories import make_account
from tests.pharmacy.counter.counters import Counter, make_counter
from tests.pharmacy.notices.world import Town


@pytest.fixture
def counter(db: Database, settings: Settings, town: Town) -> Counter:
    return make_counter(db, settings, town)


@pytest.fixture
def staff(db: Database, settings: Settings, town: Town) -> FlaskClient:
    """A browser of somebody at the practice."""
    account = make_account(db, Role.PRACTICE, practice=town.practice)
    return browser_of(application(settings, db, tokens=False), account)
