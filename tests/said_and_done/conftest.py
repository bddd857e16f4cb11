"""A campaign, and the application before its page."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from tests.applications import application, browser_of
from tests.factories import make_account
from tests.said_and_done.campaigns import Ground, make_ground


@pytest.fixture
def ground(db: Database, settings: Settings) -> Ground:
    return make_ground(db, settings)


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db, tokens=False)


@pytest.fixture
def lead(db: Database, ground: Ground) -> UserAccount:
    return make_account(db, Role.LEAD, practice=ground.practice, password_hash="has signed in")


@pytest.fixture
def leads_browser(app: Flask, lead: UserAccount) -> FlaskClient:
    return browser_of(app, lead)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()
