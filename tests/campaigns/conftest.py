"""The application, with accounts whose browsers are signed in already."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.database import Database
from bot.settings import Settings
from bot.staff.tables import UserAccount
from tests.applications import application

Browser = Callable[[UserAccount], FlaskClient]


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db, tokens=False)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser with the session of that account."""

    def sign_in(account: UserAccount) -> FlaskClient:
        client = app.test_client()
        with client.session_transaction() as session:
            session["user"], session["epoch"] = account.id, account.session_epoch
        return client

    return sign_in
