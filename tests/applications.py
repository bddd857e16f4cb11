"""Applications made once for all tests of a process, browsers with a session, pages compiled once for all processes."""

import os
from functools import cache

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache

from bot.accounts.sessions import open_session
from bot.app import _design_system, create_app
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.web import DATABASE, SETTINGS
from tests.forks import FOLDER

OF_PROGRAMS = ("/twilio/", "/fhir/", "/api/")
"""Beginnings of addresses at which programs post, with a signature or a key in place of a form's token."""


def application(settings: Settings, database: Database, *, tokens: bool = True) -> Flask:
    """The application for these settings and this database, as it serves many requests; with or without form tokens."""
    return _made(settings.model_copy(update={"database_url": ""}), database, tokens)


@cache
def _made(settings: Settings, database: Database, tokens: bool) -> Flask:
    app = create_app(settings, database)
    app.config["WTF_CSRF_ENABLED"] = tokens
    return app


def browser_of(app: Flask, account: UserAccount) -> FlaskClient:
    """A browser with the session of that account, as if its password had been typed a moment ago."""
    client = app.test_client()
    key = open_session(app.extensions[DATABASE], app.extensions[SETTINGS], account)
    with client.session_transaction() as session:
        session["key"] = key
    return client


def form_token(client: FlaskClient) -> str:
    """The token that every form carries in this browser's session, without opening a page for it."""
    with client.session_transaction() as session:
        token = session.setdefault("csrf_token", "0" * 40)
    return str(URLSafeTimedSerializer(client.application.secret_key or "", salt="wtf-csrf-token").dumps(token))


def keep_compiled_pages() -> None:
    """From now on every process of this run shares the pages that one of them has compiled."""
    kept = FileSystemBytecodeCache(os.environ[FOLDER])
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": kept}
    _design_system().bytecode_cache = kept
