"""The application with two practices, a partner and one account of each role, ready to be asked."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.organisations import Partner, Pharmacy, Practice
from tests.applications import application, browser_of, form_token
from tests.conftest import QUICK_HASHER
from tests.factories import make_account, make_partner, make_practice
from tests.pharmacy.organising.making import make_pharmacy

PASSWORD = "three random words here"
_HASH = QUICK_HASHER.hash(PASSWORD)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class World:
    """Who there is: `accounts` has one account of each role."""

    db: Database
    practice: Practice
    other: Practice
    partner: Partner
    pharmacy: Pharmacy
    accounts: dict[Role, UserAccount]


@pytest.fixture
def world(db: Database) -> World:
    practice, other = make_practice(db), make_practice(db, "BRIDGE")
    partner, pharmacy = make_partner(db, practice), make_pharmacy(db)
    places: dict[Role, dict[str, Any]] = {
        Role.PARTNER: {"partner": partner},
        Role.PHARMACY: {"pharmacy": pharmacy},
        Role.ADMIN: {},
    }
    accounts = {
        role: make_account(
            db,
            role,
            **places.get(role, {"practice": practice}),
            email=f"{role}@example.org",
            password_hash=_HASH,
        )
        for role in Role
    }
    return World(db, practice, other, partner, pharmacy, accounts)


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


SignIn = Callable[[Role], FlaskClient]


@pytest.fixture
def signed_in(app: Flask, world: World) -> SignIn:
    """A browser with the session of an account of that role."""

    return lambda role: browser_of(app, world.accounts[role])


def csrf_token(client: FlaskClient, path: str) -> str:
    """The token of a form on a page."""
    found = _TOKEN.search(client.get(path).get_data(as_text=True))
    assert found is not None
    return found[1]


def post(client: FlaskClient, path: str, data: dict[str, str] | None = None, **rest):
    """Send a form as the page with that form would."""
    return client.post(path, data={"csrf_token": form_token(client)} | (data or {}), **rest)
