"""The application, with accounts whose browsers are signed in already."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from tests.applications import application, browser_of

Browser = Callable[[UserAccount], FlaskClient]


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db, tokens=False)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser with the session of that account."""
    return partial(browser_of, app)
